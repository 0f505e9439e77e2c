// The pipeline that runs by itself: files that are dropped go to Gold, modes, steps by hand, who runs
// it, and what it says when something is wrong. Nothing here waits for time: each test waits for a
// line that the program prints.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import readline from 'node:readline';
import { after, describe, test } from 'node:test';
import { a_claim, jsonl, lake_with } from './book.mjs';
import { assert_good_message, exit, program } from './lake.mjs';

// What a failed test leaves running.
const running = new Set();
after(() => running.forEach((child) => child.kill('SIGKILL')));

// `claimlake COMMAND --json` that goes on; `sees` waits for a line of which `fits` holds.
function run_live(lake, ...args) {
  const child = spawn(program, ['--lake', lake.folder, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  running.add(child);
  child.on('close', () => running.delete(child));
  const lines = readline.createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = new Promise((resolve) => child.on('close', (code, signal) => resolve({ code, signal })));
  const sees = async (fits) => {
    for (;;) {
      const { value, done } = await lines.next();
      assert.ok(!done, 'it ended without that line');
      const line = args.includes('--json') ? JSON.parse(value) : value;
      if (fits(line)) return line;
    }
  };
  const stop = (signal = 'SIGINT') => {
    child.kill(signal);
    return ended;
  };
  return { child, sees, ended, stop };
}

const is_refresh = (line) => line.event === 'refresh';
const flow = (line, table) => line.tables.find((row) => row.table === table);
const built = (report) => (report?.tables ?? []).filter((table) => table.outcome === 'built').map((table) => table.table);

// Puts a file into raw/ so that it appears whole.
function drop(lake, name, content) {
  const outside = lake.path('dropped.tmp');
  fs.writeFileSync(outside, content);
  fs.mkdirSync(path.dirname(lake.path('raw', name)), { recursive: true });
  fs.renameSync(outside, lake.path('raw', name));
}

// A lake that is up to date, and a watch of it that has begun.
async function watched(...args) {
  const lake = lake_with();
  fs.mkdirSync(lake.path('raw', 'claims'));
  const watch = run_live(lake, 'watch', '--json', ...args);
  // Its files were written in this moment: it may see them come to rest in two rounds.
  await watch.sees((line) => flow(line, 'gold.customer_360_view').rows === 1 && flow(line, 'gold.claims_analytics').rows === 2 && line.files_waiting === 0);
  return { lake, watch };
}

describe('watch', () => {
  test('begins by taking in what is there', async () => {
    const { lake, watch } = await watched();
    await watch.stop();

    assert.equal(lake.count('silver.fact_claims'), 2);
    assert.equal(lake.count('gold.claims_analytics'), 2);
  });

  test('a claim that is dropped is in Gold when its line is printed', async () => {
    const { lake, watch } = await watched();

    drop(lake, 'claims/one.jsonl', jsonl([a_claim({ claim_id: 'K3' })]));
    const line = await watch.sees((line) => is_refresh(line) && built(line.run).includes('gold.claims_analytics'));

    assert.equal(lake.count('gold.claims_analytics'), 3);
    assert.equal(lake.value("SELECT total_claims FROM gold.customer_360_view"), 3);
    assert.equal(line.ingest.rows, 1);
    assert.equal(flow(line, 'bronze.claims_raw').rows_in, 3);
    assert.equal(flow(line, 'silver.fact_claims').waiting, 0);
    assert.equal(line.files_waiting, 0);
    const ended = await watch.stop();
    assert.equal(ended.code, exit.done);
  });

  test('bytes that are known under another name are not taken in again, changed ones are', async () => {
    const { lake, watch } = await watched();
    const claim = jsonl([a_claim({ claim_id: 'K3', paid_amount: 1 })]);
    drop(lake, 'claims/one.jsonl', claim);
    await watch.sees((line) => built(line.run).includes('gold.claims_analytics'));

    drop(lake, 'claims/copy.jsonl', claim);
    await watch.sees((line) => is_refresh(line) && line.ingest?.rows === 0);
    drop(lake, 'claims/one.jsonl', jsonl([a_claim({ claim_id: 'K3', paid_amount: 2, updated_at: '2024-06-01T00:00:00' })]));
    await watch.sees((line) => built(line.run).includes('silver.fact_claims'));
    await watch.stop();

    assert.equal(lake.count('bronze.claims_raw', "claim_id = 'K3'"), 2);
    assert.equal(lake.value("SELECT paid_amount FROM silver.fact_claims WHERE claim_id = 'K3'"), 2);
  });

  test('what came while nobody watched is taken in by the next', async () => {
    const { lake, watch } = await watched();
    await watch.stop('SIGKILL');
    drop(lake, 'claims/meanwhile.jsonl', jsonl([a_claim({ claim_id: 'K3' })]));

    const again = run_live(lake, 'watch', '--json');
    await again.sees((line) => built(line.run).includes('silver.fact_claims'));
    await again.stop();

    assert.equal(lake.count('silver.fact_claims'), 3);
  });

  test('a file that is being written is named and waits until it is closed', async () => {
    const { lake, watch } = await watched();
    const file = fs.openSync(lake.path('raw', 'claims', 'slow.jsonl'), 'w');
    fs.writeSync(file, jsonl([a_claim({ claim_id: 'K3' })]));
    const line = await watch.sees((line) => line.being_written.length === 1);
    assert.equal(line.being_written[0].file, 'claims/slow.jsonl');
    assert.equal(line.being_written[0].reason, 'still being written');
    assert.match(lake.ok('pipeline', 'status'), /being written since \d\d:\d\d:\d\d: claims\/slow.jsonl/);
    assert.equal(lake.json('pipeline', 'status').state.being_written[0].file, 'claims/slow.jsonl');
    assert.equal(lake.count('bronze.claims_raw'), 2);

    fs.writeSync(file, jsonl([a_claim({ claim_id: 'K4' })]));
    fs.closeSync(file);
    const taken = await watch.sees((line) => built(line.run).includes('silver.fact_claims'));
    await watch.stop();

    assert.equal(taken.ingest.rows, 2);
    assert.equal(lake.count('bronze.claims_raw'), 4);
  });

  test('a file that cannot be read is named, and the others go on', async () => {
    const { lake, watch } = await watched();
    drop(lake, 'pets.csv', 'not,the,header\n1,2,3\n');
    const line = await watch.sees((line) => line.files_refused.length === 1);
    assert.equal(line.files_refused[0].file, 'pets.csv');
    assert.match(line.files_refused[0].reason, /header|column/);

    drop(lake, 'claims/one.jsonl', jsonl([a_claim({ claim_id: 'K3' })]));
    await watch.sees((line) => built(line.run).includes('gold.claims_analytics'));
    await watch.stop();
  });

  test('a folder that disappears is said, and nothing is missed when it is back', async () => {
    const { lake, watch } = await watched();
    fs.renameSync(lake.path('raw'), lake.path('gone'));
    const line = await watch.sees((line) => line.problems.length === 1);
    assert.match(line.problems[0].message, /raw is not there/);
    assert.match(lake.ok('pipeline', 'status'), /raw folder since .*raw is not there/);

    fs.writeFileSync(lake.path('gone', 'claims', 'one.jsonl'), jsonl([a_claim({ claim_id: 'K3' })]));
    fs.renameSync(lake.path('gone'), lake.path('raw'));
    const back = await watch.sees((line) => built(line.run).includes('silver.fact_claims'));
    assert.deepEqual(back.problems, []);
    assert.deepEqual(lake.json('pipeline', 'status').state.problems, []);
    await watch.stop();
    assert.equal(lake.json('pipeline', 'status').state, null);

    assert.equal(lake.count('silver.fact_claims'), 3);
  });

  test('thousands of files at once are taken in in rounds, each once, with what comes meanwhile', async () => {
    const lake = lake_with();
    const one = (n) => jsonl([a_claim({ claim_id: `N${n}` })]);
    fs.mkdirSync(lake.path('raw', 'claims'));
    for (let n = 0; n < 5000; ++n) fs.writeFileSync(lake.path('raw', 'claims', `f${n}.json`), one(n));

    const watch = run_live(lake, 'watch', '--json');
    const first = await watch.sees((line) => line.ingest?.rows > 1000);
    assert.ok(first.files_waiting > 0, 'not all in one round');
    // While it is busy: single claims, and bytes that it has taken in, or will, under other names.
    for (let n = 0; n < 5; ++n) {
      drop(lake, `claims/single${n}.json`, one(5000 + n));
      drop(lake, `claims/copy${n}.json`, one(n * 1000));
    }
    const seen = lake.count('bronze.claims_raw');
    assert.ok(seen > 1000 && seen <= 5007);
    await watch.sees((line) => line.files_waiting === 0 && flow(line, 'gold.claims_analytics').rows === 5007);
    await watch.stop();

    assert.equal(lake.count('bronze.claims_raw'), 5007);
    assert.equal(lake.value('SELECT count(DISTINCT claim_id) FROM bronze.claims_raw'), 5007);
    // Each file once, but for those whose bytes another one had: the book's file holds two claims.
    assert.equal(lake.value('SELECT count(DISTINCT _source_file) FROM bronze.claims_raw'), 5006);
  });

  test('what another process commits goes on to Silver and Gold', async () => {
    const { lake, watch } = await watched();
    const elsewhere = lake.path('more.jsonl');
    fs.writeFileSync(elsewhere, jsonl([a_claim({ claim_id: 'K3' })]));
    fs.mkdirSync(lake.path('exports', 'claims'), { recursive: true });
    fs.renameSync(elsewhere, lake.path('exports', 'claims', 'more.jsonl'));

    lake.ok('ingest', lake.path('exports'));
    await watch.sees((line) => built(line.run).includes('gold.claims_analytics'));
    await watch.stop();

    assert.equal(lake.count('gold.claims_analytics'), 3);
  });

  test('a second one sees who runs the pipeline and only shows', async () => {
    const { lake, watch } = await watched();
    const second = run_live(lake, 'watch', '--json');
    const line = await second.sees((line) => line.event === 'observing');
    assert.match(line.owner, new RegExp(`claimlake watch \\(process ${watch.child.pid},`));

    drop(lake, 'claims/one.jsonl', jsonl([a_claim({ claim_id: 'K3' })]));
    const commits = await second.sees((line) => line.event === 'commits' && flow(line, 'gold.claims_analytics').rows === 3);
    assert.equal(flow(commits, 'bronze.claims_raw').rows_in, 1);

    assert.equal((await second.stop()).code, exit.done);
    assert.equal((await watch.stop()).code, exit.done);
  });

  test('in a pipe it prints a line per refresh', async () => {
    const { lake, watch } = await watched();
    await watch.stop();
    const plain = run_live(lake, 'watch');
    await plain.sees((line) => line.startsWith('Watching '));
    drop(lake, 'claims/one.jsonl', jsonl([a_claim({ claim_id: 'K3' })]));
    const line = await plain.sees((line) => line.includes('bronze.claims_raw 1 -> '));
    assert.match(line, /silver\.fact_claims \d+.*gold\.claims_analytics \d+.* in [\d.]+ s/);
    await plain.stop();
  });
});

describe('serve', () => {
  test('runs the pipeline too', async () => {
    const lake = lake_with();
    const server = run_live(lake, 'serve', '--port', '0');
    await server.sees((line) => line.includes('goes to Gold by itself'));
    const watch = run_live(lake, 'watch', '--json');
    const line = await watch.sees((line) => line.event === 'observing');
    assert.match(line.owner, /claimlake serve/);
    await watch.sees((line) => line.event === 'commits' && flow(line, 'gold.customer_360_view').version !== null);

    drop(lake, 'claims/one.jsonl', jsonl([a_claim({ claim_id: 'K3' })]));
    await watch.sees((line) => line.event === 'commits' && flow(line, 'gold.claims_analytics').rows === 3);

    await watch.stop();
    assert.equal((await server.stop()).code, exit.done);
  });

  test('leaves it to others where it is told so', async () => {
    const lake = lake_with();
    const server = run_live(lake, 'serve', '--port', '0', '--no-pipeline');
    await server.sees((line) => line.includes('page is at'));
    assert.equal(lake.json('pipeline', 'status').run_by, null);
    await server.stop();
    assert.equal(lake.count('bronze.claims_raw'), 0);
  });
});

describe('by hand', () => {
  test('files go to Bronze, and each step waits for a person, row by row', async () => {
    const { lake, watch } = await watched();
    lake.ok('pipeline', 'mode', 'manual');
    await watch.sees((line) => line.pipeline.mode === 'manual');
    drop(lake, 'claims/one.jsonl', jsonl([a_claim({ claim_id: 'K3' }), a_claim({ claim_id: 'K1', paid_amount: 7, updated_at: '2024-06-01T00:00:00' })]));
    const line = await watch.sees((line) => built(line.ingest).includes('bronze.claims_raw'));
    assert.equal(line.run, null);
    assert.equal(flow(line, 'silver.fact_claims').waiting, 2);
    assert.equal(lake.count('silver.fact_claims'), 2);

    const for_silver = lake.json('pipeline', 'waiting', '--rows');
    assert.deepEqual(for_silver.map((row) => [row.step, row.table, row.from, row.change, row.key, row.file]), [
      ['silver', 'silver.fact_claims', 'bronze.claims_raw', 'insert', 'K3', 'claims/one.jsonl'],
      ['silver', 'silver.fact_claims', 'bronze.claims_raw', 'insert', 'K1', 'claims/one.jsonl'],
    ]);
    assert.deepEqual(built(lake.json('pipeline', 'step', 'silver')), ['silver.fact_claims']);
    assert.equal(lake.count('silver.fact_claims'), 3);
    assert.equal(lake.count('gold.claims_analytics'), 2);

    const for_gold = lake.json('pipeline', 'waiting', 'gold', '--rows');
    assert.deepEqual(for_gold.map((row) => [row.from, row.change, row.key]), [
      ['silver.fact_claims', 'update', 'K1'],
      ['silver.fact_claims', 'insert', 'K3'],
    ]);
    assert.ok(for_gold[0].table.includes('gold.claims_analytics'));
    assert.deepEqual(lake.json('pipeline', 'waiting').map((row) => [row.step, row.change, row.rows]), [['gold', 'insert', 1], ['gold', 'update', 1]]);
    assert.ok(built(lake.json('pipeline', 'step', 'gold')).includes('gold.claims_analytics'));
    assert.equal(lake.count('gold.claims_analytics'), 3);
    assert.deepEqual(lake.json('pipeline', 'waiting'), []);

    lake.ok('pipeline', 'mode', 'continuous');
    await watch.sees((line) => line.pipeline.mode === 'continuous');
    await watch.stop();
  });

  test('the mode is said, changed, and refused where it is none', () => {
    const lake = lake_with();
    assert.equal(lake.json('pipeline', 'mode').mode, 'continuous');
    const changed = lake.json('pipeline', 'mode', 'scheduled', '--cron', '0 6 * * 1-5');
    assert.equal(changed.cron, '0 6 * * 1-5');
    assert.equal(lake.json('pipeline', 'mode', '--every', '5m').every, '5m');
    assert.match(lake.ok('pipeline', 'mode'), /^scheduled every 5m, since /);
    assert.match(lake.ok('pipeline', 'status'), /^scheduled every 5m, next at \S+ \S+ UTC, run by nobody\n/);

    assert_good_message(lake.fails(exit.wrong_input, 'pipeline', 'mode', 'manuel'), "no mode 'manuel'", 'did you mean manual?');
    assert_good_message(lake.fails(exit.wrong_input, 'pipeline', 'mode', 'scheduled'), 'either an interval (every) or times (cron)', '--every 5m');
    assert_good_message(lake.fails(exit.wrong_input, 'pipeline', 'mode', 'manual', '--every', '5m'), 'Only the mode scheduled');
    assert_good_message(lake.fails(exit.wrong_input, 'pipeline', 'mode', '--every', 'often'), "'often'");
    assert_good_message(lake.fails(exit.wrong_input, 'pipeline', 'mode', '--cron', '0 25 * * *'), 'hour');
    assert_good_message(lake.fails(exit.wrong_input, 'pipeline', 'step', 'bronze'), "no step 'bronze'");
    assert_good_message(lake.fails(exit.wrong_input, 'pipeline', 'waiting', 'bronze'), "no step 'bronze'");
    assert.equal(lake.json('pipeline', 'mode').every, '5m');
  });
});
