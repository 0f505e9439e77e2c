// From raw files to Gold, and again: what a second run does, versions, refused rows that come back,
// rules that hold a table back, several processes at once, and interruptions at any moment.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { before, describe, test } from 'node:test';
import { a_claim, a_pet, a_policy, csv, jsonl, lake_with } from './book.mjs';
import { appears, changes, assert_good_message, bronze, exit, gold, Lake, root, silver, start } from './lake.mjs';

const outcomes = (report) => Object.fromEntries(report.tables.map((table) => [table.table, table.outcome]));
const all = (tables, outcome) => Object.fromEntries(tables.map((table) => [table, outcome]));
const versions = (lake) => Object.fromEntries(lake.json('table', 'list').map((row) => [row.table, row.version]));

describe('a second time', () => {
  test('nothing is taken in again and nothing is built again', () => {
    const lake = lake_with();
    assert.deepEqual(outcomes(lake.json('ingest')), all(bronze, 'built'));
    assert.deepEqual(outcomes(lake.json('run')), all([...silver, ...gold], 'built'));
    const before = versions(lake);

    assert.deepEqual(outcomes(lake.json('ingest')), all(bronze, 'skipped'));
    assert.deepEqual(outcomes(lake.json('run')), all([...silver, ...gold], 'skipped'));

    const after = versions(lake);
    for (const table of [...bronze, ...silver, ...gold]) assert.equal(after[table], before[table], table);
  });

  test('only what reads a changed table is built', () => {
    const lake = lake_with();
    lake.ok('ingest');
    lake.ok('run');
    lake.put('claims/more.jsonl', jsonl([a_claim({ claim_id: 'K3' })]));

    assert.equal(lake.json('ingest').rows, 1);
    const made = outcomes(lake.json('run'));

    assert.equal(made['silver.dim_customers'], 'skipped');
    assert.equal(made['silver.dim_pets'], 'skipped');
    assert.equal(made['silver.fact_claims'], 'built');
    assert.equal(made['gold.claims_analytics'], 'built');
    assert.equal(lake.count('silver.fact_claims'), 3);
  });

  test('a claim that arrives among many is brought in by key, and a rebuild gives the same rows', () => {
    const lake = lake_with();
    lake.put('claims/many.jsonl', jsonl([...Array(60).keys()].map((i) => a_claim({ claim_id: `M${i}` }))));
    lake.ok('ingest');
    lake.ok('run');
    lake.put('claims/one.jsonl', jsonl([a_claim({ claim_id: 'K3' }), a_claim({ claim_id: 'M7', paid_amount: 1 })]));
    lake.ok('ingest');
    const report = lake.json('run');

    const claims = report.tables.find((table) => table.table === 'silver.fact_claims');
    assert.equal(claims.way, 'by key (2 touched)');
    assert.equal(claims.rows, 2);
    const [explained] = lake.json('model', 'explain', 'silver.fact_claims');
    assert.equal(explained.last_way, claims.way);
    assert.equal(explained.inputs[0].whole, false);
    const after = lake.digests([...silver, ...gold]);
    lake.ok('run', '--force');
    assert.deepEqual(lake.digests([...silver, ...gold]), after);
  });

  test('--force builds although nothing changed, and gives the same rows', () => {
    const lake = lake_with();
    lake.ok('ingest');
    lake.ok('run');
    const before = lake.digests([...silver, ...gold]);

    assert.deepEqual(outcomes(lake.json('run', '--force')), all([...silver, ...gold], 'built'));

    assert.deepEqual(lake.digests([...silver, ...gold]), before);
  });

  test('a run of one table builds what it needs and no more', () => {
    const lake = lake_with();
    lake.ok('ingest');
    const made = outcomes(lake.json('run', 'silver.dim_pets'));
    assert.deepEqual(made, all(['silver.dim_customers', 'silver.dim_pets'], 'built'));
  });

  test('a correction wins over the claim that came before it', () => {
    const lake = lake_with();
    lake.ok('ingest');
    lake.ok('run');
    lake.put('claims/late.jsonl', jsonl([a_claim({ paid_amount: 0, covered_amount: 0, status: 'Denied', denial_reason: 'Not covered', updated_at: '2024-06-30T00:00:00' })]));
    lake.ok('ingest');
    lake.ok('run');
    assert.deepEqual(lake.sql("SELECT status, paid_amount FROM silver.fact_claims WHERE claim_id = 'K1'"), [{ status: 'Denied', paid_amount: 0 }]);
    assert.equal(lake.count('silver.fact_claims'), 2);
    assert.equal(lake.count('bronze.claims_raw'), 3);
  });
});

describe('time travel', () => {
  let lake;
  before(() => {
    lake = lake_with();
    lake.ok('ingest');
    lake.ok('run');
    lake.put('claims/more.jsonl', jsonl([a_claim({ claim_id: 'K3' })]));
    lake.ok('ingest');
    lake.ok('run');
  });

  test('reads a table as it was, by version and by time', () => {
    assert.equal(lake.count('silver.fact_claims'), 3);
    assert.equal(lake.count('silver.fact_claims AT (VERSION => 0)'), 2);
    assert.equal(lake.count('silver.fact_claims AT (VERSION => 1)'), 3);
    const first = lake.json('table', 'history', 'silver.fact_claims').find((commit) => commit.version === 0);
    assert.equal(lake.count(`silver.fact_claims AT (TIMESTAMP => TIMESTAMPTZ '${first.time}')`), 2);
  });

  test('says which versions there are if one is asked for that never was', () => {
    assert_good_message(lake.fails(exit.not_found, 'sql', 'SELECT count(*) FROM silver.fact_claims AT (VERSION => 9)'), 'silver', '9');
  });

  test('history lists both commits, newest first', () => {
    assert.deepEqual(lake.json('table', 'history', 'silver.fact_claims').map((commit) => [commit.version, commit.metrics.numOutputRows]), [[1, '3'], [0, '2']]);
    assert.equal(lake.json('table', 'history', 'silver.fact_claims', '--limit', '1').length, 1);
  });
});

describe('a claim that arrives before its policy', () => {
  let lake;
  before(() => {
    lake = lake_with({ 'claims.jsonl': jsonl([a_claim(), a_claim({ claim_id: 'K2', policy_id: 'L2', pet_id: 'P2' })]) });
    lake.ok('ingest');
    lake.ok('run');
  });

  test('waits in quarantine with its reason, its payload and its place', () => {
    assert.equal(lake.count('silver.fact_claims'), 1);
    const [row, ...others] = lake.sql("SELECT * FROM ops.quarantine WHERE state = 'open'");
    assert.equal(others.length, 0);
    assert.deepEqual([row.table_name, row.key, row.rules, row.source_file], ['silver.fact_claims', 'K2', ['policy_exists', 'pet_exists'], 'claims.jsonl']);
    assert.equal(row.source_position, Buffer.byteLength(jsonl([a_claim()])));
    assert.equal(JSON.parse(row.payload).claim_id, 'K2');
    const out = lake.ok('quality', 'quarantine');
    assert.match(out, /silver\.fact_claims +policy_exists, pet_exists +1 /);
  });

  test('stays there, first seen when it was, while only others come', () => {
    const [before] = lake.sql('SELECT first_seen_at FROM ops.quarantine');
    lake.put('claims/other.jsonl', jsonl([a_claim({ claim_id: 'K7' })]));
    lake.ok('ingest');
    lake.ok('run');
    assert.deepEqual(lake.sql('SELECT first_seen_at, state FROM ops.quarantine'), [{ ...before, state: 'open' }]);
  });

  test('comes back by itself when they arrive, and stays on record as replayed', () => {
    lake.put('policies/late.csv', csv([a_policy({ policy_id: 'L2', pet_id: 'P2' })]));
    lake.put('pets/late.csv', csv([a_pet({ pet_id: 'P2' })]));
    lake.ok('ingest');
    lake.ok('run');
    assert.equal(lake.count('silver.fact_claims', "claim_id = 'K2'"), 1);
    const [row, ...others] = lake.sql('SELECT key, state, resolved_at FROM ops.quarantine');
    assert.equal(others.length, 0);
    assert.deepEqual([row.key, row.state], ['K2', 'replayed']);
    assert.ok(row.resolved_at);
    assert.match(lake.ok('quality', 'quarantine'), /The quarantine is empty/);
  });
});

test('replay tries refused rows again on demand, after the rules were changed', () => {
  const lake = lake_with({ 'claims.jsonl': jsonl([a_claim({ status: 'Reopened' })]) });
  const packs = own_pack(lake);
  lake.ok('ingest');
  lake.ok('run');
  assert.equal(lake.count('silver.fact_claims'), 0);
  packs.change('2_silver/fact_claims.yml', 'in: [Submitted,', 'in: [Reopened, Submitted,');

  lake.ok('quality', 'replay');

  assert.equal(lake.count('silver.fact_claims'), 1);
  assert.equal(lake.count('gold.claims_analytics'), 1);
  assert.equal(lake.count('ops.quarantine', "state = 'open'"), 0);
});

// Gives the lake a copy of the packs that a test may change.
function own_pack(lake) {
  const packs = lake.path('..', 'packs');
  fs.cpSync(path.join(root, 'packs'), packs, { recursive: true });
  fs.writeFileSync(lake.path('claimlake.yml'), `packs_folder: ${packs}\n`);
  return {
    change(file, from, to) {
      const whole = path.join(packs, 'pet', file);
      const text = fs.readFileSync(whole, 'utf8');
      assert.ok(text.includes(from), `${from} is not in ${file}`);
      fs.writeFileSync(whole, text.replace(from, to));
    },
  };
}

describe('a rule that fails the table', () => {
  let lake, packs, good;
  before(() => {
    lake = lake_with();
    packs = own_pack(lake);
    lake.ok('ingest');
    lake.ok('run');
    good = versions(lake);
  });

  test('keeps the last good version, says which rule, and leaves no file behind', () => {
    packs.change('2_silver/fact_claims.yml', 'any_rows:                 {row_count: {min: 1}, else: warn}', 'any_rows:                 {row_count: {min: 100}, else: fail}');
    const files = fs.readdirSync(lake.path('silver/fact_claims'));

    const ended = lake.run('run', '--json');

    assert.equal(ended.code, exit.failed);
    const report = JSON.parse(ended.out);
    const refused = report.tables.find((table) => table.table === 'silver.fact_claims');
    assert.equal(report.ok, false);
    assert.equal(refused.outcome, 'refused');
    assert.match(refused.message, /rule any_rows: .*; readers keep the last good version/);
    assert.deepEqual(versions(lake)['silver.fact_claims'], good['silver.fact_claims']);
    assert.equal(lake.count('silver.fact_claims'), 2);
    assert.deepEqual(fs.readdirSync(lake.path('silver/fact_claims')), files);
    assert.equal(lake.count('ops.quality_results', "rule = 'any_rows' AND outcome = 'fail' AND table_version IS NULL"), 1);
    assert.match(lake.ok('quality', 'show', 'silver.fact_claims'), /any_rows +row_count .*fail/);
  });

  test('is tried again at the next run, and built once the rule holds', () => {
    assert.equal(lake.run('run').code, exit.failed);
    packs.change('2_silver/fact_claims.yml', '{row_count: {min: 100}, else: fail}', '{row_count: {min: 1}, else: fail}');
    const report = lake.json('run');
    assert.equal(outcomes(report)['silver.fact_claims'], 'built');
  });

  test('a model whose SQL is wrong is refused before anything runs, with file, line and column', () => {
    packs.change('3_gold/claims_by_month.sql', 'FROM silver.fact_claims', 'FROM silver.fact_claim');
    const said = lake.fails(exit.wrong_input, 'run');
    assert_good_message(said, /claims_by_month\.sql:\d+:\d+/, 'silver.fact_claim');
  });
});

describe('two processes at once', () => {
  test('take in each file exactly once, and both end well', async () => {
    const lake = Lake.empty();
    const made = lake.json('generate', '--dirty', '0.01', '--as-of', '2026-01-31');
    const both = ['ingest', 'ingest'].map((command) => start(lake.folder, ['--lake', lake.folder, command, '--json']));
    const ended = await Promise.all(both.map((process) => process.ended));
    for (const { code, out, err } of ended) assert.equal(code, exit.done, out + err);
    const [a, b] = ended.map(({ out }) => JSON.parse(out));
    assert.equal(a.rows + b.rows + lake.count('ops.quarantine'), Object.values(made.rows).reduce((sum, rows) => sum + rows));
    for (const table of bronze) assert.equal(lake.value(`SELECT count(*) - count(DISTINCT _source_file || '#' || _source_position) FROM ${table}`), 0, table);
    assert.equal(lake.value('SELECT count(*) - count(DISTINCT quarantine_id) FROM ops.quarantine'), 0);
    assert.equal(lake.count('bronze.claims_raw'), lake.json('table', 'list').find((row) => row.table === 'bronze.claims_raw').rows);
  });

  test('build the same tables, and both end well', async () => {
    const lake = Lake.empty();
    lake.ok('generate', '--dirty', '0.01', '--as-of', '2026-01-31');
    lake.ok('ingest');
    const alone = lake.copy();
    alone.ok('run', '--as-of', '2026-01-31');
    const both = ['run', 'run'].map((command) => start(lake.folder, ['--lake', lake.folder, command, '--as-of', '2026-01-31', '--json']));
    for (const { code, out, err } of await Promise.all(both.map((process) => process.ended))) assert.equal(code, exit.done, out + err);
    assert.deepEqual(lake.digests([...silver, ...gold]), alone.digests([...silver, ...gold]));
    assert.equal(lake.value('SELECT count(*) - count(DISTINCT quarantine_id) FROM ops.quarantine'), 0);
    assert.equal(lake.count('ops.quarantine'), alone.count('ops.quarantine'));
  });

  test('a reader sees whole versions while a run goes on', async () => {
    const lake = Lake.empty();
    lake.ok('generate', '--as-of', '2026-01-31');
    lake.ok('ingest');
    lake.ok('run');
    const rows = lake.count('silver.fact_claims');
    const run = start(lake.folder, ['--lake', lake.folder, 'run', '--force']);
    let ended = false;
    run.ended.then(() => (ended = true));
    let looks = 0;
    do {
      assert.equal(lake.count('silver.fact_claims'), rows);
      looks += 1;
      await new Promise((resolve) => setImmediate(resolve));
    } while (!ended && looks < 100);
    assert.equal((await run.ended).code, exit.done);
  });
});

describe('an interruption', () => {
  const tables = [...bronze, ...silver, ...gold];
  const waiting = 'SELECT table_name, source_file, source_position, rules, state FROM ops.quarantine ORDER BY ALL';
  let fresh, undisturbed;
  before(() => {
    fresh = Lake.empty();
    fresh.ok('generate', '--dirty', '0.01', '--as-of', '2026-01-31');
    const lake = fresh.copy();
    lake.ok('ingest');
    lake.ok('run', '--as-of', '2026-01-31');
    undisturbed = { rows: lake.digests(tables), waiting: lake.sql(waiting) };
  });

  // Whatever happened to `lake`: ingest and run bring it to the state of one that nobody disturbed.
  const recovers = (lake) => {
    lake.ok('ingest');
    lake.ok('run', '--as-of', '2026-01-31');
    assert.deepEqual({ rows: lake.digests(tables), waiting: lake.sql(waiting) }, undisturbed);
    assert.ok(lake.json('doctor').every((finding) => finding.ok));
  };

  // Stops the command as soon as `event` came.
  const stopped = async (lake, args, event, signal) => {
    const process = start(lake.folder, ['--lake', lake.folder, ...args]);
    await Promise.race([event, process.ended]);
    process.child.kill(signal);
    return process.ended;
  };

  test('by Ctrl-C during run ends with 130, and the lake is good', async () => {
    const lake = fresh.copy();
    lake.ok('ingest');
    const { code, err } = await stopped(lake, ['run', '--as-of', '2026-01-31'], appears(lake.path('silver/dim_customers')), 'SIGINT');
    assert.equal(code, exit.cancelled, err);
    assert.match(err, /^error: .*([Ss]topped|cancelled)/);
    assert.ok(!fs.existsSync(lake.path('gold')), 'it went on to the end');
    recovers(lake);
  });

  test('by Ctrl-C during ingest ends with 130, and the lake is good', async () => {
    const lake = fresh.copy();
    lake.ok('generate', lake.path('more'), '--scale', '10');
    const { code, err } = await stopped(lake, ['ingest', lake.path('more')], changes(lake.path('.tmp')), 'SIGINT');
    assert.equal(code, exit.cancelled, err);
    assert.equal(lake.count('bronze.claims_raw'), 0);
    recovers(lake);
  });

  for (const file of ['silver/dim_customers', 'silver/dim_customers/_delta_log/00000000000000000000.json', 'silver/dim_policies', 'silver/fact_claims/_delta_log/00000000000000000000.json', 'gold/customer_360_view']) {
    test(`by kill -9 during run, when ${file} appears, loses and doubles nothing`, async () => {
      const lake = fresh.copy();
      lake.ok('ingest');
      const { signal } = await stopped(lake, ['run', '--as-of', '2026-01-31'], appears(lake.path(file)), 'SIGKILL');
      assert.equal(signal, 'SIGKILL');
      recovers(lake);
    });
  }

  for (const file of ['bronze/claims_raw/_delta_log/00000000000000000001.json', 'bronze/pets_raw/_delta_log/00000000000000000001.json', 'ops/quarantine/_delta_log/00000000000000000001.json']) {
    test(`by kill -9 during ingest, when ${file} appears, loses and doubles nothing`, async () => {
      const lake = fresh.copy();
      const { signal } = await stopped(lake, ['ingest'], appears(lake.path(file)), 'SIGKILL');
      assert.equal(signal, 'SIGKILL');
      recovers(lake);
    });
  }
});
