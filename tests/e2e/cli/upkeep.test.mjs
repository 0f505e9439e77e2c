// `claimlake upkeep`: what is due, and key indexes that may be deleted, or damaged, at any time.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { before, describe, test } from 'node:test';
import { a_claim, jsonl } from './book.mjs';
import { Lake } from './lake.mjs';

const due = (states) => states.reduce((sum, { files_due, indexes_due }) => sum + files_due + indexes_due, 0);
const of = (states, name) => states.find(({ table }) => table === name);

describe('key indexes', () => {
  let lake;
  let number = 0;
  before(() => {
    lake = Lake.empty();
    lake.ok('generate', '--as-of', '2026-01-31');
    lake.ok('ingest');
    lake.ok('run', '--as-of', '2026-01-31');
  });
  const keys = (...parts) => lake.path('.claimlake', 'keys', ...parts);

  // By which columns of which tables there are some. A small table may be built as a whole and then
  // has another file, whichever is cheaper.
  const ways = () => new Set(fs.readdirSync(keys(), { recursive: true }).map((name) => name.replace(/[0-9a-f]{32}-/, '')));

  // A claim of a policy that is there comes to its customer, and all tables are right.
  function a_claim_arrives() {
    number += 1;
    const [policy, pet, customer, provider] = ['policy_id', 'pet_id', 'customer_id', 'provider_id'].map((column) => lake.value(`SELECT ${column} FROM silver.fact_claims ORDER BY claim_id LIMIT 1`));
    lake.put(`claims/new${number}.jsonl`, jsonl([a_claim({ claim_id: `NEW-${number}`, policy_id: policy, pet_id: pet, customer_id: customer, provider_id: provider })]));
    lake.ok('ingest');
    const report = lake.json('run', '--as-of', '2026-01-31');
    const view = report.tables.find(({ table }) => table === 'gold.customer_360_view');
    assert.equal(view.outcome, 'built');
    assert.ok(lake.json('prove', 'silver.fact_claims', 'gold.customer_360_view', 'gold.claims_analytics').ok);
  }

  test('are there after a run, and upkeep says what they take', () => {
    const states = lake.json('upkeep');
    assert.equal(due(states), 0);
    const claims = of(states, 'silver.fact_claims');
    assert.ok(claims.indexes >= 2, 'by its key and by what refers to it');
    const folder = keys('silver.fact_claims');
    assert.equal(claims.index_bytes, fs.readdirSync(folder).reduce((sum, name) => sum + fs.statSync(path.join(folder, name)).size, 0));
    assert.match(lake.ok('upkeep'), /silver\.fact_claims .*\n[^]*Nothing is due/);
  });

  test('are all that a refresh by key asks for', () => {
    const all = ways();
    a_claim_arrives();
    assert.deepEqual(ways(), all);
  });

  test('may be deleted: a refresh makes what it needs, upkeep the rest', () => {
    const all = ways();
    const before = of(lake.json('upkeep'), 'silver.fact_claims').indexes;
    fs.rmSync(keys(), { recursive: true });
    const states = lake.json('upkeep');
    assert.equal(of(states, 'silver.fact_claims').indexes_due, before);
    assert.match(lake.ok('upkeep'), /claimlake upkeep --now/);
    a_claim_arrives();
    const after = lake.json('upkeep', '--now');
    assert.equal(due(after), 0);
    assert.deepEqual(ways(), all);
  });

  test('that are damaged are made again', () => {
    for (const name of fs.readdirSync(keys(), { recursive: true }).filter((name) => name.endsWith('.keys'))) {
      const bytes = fs.readFileSync(keys(name));
      for (let at = 5000; at < bytes.length; at += 4096) bytes[at] ^= 1;
      fs.writeFileSync(keys(name), bytes);
    }
    a_claim_arrives();
  });
});
