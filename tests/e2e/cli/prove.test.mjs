// `claimlake prove` on a lake of the real pack: what runs wrote is equal, and what somebody changed
// is found, by row, column and commit.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { before, describe, test } from 'node:test';
import { a_claim, jsonl, lake_with } from './book.mjs';
import { assert_good_message, exit, gold, silver } from './lake.mjs';

const by_table = (proof) => Object.fromEntries(proof.tables.map((table) => [table.table, table]));

function built(files = {}) {
  const lake = lake_with(files);
  lake.ok('ingest');
  lake.ok('run');
  return lake;
}

// What prove says where not all is equal.
function proves_wrong(lake, ...args) {
  const { code, out } = lake.run('prove', '--json', ...args);
  assert.equal(code, exit.failed, out);
  return by_table(JSON.parse(out));
}

describe('tables that runs wrote', () => {
  test('are equal, whole and by key, with refused rows', () => {
    const lake = built({ 'claims/waits.jsonl': jsonl([a_claim({ claim_id: 'K9', policy_id: 'nowhere' })]) });
    const first = by_table(lake.json('prove'));
    assert.deepEqual(Object.keys(first).sort(), [...silver, ...gold].sort());
    for (const table of Object.values(first)) assert.equal(table.outcome, 'equal', `${table.table}: ${table.message}`);
    assert.equal(first['silver.fact_claims'].rows, 3);
    lake.put('claims/more.jsonl', jsonl([a_claim({ claim_id: 'K3' }), a_claim({ claim_id: 'K1', paid_amount: 1, updated_at: '2025-01-01T00:00:00' })]));
    lake.ok('ingest');

    // Bronze is ahead of all; then Silver of Gold.
    assert.ok(lake.json('prove').ok);
    lake.ok('run', 'silver.fact_claims');
    assert.ok(lake.json('prove').ok);
    const chain = lake.json('prove', '--from', 'bronze', '--table', 'gold.claims_analytics');
    assert.ok(chain.ok);
    const claims = chain.tables.find((table) => table.table === 'silver.fact_claims');
    assert.equal(claims.version, chain.tables[0].inputs['silver.fact_claims']);
    lake.ok('run');
    assert.ok(lake.json('prove', '--sample', '0.5').ok);
    assert.match(lake.ok('prove'), /15 of 15 tables equal what their models give/);
  });
});

describe('what somebody changed', () => {
  let lake;
  before(() => {
    lake = built({ 'claims/waits.jsonl': jsonl([a_claim({ claim_id: 'K9', policy_id: 'nowhere' })]) });
  });

  test('is named by row, column and commit', () => {
    lake.ok('sql', "UPDATE silver.fact_claims SET paid_amount = 199.99 WHERE claim_id = 'K1'");

    const { 'silver.fact_claims': claims, ...others } = proves_wrong(lake);

    assert.equal(claims.outcome, 'differs');
    assert.deepEqual(claims.differing_columns, { paid_amount: 1 });
    const [row] = claims.differences;
    assert.deepEqual(row.key, { claim_id: 'K1' });
    assert.deepEqual(row.columns, { paid_amount: { stored: '199.99', recomputed: '200.00' } });
    assert.equal(row.written_by.version, claims.version);
    assert.equal(row.written_by.operation, 'UPDATE');
    for (const table of Object.values(others)) assert.equal(table.outcome, 'equal', table.table);
    const { out } = lake.run('prove', 'silver.fact_claims');
    assert.match(out, /claim_id K1\n +paid_amount: stored 199\.99, recomputed 200\.00\n +written by version 1 \(UPDATE at /);
    assert.match(out, /try +claimlake run silver\.fact_claims --force/);
  });

  test('is mended by the run that it names', () => {
    lake.ok('run', 'silver.fact_claims', '--force');
    assert.ok(lake.json('prove', 'silver.fact_claims').ok);
  });

  test('is found in the quarantine', () => {
    lake.ok('sql', "DELETE FROM ops.quarantine WHERE key = 'K9'");
    const claims = proves_wrong(lake, 'silver.fact_claims')['silver.fact_claims'];
    assert.equal(claims.only_recomputed, 1);
    assert.equal(claims.differences[0].table, 'ops.quarantine');
    assert.equal(claims.differences[0].removed_by.operation, 'DELETE');
  });
});

describe('from raw files', () => {
  const claims_of = (proof) => by_table(proof)['bronze.claims_raw'];
  const from_raw = (lake, ...args) => JSON.parse(lake.run('prove', '--from', 'raw', '--json', ...args).out);

  test('all tables are equal, whatever was taken in when, broken records too', () => {
    const lake = built({ 'claims/one.jsonl': jsonl([a_claim({ claim_id: 'K5' })]) + '{"claim_id": "cut' });
    lake.put('claims/copy.jsonl', fs.readFileSync(lake.path('raw', 'claims.jsonl')));  // known by its bytes
    lake.put('claims/two.jsonl', jsonl([a_claim({ claim_id: 'K6' }), a_claim({ claim_id: 'K7' })]));
    lake.ok('ingest');
    lake.put('claims/later.jsonl', jsonl([a_claim({ claim_id: 'K8' })]));  // not taken in

    const all = lake.json('prove', '--from', 'raw');

    assert.ok(all.ok, JSON.stringify(all.tables.filter((table) => table.outcome !== 'equal')));
    // Silver was computed from the first version, before the second ingest.
    assert.equal(claims_of(all).rows, 3);
    assert.equal(claims_of(lake.json('prove', '--from', 'raw', 'bronze.claims_raw')).rows, 5);
  });

  test('a changed row and a broken record that is gone are found', () => {
    const lake = built({ 'claims/one.jsonl': jsonl([a_claim({ claim_id: 'K5' })]) + '{"claim_id": "cut' });
    lake.ok('sql', "UPDATE bronze.claims_raw SET claim_amount = '1' WHERE claim_id = 'K5'");
    lake.ok('sql', "DELETE FROM ops.quarantine WHERE table_name = 'bronze.claims_raw'");

    const claims = claims_of(from_raw(lake, 'bronze.claims_raw'));

    assert.equal(claims.outcome, 'differs');
    assert.deepEqual(claims.differing_columns, { claim_amount: 1 });
    assert.equal(claims.only_recomputed, 1);
    assert.equal(claims.differences[0].key._source_file, 'claims/one.jsonl');
    assert.equal(claims.differences[0].written_by.operation, 'UPDATE');
    assert.equal(claims.differences[1].table, 'ops.quarantine');
  });

  test('rows whose file is gone or another one now leave the table unproved', () => {
    const lake = built({ 'claims/one.jsonl': jsonl([a_claim({ claim_id: 'K5' })]) });
    lake.put('claims/one.jsonl', jsonl([a_claim({ claim_id: 'K6' })]));

    const gone = claims_of(from_raw(lake, 'bronze.claims_raw'));
    assert.equal(gone.outcome, 'unproved');
    assert.match(gone.message, /1 of its 3 rows are from files/);

    // Taken in as well: these rows are proved, the old ones still not.
    lake.ok('ingest');
    const both = claims_of(from_raw(lake, 'bronze.claims_raw'));
    assert.equal(both.outcome, 'unproved');
    assert.equal(both.rows, 3);
    assert.match(both.message, /1 of its 4 rows/);
  });
});

test('a table that was never built is unproved, and it says what to do', () => {
  const lake = lake_with();
  lake.ok('ingest');

  const claims = proves_wrong(lake, 'silver.fact_claims')['silver.fact_claims'];

  assert.equal(claims.outcome, 'unproved');
  assert.equal(claims.next, 'claimlake run silver.fact_claims');
});

test('wrong arguments are told', () => {
  const lake = lake_with();
  for (const [args, code] of [
    [['prove', 'gold.claims_analytic'], exit.not_found],
    [['prove', 'bronze.nothing'], exit.not_found],
    [['prove', 'serving.vw_monthly_kpis'], exit.wrong_input],
    [['prove', '--sample', '0'], exit.wrong_input],
    [['prove', '--sample', '10'], exit.wrong_input],
    [['prove', '--from', 'gold'], exit.wrong_input],
    [['prove', '--rows', '0'], exit.wrong_input],
    [['prove', '--sample', 'half'], exit.usage],
  ]) {
    const ended = lake.run(...args);
    assert.equal(ended.code, code, args.join(' '));
    assert_good_message(ended.err);
  }
});
