// The pipeline of a running server by its API: mode, what waits, steps, events. Nothing here waits for
// time: each test waits for an answer or an event.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import readline from 'node:readline';
import { Readable } from 'node:stream';
import { after, describe, test } from 'node:test';
import { a_claim, jsonl, lake_with } from './book.mjs';
import { exit, start } from './lake.mjs';

const running = new Set();
after(() => running.forEach((child) => child.kill('SIGKILL')));

async function served() {
  const lake = lake_with();
  lake.ok('ingest');
  lake.ok('run');
  const { child, ended } = start(lake.folder, ['--lake', lake.folder, 'serve', '--port', '0', '--json']);
  running.add(child);
  let said = '';
  const url = await Promise.race([
    new Promise((resolve) =>
      child.stdout.on('data', (bytes) => {
        said += bytes;
        if (said.trimEnd().endsWith('}')) resolve(JSON.parse(said).url);
      }),
    ),
    ended.then(({ err }) => assert.fail(err)),
  ]);
  const ask = async (method, address, body) => {
    const response = await fetch(url + address, { method, ...(body && { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }) });
    const answer = await response.json();
    assert.equal(response.status, 200, JSON.stringify(answer));
    return answer;
  };
  const stop = () => {
    child.kill('SIGINT');
    return ended;
  };
  return { lake, url, ask, stop };
}

// Waits for an event for which `fits` holds.
async function listen(url) {
  const response = await fetch(`${url}/api/pipeline/events`);
  const lines = readline.createInterface({ input: Readable.fromWeb(response.body) })[Symbol.asyncIterator]();
  return async (fits) => {
    for (let name = ''; ; ) {
      const { value, done } = await lines.next();
      assert.ok(!done, 'the stream ended without that event');
      if (value.startsWith('event: ')) name = value.slice(7);
      if (value.startsWith('data: ') && fits(name, JSON.parse(value.slice(6)))) return JSON.parse(value.slice(6));
    }
  };
}

function drop(lake, name, content) {
  const outside = lake.path('dropped.tmp');
  fs.writeFileSync(outside, content);
  fs.mkdirSync(path.dirname(lake.path('raw', name)), { recursive: true });
  fs.renameSync(outside, lake.path('raw', name));
}

const built = (report) => (report?.tables ?? []).filter((table) => table.outcome === 'built').map((table) => table.table);

describe('serve', () => {
  test('a claim that is dropped is told of when it is in Gold', async () => {
    const { lake, url, ask, stop } = await served();
    const hears = await listen(url);
    const status = await hears((name) => name === 'status');
    assert.match(status.run_by, /claimlake serve/);

    drop(lake, 'claims/one.jsonl', jsonl([a_claim({ claim_id: 'K3' })]));
    const event = await hears((name, { run }) => name === 'refresh' && built(run).includes('gold.claims_analytics'));

    assert.equal(event.tables.find(({ table }) => table === 'silver.fact_claims').waiting, 0);
    const { present, written } = await ask('POST', '/api/lake/why', { table: 'silver.fact_claims', key: 'K3' });
    assert.ok(present);
    assert.equal(written.run, event.run.run);
    assert.equal((await stop()).code, exit.done);
    assert.equal(lake.count('gold.claims_analytics'), 3);
  });

  test('in manual mode rows wait, are listed, and go on step by step', async () => {
    const { lake, url, ask, stop } = await served();
    const hears = await listen(url);
    assert.equal((await ask('PUT', '/api/pipeline/mode', { mode: 'manual' })).mode, 'manual');
    await hears((name, { pipeline }) => pipeline.mode === 'manual' && (name === 'state' || name === 'refresh'));

    drop(lake, 'claims/one.jsonl', jsonl([a_claim({ claim_id: 'K3' })]));
    await hears((name, { ingest }) => name === 'refresh' && built(ingest).includes('bronze.claims_raw'));

    const { rows } = await ask('GET', '/api/pipeline/waiting?step=silver');
    assert.deepEqual(rows.map(({ from, change, key, file }) => [from, change, key, file]), [['bronze.claims_raw', 'insert', 'K3', 'claims/one.jsonl']]);
    const silver = await ask('POST', '/api/pipeline/step', { step: 'silver' });
    assert.deepEqual(built(silver), ['silver.fact_claims']);
    await hears((name, { tables }) => name === 'commits' && tables.some(({ table, waiting }) => table === 'gold.claims_analytics' && waiting > 0));
    const gold = await ask('POST', '/api/pipeline/step', { step: 'gold' });
    assert.ok(built(gold).includes('gold.claims_analytics'));
    assert.deepEqual(await ask('GET', '/api/pipeline/waiting'), { counts: [], rows: [] });
    const live = await ask('GET', '/api/pipeline/live');
    assert.equal(live.state.pipeline.mode, 'manual');
    assert.equal(live.tables.find(({ table }) => table === 'gold.claims_analytics').last_run.run, gold.run);
    await stop();

    assert.equal(lake.count('gold.claims_analytics'), 3);
    assert.equal(lake.json('pipeline', 'mode').mode, 'manual');
  });

  test('a stream does not keep the server from stopping', async () => {
    const { url, stop } = await served();
    const hears = await listen(url);
    await hears((name) => name === 'status');

    const { code } = await stop();

    assert.equal(code, exit.done);
  });
});
