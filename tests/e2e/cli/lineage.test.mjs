// Where columns come from: `lineage`.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { a_claim, jsonl, lake_with } from './book.mjs';
import { assert_good_message, exit } from './lake.mjs';

// K1 and K2 are paid, K3 has no policy.
let lake;
before(() => {
  lake = lake_with({ 'claims.jsonl': jsonl([a_claim(), a_claim({ claim_id: 'K2', claim_number: 'CLM2' }), a_claim({ claim_id: 'K3', claim_number: 'CLM3', policy_id: 'L9' })]) });
  lake.run('ingest');
  lake.run('run', '--as-of', '2026-01-31');
});

const ask = (...args) => {
  const { code, out } = lake.run(...args, '--json');
  return { code, ...JSON.parse(out) };
};
const edge = ({ from, to }) => `${from.table}.${from.column} > ${to.table}.${to.column}`;

describe('lineage', () => {
  test('leads from a Gold column to the files', () => {
    const { code, upstream, downstream, tables } = ask('lineage', 'gold.customer_360_view.total_paid_amount', '--upstream');
    assert.equal(code, exit.done);
    const direct = upstream.filter((each) => each.direct).map(edge);
    for (const step of ['silver.fact_claims.paid_amount > gold.customer_360_view.total_paid_amount', 'bronze.claims_raw.paid_amount > silver.fact_claims.paid_amount', 'raw.claims.paid_amount > bronze.claims_raw.paid_amount']) {
      assert.ok(direct.includes(step), step);
    }
    assert.equal(downstream, undefined);
    assert.deepEqual(tables.find(({ table }) => table === 'raw.claims').files, ['claims.jsonl', 'claims/*.json', 'claims/*.jsonl']);
    const claims = tables.find(({ table }) => table === 'silver.fact_claims');
    assert.equal(claims.version, 0);
    assert.equal(claims.refused_rows, 1);
  });

  test('leads from a raw column to the views that show it', () => {
    const { downstream } = ask('lineage', 'raw.claims.paid_amount', '--downstream');
    assert.ok(downstream.map(edge).includes('gold.customer_360_view.total_paid_amount > serving.vw_customer_360.total_paid_amount'));
  });

  test('goes no further than it is asked to', () => {
    const { upstream } = ask('lineage', 'gold.monthly_kpis.total_paid_amount', '--depth', '1');
    assert.deepEqual([...new Set(upstream.map(({ to }) => to.table))], ['gold.monthly_kpis']);
  });

  test('draws a tree for people', () => {
    const { code, out } = lake.run('lineage', 'bronze.claims_raw.paid_amount', '--upstream');
    assert.equal(code, exit.done);
    assert.match(out, /^bronze\.claims_raw\.paid_amount\n {2}version 1 of .*\n\nIs computed from\n {2}└─ raw\.claims\.paid_amount {2}\(identity\)\n {5}└─ claims\.jsonl, /);
  });

  test('says what is near a wrong name', () => {
    const { code, err } = lake.run('lineage', 'gold.monthly_kpi');
    assert.equal(code, exit.not_found);
    assert_good_message(err, 'did you mean gold.monthly_kpis?');
  });
});
