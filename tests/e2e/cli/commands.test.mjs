// What each command does, prints and returns.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { before, describe, test } from 'node:test';
import { lake_with } from './book.mjs';
import { assert_good_message, bronze, claimlake, exit, gold, Lake, new_folder, silver, start } from './lake.mjs';

describe('without a lake', () => {
  test('help names every command, with examples and exit codes', () => {
    const { code, out } = claimlake(new_folder(), ['--help']);
    assert.equal(code, exit.done);
    for (const command of ['init', 'demo', 'doctor', 'generate', 'ingest', 'run', 'sql', 'table', 'model', 'lineage', 'why', 'quality', 'upkeep', 'serve', 'watch', 'pipeline', 'version', 'completion']) {
      assert.match(out, new RegExp(`^  ${command} +\\S`, 'm'));
    }
    assert.match(out, /Exit codes: 0 done, 1 .*failed, 2 .*usage, 3 .*input, 4 not found,\s+5 conflict, 6 unavailable .*, 7 damaged data, 8 timeout, 130 Ctrl-C/);
    assert.match(out, /Examples:\n {2}claimlake demo /);
  });

  test('each command has help of its own', () => {
    for (const command of ['init', 'demo', 'generate', 'ingest', 'run', 'sql', 'table', 'model', 'lineage', 'why', 'quality', 'upkeep', 'serve', 'watch', 'pipeline', 'doctor', 'version', 'completion']) {
      const { code, out } = claimlake(new_folder(), [command, '--help']);
      assert.equal(code, exit.done, command);
      assert.match(out, new RegExp(`Examples:\n(.*\n)* {2}.*claimlake ${command}`), command);
      for (const option of ['--lake DIR', '--json', '--memory SIZE', '--threads N']) assert.match(out, new RegExp(`For every command:\n(.*\n)* {2}${option} `), command);
    }
  });

  test('version names the program and its engine', () => {
    assert.match(claimlake(new_folder(), ['version']).out, /^claimlake \d+\.\d+\.\d+\nengine +DuckDB 1\.5\.6\n$/);
    assert.deepEqual(Object.keys(JSON.parse(claimlake(new_folder(), ['version', '--json']).out)), ['claimlake', 'duckdb']);
    assert.equal(claimlake(new_folder(), ['--version']).out, claimlake(new_folder(), ['version']).out);
  });

  test('a word that is no command gets the nearest one', () => {
    for (const [args, near] of [[['ingst'], 'claimlake ingest'], [['table', 'lst'], 'claimlake table list'], [['xyzzy'], 'claimlake --help']]) {
      const { code, out, err } = claimlake(new_folder(), args);
      assert.equal(code, exit.usage, args.join(' '));
      assert.equal(out, '');
      assert_good_message(err, `There is no command 'claimlake ${args.join(' ')}'`, `try    ${near}\n`);
    }
  });

  test('wrong usage ends with 2 and says what to look at', () => {
    for (const args of [[], ['table'], ['run', '--bogus'], ['table', 'show'], ['generate', '--scale', 'much']]) {
      const { code, err } = claimlake(new_folder(), args);
      assert.equal(code, exit.usage, args.join(' '));
      assert_good_message(err, ['claimlake', ...args.filter((word) => word === 'table' || word === 'run')].join(' '));
    }
  });

  test('wrong usage is JSON where JSON is asked for', () => {
    const { code, out } = claimlake(new_folder(), ['ingst', '--json']);
    assert.equal(code, exit.usage);
    assert.equal(JSON.parse(out).error.next, 'claimlake ingest');
  });

  test('commands that need a lake say that there is none, and make nothing', () => {
    const folder = new_folder();
    for (const args of [['ingest'], ['run'], ['generate'], ['sql', 'SELECT 1'], ['table', 'list'], ['table', 'show', 'gold.monthly_kpis'], ['model', 'list'], ['quality', 'show'], ['upkeep'], ['serve'], ['watch'], ['pipeline', 'status'], ['pipeline', 'mode', 'manual'], ['pipeline', 'waiting'], ['pipeline', 'step', 'gold']]) {
      const { code, err } = claimlake(folder, args);
      assert.equal(code, exit.not_found, args.join(' '));
      assert_good_message(err, "no lake in 'lake'", 'claimlake');
    }
    assert.deepEqual(fs.readdirSync(folder), []);
  });

  test('doctor says so, too', () => {
    const { code, out } = claimlake(new_folder(), ['doctor']);
    assert.equal(code, exit.failed);
    assert.match(out, /^BAD +lake +There is no lake in 'lake'\n/m);
  });

  test('generate makes files in a folder of its own', () => {
    const folder = new_folder();
    const made = JSON.parse(claimlake(folder, ['generate', 'exports', '--as-of', '2026-01-31', '--json']).out);
    assert.deepEqual(fs.readdirSync(path.join(folder, 'exports')).sort(), ['claims.jsonl', 'customers.csv', 'meta.json', 'pets.csv', 'policies.csv', 'vet_providers.csv']);
    const lines = (name) => fs.readFileSync(path.join(folder, 'exports', name), 'utf8').split('\n').length - 1;
    assert.equal(lines('claims.jsonl'), made.rows.claims);
    assert.equal(lines('customers.csv') - 1, made.rows.customers);
    assert.equal(made.as_of, '2026-01-31');
    assert.equal(made.defects, 0);
  });

  test('generate refuses numbers and days that make no sense', () => {
    for (const args of [['--scale', '0'], ['--dirty', '2'], ['--as-of', '2026-02-30']]) {
      const { code, err } = claimlake(new_folder(), ['generate', 'x', ...args]);
      assert.equal(code, exit.wrong_input, args.join(' '));
      assert.ok(err.includes(args[1]), err);
    }
  });

  test('completion is a script that bash accepts and that knows the commands', () => {
    const folder = new_folder();
    const { code, out } = claimlake(folder, ['completion', 'bash']);
    assert.equal(code, exit.done);
    for (const word of ['ingest', 'quality', '--lake', 'quarantine']) assert.ok(out.includes(word), word);
    assert.match(out, /complete -F _claimlake claimlake/);
    assert.equal(claimlake(folder, ['-n'], { prefix: ['bash', '-c', out + '\ntrue'] }).code, exit.done);
    assert.equal(claimlake(folder, ['completion', 'fish']).code, exit.wrong_input);
  });

  test('completion proposes what may stand there', () => {
    const lake = Lake.empty();
    const folder = path.dirname(lake.folder);
    // What bash would propose for a line whose last word is being typed.
    const proposed = (...words) => {
      const script = 'program=$1; shift; eval "$("$program" completion bash)"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _claimlake "$program"; printf "%s\\n" "${COMPREPLY[@]}"';
      const { code, out } = claimlake(folder, ['claimlake', ...words], { prefix: ['bash', '-c', script, 'bash'] });
      assert.equal(code, exit.done);
      return out.split('\n').filter((word) => word);
    };
    assert.deepEqual(proposed('qu'), ['quality']);
    assert.deepEqual(proposed('--lake', 'lake', 'table', 'h'), ['history']);
    assert.deepEqual(proposed('sql', '--fo'), ['--format']);
    assert.deepEqual(proposed('sql', '--format', ''), ['box', 'csv', 'json']);
    assert.deepEqual(proposed('generate', '--th'), ['--threads']);
    assert.deepEqual(proposed('--lake', 'l'), ['lake']);
    assert.deepEqual(proposed('table', 'show', 'bronze.c'), ['bronze.claims_raw', 'bronze.customers_raw']);
    assert.deepEqual(proposed('--lake', lake.folder, 'model', 'show', 'gold.m'), ['gold.monthly_kpis']);
    assert.deepEqual(proposed('--lake', 'nowhere', 'table', 'show', ''), []);
  });
});

describe('an empty lake', () => {
  test('init makes it, says what comes next, and does it once only', () => {
    const lake = new Lake();
    const said = lake.ok('init');
    for (const next of ['claimlake generate', 'claimlake ingest', 'claimlake run']) assert.ok(said.includes(`${next} --lake ${lake.folder}`), said);
    const marker = JSON.parse(fs.readFileSync(lake.path('.claimlake/lake.json'), 'utf8'));
    assert.equal(marker.format, 1);
    assert.equal(marker.pack, 'pet');
    assert.ok(fs.existsSync(lake.path('claimlake.yml')) && fs.statSync(lake.path('raw')).isDirectory());

    assert_good_message(lake.fails(exit.conflict, 'init'), 'is a lake already');
  });

  test('init refuses a folder with something in it', () => {
    const lake = new Lake(new_folder());
    fs.writeFileSync(lake.path('diary.txt'), 'mine');
    assert_good_message(lake.fails(exit.wrong_input, 'init'), 'is not empty');
    assert.deepEqual(fs.readdirSync(lake.folder), ['diary.txt']);
  });

  test('every table can be asked before there is a row', () => {
    const lake = Lake.empty();
    for (const table of [...bronze, 'ops.runs', 'ops.quality_results', 'ops.quarantine']) assert.equal(lake.count(table), 0, table);
    assert.match(lake.ok('quality', 'show'), /none has run yet/);
    assert.match(lake.ok('quality', 'quarantine'), /quarantine is empty/);
    assert.match(lake.ok('quality', 'replay'), /Nothing waits/);
  });

  test('ingest of an empty folder says which names it takes', () => {
    const lake = Lake.empty();
    assert_good_message(lake.fails(exit.not_found, 'ingest'), 'claims.jsonl', 'customers.csv', lake.path('raw'));
  });

  test('the lake may be named by CLAIMLAKE_LAKE', () => {
    const lake = Lake.empty();
    const { code, out } = claimlake(new_folder(), ['table', 'list', '--json'], { prefix: ['env', `CLAIMLAKE_LAKE=${lake.folder}`] });
    assert.equal(code, exit.done);
    assert.ok(JSON.parse(out).some((row) => row.table === 'bronze.claims_raw'));
  });
});

describe('a built lake', () => {
  let lake;
  before(() => {
    lake = lake_with();
    lake.ok('ingest');
    lake.ok('run');
  });

  test('has the tables of its pack and those of the program', () => {
    const tables = lake.json('table', 'list').map((row) => row.table);
    assert.deepEqual(tables, [...bronze, ...gold, 'ops.models', 'ops.quality_results', 'ops.quarantine', 'ops.runs', ...silver].sort());
    const shown = lake.ok('table', 'list');
    for (const table of tables) assert.match(shown, new RegExp(`^${table} +\\d+ `, 'm'));
  });

  test('answers each command with one JSON value', () => {
    const files = lake.path('raw/claims.jsonl');
    const commands = [
      ['ingest'], ['ingest', files], ['run'], ['run', 'gold.monthly_kpis'], ['sql', 'SELECT 1 AS one'],
      ['table', 'list'], ['table', 'show', 'silver.fact_claims'], ['table', 'history', 'silver.fact_claims'], ['table', 'detail', 'silver.fact_claims'], ['table', 'files', 'silver.fact_claims'],
      ['model', 'list'], ['model', 'show', 'gold.customer_360_view'], ['model', 'check'],
      ['quality', 'show'], ['quality', 'show', '--all'], ['quality', 'show', 'silver.fact_claims'], ['quality', 'quarantine'], ['quality', 'quarantine', '--rows'], ['quality', 'replay'],
      ['doctor'], ['version'], ['completion'],
    ];
    for (const command of commands) assert.doesNotThrow(() => lake.json(...command), command.join(' '));
    const two = lake.json('ingest', files, lake.path('raw/pets.csv'));
    assert.deepEqual(two.map((report) => report.tables[0].table), ['bronze.claims_raw', 'bronze.pets_raw']);
  });

  test('answers each error with JSON, too', () => {
    const commands = [
      [exit.conflict, 'init'], [exit.not_found, 'ingest', 'nowhere'], [exit.not_found, 'run', 'gold.nothing'], [exit.wrong_input, 'run', '--as-of', 'yesterday'],
      [exit.wrong_input, 'sql', 'SELEC 1'], [exit.not_found, 'table', 'show', 'gold.nothing'], [exit.wrong_input, 'table', 'show', 'nothing'],
      [exit.not_found, 'model', 'show', 'gold.nothing'], [exit.wrong_input, 'quality', 'show', 'nothing'], [exit.wrong_input, 'sql', 'SELECT 1', '--memory', 'lots'],
    ];
    for (const [code, ...command] of commands) {
      const ended = lake.run(...command, '--json');
      assert.equal(ended.code, code, command.join(' '));
      assert.equal(ended.err, '', command.join(' '));
      const { error } = JSON.parse(ended.out);
      assert.ok(error.message.length > 5 && error.next.length > 5, `${command.join(' ')}: ${ended.out}`);
      assert.match(error.code, /^(invalid_input|not_found|conflict)$/);
    }
  });

  test('says of a path that is not there which one, before it takes in another', () => {
    const versions = lake.json('table', 'list').map((row) => [row.table, row.version]);
    lake.put('claims/more.jsonl', '{"claim_id":"K9"}\n');
    assert_good_message(lake.fails(exit.not_found, 'ingest', lake.path('raw/claims'), 'nowhere'), "'nowhere'");
    fs.rmSync(lake.path('raw/claims'), { recursive: true });
    assert.deepEqual(lake.json('table', 'list').map((row) => [row.table, row.version]), versions);
  });

  test('shows a table: columns with meaning, history, detail, files', () => {
    assert.match(lake.ok('table', 'show', 'silver.fact_claims'), /^silver\.fact_claims: One row per claim/);
    const shown = lake.json('table', 'show', 'gold.customer_360_view');
    assert.equal(shown.rows, 1);
    assert.ok(shown.columns.every((column) => column.type && (column.doc || column.name.startsWith('_'))), JSON.stringify(shown.columns));
    const [commit] = lake.json('table', 'history', 'silver.fact_claims');
    assert.equal(commit.version, 0);
    assert.equal(commit.metrics.numOutputRows, '2');
    assert.match(commit.run, /^[0-9a-f-]{36}$/);
    assert.ok(commit.user);
    const detail = lake.json('table', 'detail', 'silver.fact_claims');
    assert.ok(detail.location.endsWith(lake.path('silver/fact_claims')) && path.isAbsolute(detail.location.replace('file:', '')), detail.location);
    const [file, ...others] = lake.json('table', 'files', 'silver.fact_claims');
    assert.deepEqual([file.rows, others.length], [2, 0]);
    assert.ok(fs.existsSync(lake.path('silver/fact_claims', file.path)));
  });

  test('shows where the columns of a model come from', () => {
    const out = lake.ok('model', 'show', 'gold.customer_360_view');
    for (const word of ['customer_id', 'loss_ratio', 'silver.dim_customers', 'silver.fact_claims', 'bronze.claims_raw']) assert.ok(out.includes(word), word);
    assert.match(lake.ok('model', 'list'), /gold\.customer_360_view +\S/);
    const columns = Object.fromEntries(lake.json('model', 'show', 'gold.monthly_kpis').columns.map((column) => [column.name, column.from]));
    assert.deepEqual(columns.total_paid_amount, ['gold.claims_by_month.total_paid_amount']);
    assert.deepEqual(columns.earned_premium, ['gold.policies_by_month.earned_premium']);
    // It is read from the SQL: no table need be built.
    assert.match(Lake.empty().ok('model', 'show', 'gold.claims_by_month'), /\nColumns are computed from\n(.*\n)* {2}total_paid_amount +silver\.fact_claims\.paid_amount \(aggregation\)\n/);
  });

  test('doctor finds nothing wrong', () => {
    const findings = lake.json('doctor');
    assert.ok(findings.every((finding) => finding.ok), JSON.stringify(findings));
    assert.match(lake.ok('doctor'), /^ok +tables +24 of 24 can be read$/m);
  });

  test('quality shows every rule on demand', () => {
    const rules = lake.json('quality', 'show', '--all');
    assert.ok(rules.length > 80);
    assert.ok(rules.some((rule) => rule.table === 'silver.fact_claims' && rule.rule === 'paid_le_claimed' && rule.checked === 2 && rule.failed === 0));
  });

  test('a reader that goes away ends the write, not the program', () => {
    const { code, out } = claimlake(lake.folder, ['x'], { prefix: ['bash', '-c', `set -o pipefail; "$0" --lake . sql "SELECT * FROM range(200000)" --format csv | head -n 1`] });
    assert.equal(out, 'range\r\n');
    assert.equal(code, exit.done);
  });
});

describe('configuration', () => {
  const configured = (text) => {
    const lake = Lake.empty();
    fs.writeFileSync(lake.path('claimlake.yml'), text);
    return lake;
  };

  test('an unknown key is refused with its place and the likely key', () => {
    const lake = configured('pack: pet\nquery_second_max: 5\n');
    assert_good_message(lake.fails(exit.wrong_input, 'table', 'list'), "Unknown key 'query_second_max'", `${lake.path('claimlake.yml')}:2:1`, 'did you mean query_seconds_max?');
  });

  test('a value that does not fit is refused with its key and place', () => {
    for (const [text, what] of [['port: 70000', '70000'], ['memory: 5MB', '5MB'], ['log_level: loud', 'loud'], ['threads: many', 'many']]) {
      const lake = configured(`# mine\n${text}\n`);
      const said = lake.fails(exit.wrong_input, 'table', 'list');
      assert_good_message(said, what, text.split(':')[0], /claimlake\.yml:2:/);
    }
  });

  test('what is not YAML is refused with its place', () => {
    assert_good_message(configured('port: [1\n').fails(exit.wrong_input, 'table', 'list'), /claimlake\.yml:\d+:\d+/);
    assert_good_message(configured('just words\n').fails(exit.wrong_input, 'table', 'list'), 'key: value');
  });

  test('a pack that is not there is refused with where it was looked for', () => {
    const lake = configured('packs_folder: /nowhere\n');
    assert_good_message(lake.fails(exit.not_found, 'table', 'list'), "no pack 'pet'", '/nowhere', 'packs_folder');
  });

  test('without the file the defaults hold', () => {
    const lake = Lake.empty();
    fs.rmSync(lake.path('claimlake.yml'));
    lake.ok('table', 'list');
  });
});

describe('demo', () => {
  test('builds a lake from nothing, goes on with it, and starts over on demand', () => {
    const lake = new Lake();
    const first = lake.ok('demo', '--no-serve');
    assert.match(first, /generated .* claims of .* customers\ningested .* rows, \d+ refused, .*\nbuilt .* rows, \d+ refused, /);
    // What it proposes to try can be typed as it stands.
    const proposed = [...first.matchAll(/^ {2}(\S+ (?:sql|quality|model) .*)$/gm)].map(([, command]) => command);
    assert.equal(proposed.length, 3);
    for (const command of proposed) assert.equal(spawnSync('sh', ['-c', command], { cwd: path.dirname(lake.folder), stdio: 'ignore' }).status, exit.done, command);
    for (const table of [...bronze, ...silver, ...gold]) assert.ok(lake.count(table) > 0, table);
    const id = fs.readFileSync(lake.path('.claimlake/lake.json'), 'utf8');

    const second = lake.json('demo', '--no-serve');
    assert.equal(second.ingest.rows + second.run.rows, 0);
    assert.equal(fs.readFileSync(lake.path('.claimlake/lake.json'), 'utf8'), id);

    const fresh = lake.json('demo', '--no-serve', '--fresh');
    assert.ok(fresh.ingest.rows > 30_000);
    assert.notEqual(fs.readFileSync(lake.path('.claimlake/lake.json'), 'utf8'), id);
  });

  test('--fresh leaves a folder alone that is not a lake', () => {
    const lake = new Lake(new_folder());
    fs.writeFileSync(lake.path('diary.txt'), 'mine');
    assert_good_message(lake.fails(exit.wrong_input, 'demo', '--no-serve', '--fresh'), 'is not a lake', '--lake');
    assert.deepEqual(fs.readdirSync(lake.folder), ['diary.txt']);
    assert.equal(fs.readFileSync(lake.path('diary.txt'), 'utf8'), 'mine');
  });
});

describe('serve', () => {
  let lake;
  before(() => {
    lake = lake_with();
    lake.ok('ingest');
    lake.ok('run');
  });

  test('says where it is, answers, and ends well on Ctrl-C', async () => {
    const { child, ended } = start(lake.folder, ['--lake', lake.folder, 'serve', '--port', '0', '--json']);
    let said = '';
    const url = await Promise.race([
      new Promise((resolve) => child.stdout.on('data', (bytes) => {
        said += bytes;
        if (said.trimEnd().endsWith('}')) resolve(JSON.parse(said).url);
      })),
      ended.then(({ err }) => assert.fail(err)),
    ]);
    assert.match(url, /^http:\/\/127\.0\.0\.1:\d+$/);
    assert.equal((await fetch(`${url}/healthz`)).status, 200);
    const tables = await (await fetch(`${url}/readyz`)).text();
    assert.ok(tables.length > 0);
    child.kill('SIGINT');
    assert.equal((await ended).code, exit.done);
  });

  test('refuses an address that others can reach, until there is sign-in', () => {
    assert_good_message(lake.fails(exit.wrong_input, 'serve', '--address', '0.0.0.0', '--port', '0'), '0.0.0.0', 'serve on 127.0.0.1');
  });

  test('says so if the port is taken', async () => {
    const { child, ended } = start(lake.folder, ['--lake', lake.folder, 'serve', '--port', '0', '--json']);
    let said = '';
    const port = await new Promise((resolve) => child.stdout.on('data', (bytes) => {
      said += bytes;
      if (said.trimEnd().endsWith('}')) resolve(JSON.parse(said).port);
    }));
    const second = lake.run('serve', '--port', String(port));
    child.kill('SIGINT');
    await ended;
    assert.notEqual(second.code, exit.done);
    assert_good_message(second.err, String(port), '--port');
  });
});
