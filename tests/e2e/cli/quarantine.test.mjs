// What people do about refused rows (list, look again, try again, let in, take back), and what is
// said of tables that a `fail` rule keeps back.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { before, describe, test } from 'node:test';
import { a_claim, csv, a_policy, jsonl, lake_with } from './book.mjs';
import { assert_good_message, exit, root } from './lake.mjs';

const facts = 'silver.fact_claims';
const takes_in = (lake) => {
  lake.ok('ingest');
  lake.ok('run');
};

// Gives the lake a copy of the packs that a test may change.
function own_pack(lake) {
  const packs = lake.path('..', 'packs');
  fs.cpSync(path.join(root, 'packs'), packs, { recursive: true });
  fs.writeFileSync(lake.path('claimlake.yml'), `packs_folder: ${packs}\n`);
  return (file, from, to) => {
    const whole = path.join(packs, 'pet', file);
    const text = fs.readFileSync(whole, 'utf8');
    assert.ok(text.includes(from), `${from} is not in ${file}`);
    fs.writeFileSync(whole, text.replace(from, to));
  };
}

describe('a refused claim that a person lets in', () => {
  let lake;
  before(() => {
    // Many good ones, so that one claim is few rows.
    const good = [...Array(40).keys()].map((i) => a_claim({ claim_id: `G${i}` }));
    lake = lake_with({ 'claims.jsonl': jsonl([...good, a_claim({ claim_id: 'K1' }), a_claim({ claim_id: 'K2', claim_amount: -5 }), a_claim({ claim_id: 'K3', policy_id: 'L2' })]) });
    takes_in(lake);
  });
  const in_tables = () => [lake.count(facts, "claim_id = 'K2'"), lake.count('gold.claims_analytics', "claim_id = 'K2'")];
  const proved = () => assert.deepEqual(lake.json('prove').tables.filter((table) => table.outcome !== 'equal'), []);
  const way = (report) => report.tables.find((table) => table.table === facts).way;

  test('is listed by table and rule', () => {
    assert.deepEqual(in_tables(), [0, 0]);
    const rows = lake.json('quality', 'quarantine', facts);
    assert.deepEqual(rows.map((row) => [row.key, row.state]).sort(), [['K2', 'open'], ['K3', 'open']]);
    const [row, ...others] = lake.json('quality', 'quarantine', facts, '--rule', 'amount_positive');
    assert.equal(others.length, 0);
    assert.equal(row.key, 'K2');
    assert.match(row.reason, /amount_positive/);
    assert.deepEqual(lake.json('quality', 'quarantine', '--rows', '--state', 'waived'), []);
    assert.match(lake.ok('quality', 'waivers'), /Nothing is waived/);
  });

  test('stays out when it is looked at again, and says why', () => {
    const [row] = lake.json('quality', 'recheck', facts, '--key', 'K2');
    assert.deepEqual([row.key, row.outcome], ['K2', 'refused']);
    assert.match(row.rules, /amount_positive/);
    assert.match(lake.ok('quality', 'recheck', facts), /2 refused still/);
    const replayed = lake.json('quality', 'replay', facts, '--rule', 'amount_positive');
    assert.equal(replayed.run, null);
    assert.equal(replayed.rows[0].outcome, 'refused');
  });

  test('goes into Silver and Gold by its key once it is waived, and the tables are proved', () => {
    const [change] = lake.json('quality', 'waive', facts, '--key', 'K2', '--by', 'Dana', '--why', "It's a correction");
    assert.deepEqual([change.key, change.rules, change.by, change.still_refused_by], ['K2', ['amount_positive'], 'Dana', []]);
    assert.deepEqual(in_tables(), [0, 0], 'nothing is published but by a run');
    assert.equal(lake.json('quality', 'recheck', facts, '--key', 'K2')[0].outcome, 'waived');

    const report = lake.json('run');

    assert.equal(way(report), 'by key (1 touched)');
    assert.deepEqual(in_tables(), [1, 1]);
    const [row] = lake.sql(`SELECT _is_valid, list_contains(_dq, 'amount_positive') AS said FROM ${facts} WHERE claim_id = 'K2'`);
    assert.deepEqual(row, { _is_valid: false, said: true });
    assert.deepEqual(lake.json('quality', 'quarantine', '--rows', '--state', 'waived').map((each) => each.key), ['K2']);
    proved();
  });

  test('tells who let it in and why', () => {
    const why = lake.json('why', facts, '--key', 'K2');
    assert.deepEqual(why.waivers.map((waiver) => [waiver.rule, waiver.by, waiver.why]), [['amount_positive', 'Dana', "It's a correction"]]);
    assert.equal(why.rules.find((rule) => rule.rule === 'amount_positive').outcome, 'waived');
    assert.match(lake.ok('why', 'gold.claims_analytics', '--key', 'K2'), /amount_positive was waived for K2 by Dana .*: It's a correction/);
    const [waiver] = lake.json('quality', 'waivers', facts);
    assert.deepEqual([waiver.key, waiver.by, waiver.why, waiver.withdrawn_at], ['K2', 'Dana', "It's a correction", null]);
  });

  test('goes out again when that is withdrawn', () => {
    lake.ok('quality', 'withdraw', facts, '--key', 'K2', '--by', 'Eve', '--why', 'It was none');
    lake.ok('run');
    assert.deepEqual(in_tables(), [0, 0]);
    assert.equal(lake.value("SELECT state FROM ops.quarantine WHERE key = 'K2'"), 'open');
    proved();
    assert.deepEqual(lake.json('quality', 'waivers'), []);
    const [gone] = lake.json('quality', 'waivers', '--all');
    assert.deepEqual([gone.by, gone.withdrawn_by, gone.withdrawn_why], ['Dana', 'Eve', 'It was none']);
  });

  test('what cannot be waived is said, with what to do', () => {
    const fails = (code, ...args) => lake.fails(code, 'quality', 'waive', ...args);
    assert_good_message(fails(exit.wrong_input, facts, '--key', 'K2'), 'Why is not said', '--why');
    assert_good_message(fails(exit.wrong_input, facts, '--why', 'so'), 'Which rows is not said');
    assert_good_message(fails(exit.not_found, facts, '--key', 'K99', '--why', 'so'), 'No row of silver.fact_claims with the key K99');
    assert_good_message(fails(exit.not_found, facts, '--key', 'K1', '--why', 'so'), 'with the key K1 is or was refused');
    assert_good_message(fails(exit.not_found, facts, '--key', 'K2', '--rule', 'amount_positiv', '--why', 'so'), 'did you mean amount_positive?');
    assert_good_message(fails(exit.wrong_input, facts, '--key', 'K2', '--rule', 'policy_exists', '--why', 'so'), 'K2 of silver.fact_claims does not break policy_exists');
    assert_good_message(fails(exit.wrong_input, facts, '--key', 'K2', '--rule', 'paid_le_claimed', '--why', 'so'), 'takes no row out by itself: it says flag');
    assert_good_message(fails(exit.wrong_input, 'gold.monthly_kpis', '--key', 'K2', '--why', 'so'), 'No rule of gold.monthly_kpis takes rows out');
    assert_good_message(fails(exit.not_found, 'silver.fact_claim', '--key', 'K2', '--why', 'so'), 'did you mean silver.fact_claims?');
    assert_good_message(lake.fails(exit.not_found, 'quality', 'withdraw', facts, '--key', 'K2', '--why', 'so'), 'No waiver holds for K2');
    assert_good_message(lake.fails(exit.not_found, 'quality', 'recheck', facts, '--key', 'K1'), 'No row of silver.fact_claims with the key K1 is refused');
    assert_good_message(lake.fails(exit.wrong_input, 'quality', 'quarantine', '--state', 'lost'), "in the state 'lost'");
    assert.deepEqual(lake.json('quality', 'waivers'), []);
  });

  test('a row whose parent has come goes in by itself, or when it is replayed', () => {
    lake.put('policies/late.csv', csv([a_policy({ policy_id: 'L2' })]));
    lake.ok('ingest');
    lake.ok('run', 'silver.dim_policies');
    assert.equal(lake.json('quality', 'recheck', facts, '--key', 'K3')[0].outcome, 'goes in');

    const replayed = lake.json('quality', 'replay', facts, '--key', 'K3');

    assert.equal(replayed.run.ok, true);
    assert.equal(lake.count('gold.claims_analytics', "claim_id = 'K3'"), 1);
    assert.equal(lake.count(facts, "claim_id = 'K2'"), 0);
    assert_good_message(lake.fails(exit.conflict, 'quality', 'waive', facts, '--key', 'K3', '--why', 'so'), 'K3 of silver.fact_claims is not refused');
  });
});

describe('a table that a rule keeps back', () => {
  let lake, change;
  const rule = 'any_rows:                 {row_count: {min: 1}, else: warn}';
  const broken = 'any_rows:                 {row_count: {min: 100}, else: fail}';
  const asks = (table, ...args) => lake.run('sql', `SELECT count(*) FROM ${table}`, ...args);
  before(() => {
    lake = lake_with();
    change = own_pack(lake);
    takes_in(lake);
  });

  test('nothing is said while all is well', () => {
    assert.equal(asks(facts).err, '');
    assert.deepEqual(lake.json('pipeline', 'status').tables.map((table) => table.stale).filter(Boolean), []);
  });

  test('is stale, and so is what reads it, on every answer', () => {
    change('2_silver/fact_claims.yml', rule, broken);
    assert.equal(lake.run('run').code, exit.failed);

    assert.match(asks(facts).err, /^note: silver\.fact_claims is stale since .* UTC: its refresh was refused \(run .*\): rule any_rows: 2 rows/);
    const gold = asks('gold.customer_360_view').err;
    assert.match(gold, /gold\.customer_360_view is stale since .*: the refresh of silver\.fact_claims was refused/);
    assert.equal(asks('silver.dim_pets').err, '', 'it does not read the claims');
    const answer = asks('gold.customer_360_view', '--json');
    assert.equal(JSON.parse(answer.out).length, 1, 'the rows are as always');
    const [stale] = JSON.parse(answer.err).stale;
    assert.deepEqual([stale.table, stale.because_of, stale.outcome, stale.rules], ['gold.customer_360_view', facts, 'refused', ['any_rows']]);
    assert.match(lake.ok('pipeline', 'status'), /silver\.fact_claims is stale since .*any_rows/);
    const flow = lake.json('pipeline', 'status').tables;
    assert.equal(flow.find((table) => table.table === facts).stale.run_id, stale.run_id);
    assert.equal(flow.find((table) => table.table === 'silver.dim_pets').stale, null);
  });

  test('is stale since the first refusal, by the last run that tried', () => {
    const [before] = JSON.parse(asks(facts, '--json').err).stale;
    assert.equal(lake.run('run').code, exit.failed);
    const [after] = JSON.parse(asks(facts, '--json').err).stale;
    assert.equal(after.since, before.since);
    assert.notEqual(after.run_id, before.run_id);
  });

  test('is fresh again when the rule holds', () => {
    change('2_silver/fact_claims.yml', broken, rule);
    lake.ok('run');
    assert.equal(asks(facts).err, '');
    assert.equal(asks('gold.customer_360_view', '--json').err, '');
    assert.deepEqual(lake.json('pipeline', 'status').tables.map((table) => table.stale).filter(Boolean), []);
  });

  test('a rule that fails for every row says so, and its rows come back when it is mended', () => {
    const right = 'amount_positive:          {sql: "claim_amount > 0"';
    const wrong = 'amount_positive:          {sql: "claim_amount < 0"';
    change('2_silver/fact_claims.yml', right, wrong);
    const made = JSON.parse(lake.run('run', '--json').out);
    assert.match(made.tables.find((table) => table.table === facts).message, /the rule amount_positive fails for all 2 rows/);
    assert.equal(lake.count(facts), 0);

    change('2_silver/fact_claims.yml', wrong, right);
    lake.ok('run');
    assert.equal(lake.count(facts), 2);
  });
});
