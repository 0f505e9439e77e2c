// The sql command: forms of answers, the shell, and what it says of a statement that cannot run.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { before, describe, test } from 'node:test';
import { lake_with } from './book.mjs';
import { assert_good_message, at_terminal, changes, claimlake, exit, start } from './lake.mjs';

let lake;
before(() => {
  lake = lake_with();
  lake.ok('ingest');
  lake.ok('run');
});

describe('an answer', () => {
  const statement = "SELECT 1 AS n, 'a,\"b\"' AS text, NULL AS nothing, 1.50::DECIMAL(18,2) AS amount, DATE '2026-01-31' AS day";

  test('is a table for people', () => {
    assert.equal(lake.ok('sql', statement), 'n  text   nothing  amount  day\n─  ─────  ───────  ──────  ──────────\n1  a,"b"     null    1.50  2026-01-31\n');
  });
  test('is CSV', () => assert.equal(lake.ok('sql', statement, '--format', 'csv'), 'n,text,nothing,amount,day\r\n1,"a,""b""",,1.50,2026-01-31\r\n'));
  test('is JSON with exact decimals', () => {
    const out = lake.ok('sql', statement, '--json');
    assert.deepEqual(JSON.parse(out), [{ n: 1, text: 'a,"b"', nothing: null, amount: 1.5, day: '2026-01-31' }]);
    assert.match(out, /"amount": 1\.50/);
  });
  test('of no rows is still an answer', () => {
    assert.equal(lake.ok('sql', 'SELECT 1 AS n WHERE FALSE', '--format', 'csv'), 'n\r\n');
    assert.deepEqual(lake.sql('SELECT 1 AS n WHERE FALSE'), []);
  });
  test('comes with its time on demand', () => assert.match(lake.run('sql', 'SELECT 1', '--timing').err, /^1 row in \d+\.\d{3} s\n$/));
  test('comes from DESCRIBE, SHOW, EXPLAIN and the views of the pack, too', () => {
    assert.ok(lake.sql('DESCRIBE gold.monthly_kpis').some((row) => row.column_name === 'loss_ratio'));
    assert.ok(lake.sql('SHOW ALL TABLES').some((row) => row.name === 'fact_claims'));
    assert.ok(lake.sql('EXPLAIN SELECT * FROM silver.fact_claims').length > 0);
    assert.equal(lake.count('serving.vw_customer_360'), 1);
    assert.equal(lake.count('lake.silver.fact_claims'), 2);
  });
});

describe('a statement that cannot run', () => {
  test('shows its place', () => {
    const said = lake.fails(exit.wrong_input, 'sql', 'SELECT claim_id\n  FRM silver.fact_claims');
    assert_good_message(said, 'Syntax error', 'silver', '  where  2:7\n           FRM silver.fact_claims\n               ^\n');
  });
  test('shows the place of a column that is not there, and the likely ones', () => {
    const said = lake.fails(exit.wrong_input, 'sql', 'SELECT claim_idd FROM silver.fact_claims');
    assert_good_message(said, '"claim_idd" not found', 'where  1:8\n', '  try    did you mean claim_id?\n');
  });
  test('shows the place of a table that is not there', () => {
    assert_good_message(lake.fails(exit.wrong_input, 'sql', 'SELECT * FROM silver.fact_claim'), 'fact_claim does not exist', 'where  1:15\n', 'did you mean silver.fact_claims?');
  });
  test('is empty', () => assert.equal(lake.run('sql', '').code, exit.wrong_input));
  test('is two', () => assert_good_message(lake.fails(exit.wrong_input, 'sql', 'SELECT 1; SELECT 2'), 'One statement at a time'));

  test('says which forms a function has, in one line', () => {
    const said = lake.fails(exit.wrong_input, 'sql', 'SELECT claim_amount + service_date FROM silver.fact_claims');
    assert_good_message(said, 'where  1:21\n', /\n  try    it takes \+\(.*, and \d+ more\n$/);
    assert.equal(said.split('\n').length, 6);
  });
  test('names the statement that was typed and is not allowed', () => {
    assert_good_message(lake.fails(exit.wrong_input, 'sql', 'INSTALL httpfs'), 'error: INSTALL is not allowed', 'where  1:1\n');
    assert_good_message(lake.fails(exit.wrong_input, 'sql', 'CALL anything()'), 'error: CALL is not allowed');
  });

  for (const statement of ["DELETE FROM silver.fact_claims WHERE claim_id IN (SELECT a FROM read_csv('/etc/passwd') AS x(a))", "INSERT INTO silver.fact_claims SELECT * FROM read_parquet('x.parquet')", 'CREATE VIEW v AS SELECT 1', "COPY (SELECT 1) TO 'x.csv'", "ATTACH 'x.db'", 'INSTALL httpfs', 'LOAD httpfs', "SET memory_limit = '9GB'", 'PRAGMA database_list', "SELECT * FROM read_csv('/etc/passwd')", "SELECT * FROM '/etc/passwd'", "SELECT * FROM read_parquet('x.parquet')", "SELECT getenv('HOME')"]) {
    test(`is not allowed: ${statement}`, () => {
      const said = lake.fails(exit.wrong_input, 'sql', statement);
      assert.doesNotMatch(said, /root:/);
      assert_good_message(said, /^error: [A-Z]/, '  where  1:');
    });
  }
  test('takes no table away that a model builds', () => {
    assert_good_message(lake.fails(exit.wrong_input, 'sql', 'DROP TABLE silver.fact_claims'), 'Table silver.fact_claims is built by the model silver.fact_claims of the pack', '  try    take it out there first');
  });
  test('leaves the tables as they were', () => {
    assert.equal(lake.count('silver.fact_claims'), 2);
    assert.ok(!fs.existsSync('x.csv') && !fs.existsSync(lake.path('x.csv')));
  });

  test('needs more memory than it may use', () => {
    const said = lake.fails(exit.unavailable, 'sql', "SELECT length(string_agg(repeat('x', 1000) || i, ',')) FROM range(2000000) AS t(i)", '--memory', '128MB');
    assert_good_message(said, 'more memory than it may use', '--memory');
    assert.equal(lake.count('silver.fact_claims'), 2);
  });

  test('takes longer than it may', () => {
    const slow = lake.copy();
    fs.writeFileSync(slow.path('claimlake.yml'), 'query_seconds_max: 1\n');
    const said = slow.fails(exit.timeout, 'sql', 'SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE (a.range * b.range) % 7 = 3');
    assert_good_message(said, 'took longer than it may: 1 s', 'query_seconds_max');
  });
});

describe('a change of rows', () => {
  let mine;
  before(() => (mine = lake.copy()));
  const figures = (statement) => mine.sql(statement)[0];

  test('says how many rows it changed, and makes one version', () => {
    const before = mine.sql('SELECT claim_id, status FROM silver.fact_claims ORDER BY 1');
    const [first, second] = before.map((row) => row.claim_id);
    assert.deepEqual(figures(`UPDATE silver.fact_claims SET status = 'Paid twice' WHERE claim_id = '${first}'`), { num_affected_rows: 1 });
    assert.deepEqual(figures(`DELETE FROM silver.fact_claims WHERE claim_id = '${second}'`), { num_affected_rows: 1 });
    assert.deepEqual(mine.sql('SELECT claim_id, status FROM silver.fact_claims'), [{ claim_id: first, status: 'Paid twice' }]);
    assert.deepEqual(mine.sql('SELECT claim_id, status FROM silver.fact_claims AT (VERSION => 0) ORDER BY 1'), before);
    const history = JSON.parse(mine.ok('table', 'history', 'silver.fact_claims', '--json'));
    assert.deepEqual(history.map((entry) => entry.operation).slice(0, 2), ['DELETE', 'UPDATE']);
  });
  test('merges rows by key, and does nothing the second time', () => {
    const merge = "MERGE INTO silver.fact_claims t USING (SELECT * REPLACE ('Merged' AS status) FROM silver.fact_claims AT (VERSION => 0)) s ON t.claim_id = s.claim_id WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *";
    assert.deepEqual(figures(merge), { num_affected_rows: 2, num_updated_rows: 1, num_deleted_rows: 0, num_inserted_rows: 1 });
    assert.deepEqual(figures(merge), { num_affected_rows: 0, num_updated_rows: 0, num_deleted_rows: 0, num_inserted_rows: 0 });
    assert.deepEqual(mine.sql('SELECT DISTINCT status FROM silver.fact_claims'), [{ status: 'Merged' }]);
  });
  test('is for tables of one\'s own, too', () => {
    assert.equal(mine.ok('sql', 'CREATE TABLE gold.notes (claim_id STRING NOT NULL, note STRING)'), '');
    assert.deepEqual(figures("INSERT INTO gold.notes VALUES ('C1', 'call back'), ('C2', NULL)"), { num_affected_rows: 2, num_inserted_rows: 2 });
    assert_good_message(mine.fails(exit.wrong_input, 'sql', "INSERT INTO gold.notes (note) VALUES ('x')"), 'Column claim_id must not be null');
    assert_good_message(mine.fails(exit.conflict, 'sql', 'CREATE TABLE gold.notes AS SELECT 1 AS a'), 'There is a table gold.notes already');
    assert_good_message(mine.fails(exit.wrong_input, 'sql', 'CREATE TABLE gold.more (a BIGINTT)'), 'the type of column a', 'where  1:27\n');
    assert.deepEqual(figures("DELETE FROM gold.notes WHERE claim_id = 'C1'"), { num_affected_rows: 1 });
    assert.deepEqual(mine.sql('SELECT * FROM gold.notes'), [{ claim_id: 'C2', note: null }]);
  });
  test('shows the place of a mistake', () => {
    const said = mine.fails(exit.wrong_input, 'sql', 'DELETE FROM silver.fact_claims WHERE claim_idd = 1');
    assert_good_message(said, '"claim_idd" not found', 'where  1:38\n', '  try    did you mean claim_id?\n');
    assert_good_message(mine.fails(exit.wrong_input, 'sql', "UPDATE silver.fact_claims SET statsu = 'x'"), 'no column statsu', 'did you mean status?');
  });

  test('leaves tables that keep to the protocol', () => assert.match(mine.ok('table', 'check', '--data'), /nothing is wrong/));
});

describe('the shell', () => {
  const typed = (text, ...args) => claimlake(lake.folder, ['--lake', lake.folder, 'sql', ...args], { input: text });

  test('runs statements over several lines, one after the other', () => {
    const { code, out } = typed('SELECT\n  1 AS a;\nSELECT 2 AS b;\n', '--format', 'csv');
    assert.equal(code, exit.done);
    assert.equal(out, 'a\r\n1\r\nb\r\n2\r\n');
  });
  test('goes on after a mistake and ends with its code', () => {
    const { code, out, err } = typed('SELEC 1;\nSELECT 2 AS b;\n', '--format', 'csv');
    assert.equal(code, exit.wrong_input);
    assert.equal(out, 'b\r\n2\r\n');
    assert.match(err, /Syntax error/);
  });
  test('knows .tables, .mode, .timer, .help and .quit', () => {
    const { code, out, err } = typed('.tables\n.mode csv\n.timer on\nSELECT 1 AS a;\n.help\n.quit\nSELECT 9;\n');
    assert.equal(code, exit.done, err);
    assert.match(out, /^gold\.monthly_kpis +\S/m);
    assert.match(out, /\na\r\n1\r\n/);
    assert.match(out, /\.tables +tables and views/);
    assert.match(err, /1 row in /);
    assert.doesNotMatch(out, /9/);
    assert.match(typed('.bogus\n').err, /Not a shell command: '\.bogus'\n {2}try {4}\.help/);
  });
});

describe('the shell at a terminal', () => {
  const prompt = /claimlake> $/;
  const shell = () => at_terminal(lake.folder, ['--lake', lake.folder, 'sql']);

  test('Ctrl-C stops the statement that runs, or drops the one that is typed, and the shell goes on', async () => {
    const { type, sees, ended } = shell();
    await sees(prompt);
    type('SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE (a.range * b.range) % 7 = 3;\n');
    await sees(/query +\d\.\d+ s/);  // how long it takes already
    type('\x03');
    assert.match(await sees(prompt), /error: The query was cancelled/);
    type('SELECT 1,\n');
    await sees(/\.\.\.> $/);
    type('half');
    await sees(/half$/);
    type('\x03');
    await sees(prompt);
    type('SELECT 41 + 1 AS answer;\n');
    assert.match(await sees(prompt), /\n +42\r\n1 row in \d/);
    type('\x04');
    assert.equal(await ended, exit.done);
  });

  test('remembers statements, those over several lines as one, for the next shell too', async () => {
    const first = shell();
    await first.sees(prompt);
    first.type('SELECT 40 + 2\n');
    await first.sees(/\.\.\.> $/);
    first.type('AS answer;\n');
    await first.sees(prompt);
    first.type('.quit\n');
    assert.equal(await first.ended, exit.done);

    const second = shell();
    await second.sees(prompt);
    second.type('\x1b[A');
    await second.sees(/\.quit$/);
    second.type('\x1b[A');
    await second.sees(/answer;$/);
    second.type('\n');
    assert.match(await second.sees(prompt), /\n +42\r\n/);
    second.type('\x04');
    assert.equal(await second.ended, exit.done);
  });
});

test('Ctrl-C stops a statement, with 130', async () => {
  const spill = lake.path('.claimlake/spill');
  fs.mkdirSync(spill, { recursive: true });
  // It sorts more than fits, so the first overflow file in its folder tells that it is at work.
  const seen = changes(spill).then(() => {
    const [folder] = fs.readdirSync(spill).map((name) => `${spill}/${name}`);
    return fs.readdirSync(folder).length > 0 || changes(folder);
  });
  const query = start(lake.folder, ['--lake', lake.folder, 'sql', '--memory', '128MB', "SELECT max(x) FROM (SELECT repeat(md5(i::VARCHAR), 20) AS x FROM range(20000000) AS t(i) ORDER BY md5(i::VARCHAR) OFFSET 1000)"]);
  await Promise.race([seen, query.ended]);
  query.child.kill('SIGINT');
  const { code, err } = await query.ended;
  assert.equal(code, exit.cancelled, err);
  assert.match(err, /^error: .*(cancelled|[Ss]topped)/);
});
