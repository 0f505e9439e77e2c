// An edit of the pack: what plan says of it, what apply does, and what readers see.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { a_claim, jsonl, lake_with } from './book.mjs';
import { assert_good_message, exit, gold, new_folder, root, silver } from './lake.mjs';

// A lake that is built by a copy of the pack, which may be edited.
function built() {
  const lake = lake_with();
  const packs = path.join(new_folder(), 'packs');
  fs.cpSync(path.join(root, 'packs'), packs, { recursive: true });
  fs.writeFileSync(path.join(lake.folder, 'claimlake.yml'), `packs_folder: ${packs}\n`);
  lake.ok('ingest');
  lake.ok('run');
  lake.edit = (file, from, to) => {
    const name = path.join(packs, 'pet', file);
    const before = fs.readFileSync(name, 'utf8');
    assert.ok(before.includes(from), `${file} does not have: ${from}`);
    fs.writeFileSync(name, before.replace(from, to));
  };
  return lake;
}
const of = (plan, model) => plan.models.find((each) => each.model === model);
const savings = ['3_gold/claims_analytics.sql', 'claims.claim_amount * 0.15', 'claims.claim_amount * 0.5'];

describe('plan and apply', () => {
  test('an edit of one formula is told with its column, its readers and its rows, then done', () => {
    const lake = built();
    assert.equal(lake.json('plan').nothing_to_apply, true);
    lake.edit(...savings);

    const plan = lake.json('plan', '--diff');

    assert.equal(of(plan, 'gold.claims_analytics').class, 'values');
    assert.deepEqual(of(plan, 'gold.claims_analytics').may_differ, ['network_savings']);
    assert.deepEqual(of(plan, 'serving.vw_claims_analytics').may_differ, ['network_savings']);
    assert.equal(of(plan, 'gold.monthly_kpis').state, 'unchanged');
    assert.deepEqual(plan.tables, ['gold.claims_analytics']);
    assert.ok(plan.shown_by.some((call) => call.path === '/api/insights/claims'));
    assert.ok(plan.shown_by.every((call) => call.tables.length === 1));
    const in_network = lake.count('gold.claims_analytics', 'network_savings > 0');
    const [diff] = plan.diff;
    assert.deepEqual([diff.come, diff.go, diff.differ], [0, 0, in_network]);
    assert.equal(lake.count('gold.claims_analytics', 'network_savings > claim_amount * 0.4'), 0);

    const { run } = lake.json('apply', '--plan', plan.id);

    assert.equal(run.tables.find((table) => table.table === 'gold.claims_analytics').outcome, 'built');
    assert.equal(lake.count('gold.claims_analytics', 'network_savings > claim_amount * 0.4'), in_network);
    assert.equal(lake.json('plan').nothing_to_apply, true);
  });

  test('what a rule takes out is counted where it goes, and in what reads it', () => {
    const lake = built();
    lake.put('claims/more.jsonl', jsonl([a_claim({ claim_id: 'dear', claim_amount: 60000, paid_amount: 0 }), ...[...Array(40).keys()].map((i) => a_claim({ claim_id: `M${i}` }))]));
    lake.ok('ingest');
    lake.ok('run');
    lake.edit('2_silver/fact_claims.yml', 'between: [null, 50000], else: flag', 'between: [null, 50000], else: quarantine');

    const plan = lake.json('plan', '--diff');

    assert.equal(of(plan, 'silver.fact_claims').class, 'rules');
    const diff = (table) => plan.diff.find((each) => each.table === table);
    assert.deepEqual([diff('silver.fact_claims').come, diff('silver.fact_claims').go], [0, 1]);
    assert.equal(diff('gold.claims_analytics').go, 1);
    assert.ok(diff('gold.customer_360_view').columns.some((column) => column.column === 'total_claims' && column.rows === 1));
    const [sampled, ...others] = lake.json('plan', '--sample', '0.5').diff;
    assert.deepEqual([sampled.table, others], ['silver.fact_claims', []]);
    assert.ok(sampled.compared < diff('silver.fact_claims').compared && sampled.go <= 1 && sampled.come === 0, JSON.stringify(sampled));
    lake.ok('apply', '--yes');
    assert.equal(lake.count('silver.fact_claims', "claim_id = 'dear'"), 0);
  });

  test('a comment computes nothing', () => {
    const lake = built();
    lake.edit('3_gold/monthly_kpis.sql', 'WITH\n', '-- Months.\nwith\n');

    assert.equal(of(lake.json('plan'), 'gold.monthly_kpis').class, 'none');
    assert.ok(lake.json('run').tables.every((table) => table.outcome === 'skipped'));
  });

  test('a column that goes is breaking', () => {
    const lake = built();
    lake.edit('3_gold/cross_sell_recommendations.sql', '       email,                             -- lower case\n', '');
    lake.edit('3_gold/cross_sell_recommendations.sql', 'tags: {pii: [full_name, email]}', 'tags: {pii: [full_name]}');

    const { code, out } = lake.run('plan', '--no-breaking', '--json');

    assert.equal(code, exit.failed);
    assert.deepEqual(of(JSON.parse(out), 'gold.cross_sell_recommendations').breaking, ['the column email goes']);
    assert.equal(lake.run('plan').code, exit.done);
  });

  test('nothing is applied that was not looked at', () => {
    const lake = built();
    lake.edit(...savings);
    const { id } = lake.json('plan');
    lake.edit('3_gold/claims_analytics.sql', 'claim_amount * 0.5', 'claim_amount * 0.6');

    for (const [args, code] of [[['--plan', id], exit.conflict], [[], exit.wrong_input]]) {
      const refused = lake.run('apply', ...args);
      assert.equal(refused.code, code);
      assert_good_message(refused.err);
    }
    const sample = lake.run('plan', '--sample', '2');
    assert.equal(sample.code, exit.wrong_input);
    assert.equal(lake.count('gold.claims_analytics', 'network_savings > claim_amount * 0.4'), 0);
  });
});

test('the tests of the pack hold, and one that does not says where', () => {
  const lake = built();
  assert.equal(lake.json('model', 'test').ok, true);
  lake.edit(...savings);

  const { code, out } = lake.run('model', 'test', 'gold.claims_analytics', '--json');

  assert.equal(code, exit.failed);
  const failed = JSON.parse(out).tests.filter((each) => !each.ok);
  assert.deepEqual(failed.map((each) => each.model), ['gold.claims_analytics']);
  assert.deepEqual(failed[0].differences[0], { rows: 'expected', key: 'C-1', column: 'network_savings', expected: '15.02', actual: '50.05' });
});
