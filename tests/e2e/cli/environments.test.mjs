// An environment from its beginning to its end: made without a copy, an edit tried in it, compared
// with main, dropped; and what goes wrong on the way.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { a_claim, jsonl, lake_with } from './book.mjs';
import { Lake, assert_good_message, at_terminal, exit, gold, new_folder, root, silver } from './lake.mjs';

// A lake that is built by a copy of the pack, which may be edited.
function built() {
  const lake = lake_with();
  const packs = path.join(new_folder(), 'packs');
  fs.cpSync(path.join(root, 'packs'), packs, { recursive: true });
  fs.writeFileSync(path.join(lake.folder, 'claimlake.yml'), `packs_folder: ${packs}\n`);
  lake.ok('ingest');
  lake.ok('run');
  lake.packs = packs;
  return lake;
}
function edit(packs, file, from, to) {
  const name = path.join(packs, 'pet', file);
  const before = fs.readFileSync(name, 'utf8');
  assert.ok(before.includes(from), `${file} does not have: ${from}`);
  fs.writeFileSync(name, before.replace(from, to));
}
const savings = ['3_gold/claims_analytics.sql', 'claims.claim_amount * 0.15', 'claims.claim_amount * 0.5'];
const files = (folder) => fs.readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath ?? entry.path, entry.name)).sort();
const changed = (plan) => plan.models.filter((model) => model.state !== 'unchanged').map((model) => model.model);

describe('an environment', () => {
  test('is made without a copy, tried on, compared with main, and dropped', () => {
    const lake = built();
    const before = files(lake.folder);
    const digests = lake.digests([...silver, ...gold]);

    const made = lake.json('env', 'create', 'dev');

    const written = files(lake.path('environments'));
    assert.deepEqual(written.filter((file) => file.endsWith('.parquet')), []);
    assert.ok(made.tables.every((table) => table.shared && table.own_bytes === 0), JSON.stringify(made));
    assert.ok(gold.every((table) => made.tables.some((each) => each.table === table)));
    assert.equal(lake.json('plan', '--env', 'dev').nothing_to_apply, true);
    assert.ok(lake.json('run', '--env', 'dev').tables.every((table) => table.outcome === 'skipped'));

    edit(lake.packs, ...savings);
    const plan = lake.json('plan', '--env', 'dev', '--diff');
    assert.deepEqual(plan.tables, ['gold.claims_analytics']);
    const { run } = lake.json('apply', '--env', 'dev', '--plan', plan.id);
    assert.deepEqual(run.tables.filter((table) => table.outcome === 'built').map((table) => table.table), ['gold.claims_analytics']);

    // Only what was edited is other than in main, and main is as it was.
    const in_dev = (sql) => Object.values(lake.json('sql', '--env', 'dev', sql)[0])[0];
    const differ = (table) => in_dev(`SELECT count(*) FROM (SELECT * EXCLUDE (_gold_processed_at) FROM ${table} EXCEPT SELECT * EXCLUDE (_gold_processed_at) FROM ${table.replace('.', '__main.')})`);
    const in_network = lake.count('gold.claims_analytics', 'network_savings > 0');
    assert.ok(in_network > 0);
    assert.equal(differ('gold.claims_analytics'), in_network);
    const [diff, ...others] = lake.json('env', 'diff', 'dev');
    assert.deepEqual([diff.table, diff.come, diff.go, diff.differ, others], ['gold.claims_analytics', 0, 0, in_network, []]);
    assert.deepEqual(diff.columns.map((column) => column.column), ['network_savings']);
    assert.equal(lake.json('env', 'diff', 'dev', 'gold.monthly_kpis')[0].differ, 0);
    for (const table of gold.filter((each) => each !== 'gold.claims_analytics')) assert.equal(differ(table), 0, table);
    assert.deepEqual(lake.digests([...silver, ...gold]), digests);
    assert.equal(lake.json('prove', '--env', 'dev').ok, true);
    const [listed] = lake.json('env', 'list');
    assert.deepEqual(listed.tables.filter((table) => gold.includes(table.table) && !table.shared).map((table) => table.table), ['gold.claims_analytics']);
    assert.ok(lake.json('model', 'explain', '--env', 'dev').length > 0);
    assert.ok(lake.json('table', 'check', '--env', 'dev').every((table) => table.errors === 0));

    lake.ok('env', 'drop', 'dev');

    assert.deepEqual(files(lake.folder), before);
    assert.deepEqual(lake.json('env', 'list'), []);
    // Promoting: the same plan in main.
    assert.deepEqual(lake.json('plan').tables, ['gold.claims_analytics']);
    lake.ok('apply', '--yes');
    assert.equal(lake.count('gold.claims_analytics', 'network_savings > claim_amount * 0.4'), in_network);
  });

  test('takes in what arrives by itself, and main does too', () => {
    const lake = built();
    lake.put('claims/many.jsonl', jsonl([...Array(40).keys()].map((i) => a_claim({ claim_id: `M${i}` }))));
    lake.ok('ingest');
    lake.ok('run');
    lake.ok('env', 'create', 'dev');
    lake.put('claims/more.jsonl', jsonl([a_claim({ claim_id: 'new' })]));

    lake.ok('ingest', '--env', 'dev');
    const ways = lake.json('run', '--env', 'dev').tables;

    assert.match(ways.find((table) => table.table === 'silver.fact_claims').way, /^by key/);
    const count = (...args) => lake.json('sql', ...args, "SELECT count(*) AS n FROM silver.fact_claims WHERE claim_id = 'new'")[0].n;
    assert.equal(count('--env', 'dev'), 1);
    assert.equal(count(), 0);
    lake.ok('ingest');
    lake.ok('run');
    assert.equal(count(), 1);
    assert.equal(lake.json('prove', '--env', 'dev', '--from', 'raw').ok, true);
  });

  test('may be built by the packs of another folder', () => {
    const lake = built();
    const packs = path.join(new_folder(), 'packs');
    fs.cpSync(lake.packs, packs, { recursive: true });
    edit(packs, ...savings);

    lake.ok('env', 'create', 'fix_12', '--packs', packs);

    assert.ok(changed(lake.json('plan', '--env', 'fix_12')).includes('gold.claims_analytics'));
    assert.equal(lake.json('plan').nothing_to_apply, true);
  });

  test('keeps the files that it shares when main is vacuumed', () => {
    const lake = built();
    lake.ok('env', 'create', 'dev');
    const rows = lake.json('sql', '--env', 'dev', 'SELECT count(*) AS n FROM gold.monthly_kpis')[0].n;
    lake.ok('sql', "ALTER TABLE gold.monthly_kpis SET TBLPROPERTIES ('delta.deletedFileRetentionDuration' = 'interval 0 hours')");
    lake.ok('run', 'gold.monthly_kpis', '--force');

    lake.ok('sql', 'VACUUM gold.monthly_kpis RETAIN 0 HOURS');

    assert.equal(lake.json('sql', '--env', 'dev', 'SELECT count(*) AS n FROM gold.monthly_kpis WHERE total_claims IS NOT NULL')[0].n, rows);
  });

  test('is not dropped under the hands of another process', async () => {
    const lake = built();
    lake.ok('env', 'create', 'dev');
    const shell = at_terminal(path.dirname(lake.folder), ['--lake', lake.folder, 'sql', '--env', 'dev']);
    await shell.sees(/Claimlake SQL over/);

    assert_good_message(lake.fails(exit.conflict, 'env', 'drop', 'dev'), 'Another process of this machine', '--env dev');

    shell.type('\u0004');
    await shell.ended;
    lake.ok('env', 'drop', 'dev');
  });

  test('that is not there, or whose name is none, is told', () => {
    const lake = built();
    lake.ok('env', 'create', 'dev');

    assert_good_message(lake.fails(exit.not_found, 'plan', '--env', 'def'), "no environment 'def'", 'did you mean dev?');
    assert_good_message(lake.fails(exit.not_found, 'env', 'diff', 'dev', 'gold.monthly_kpi'), 'did you mean gold.monthly_kpis?');
    assert_good_message(lake.fails(exit.not_found, 'env', 'drop', 'staging'), "no environment 'staging'");
    for (const name of ['Dev', '../x', 'a b', '1st', 'main', 'x'.repeat(41)]) {
      assert_good_message(lake.fails(exit.wrong_input, 'env', 'create', name), /./);
    }
    assert_good_message(lake.fails(exit.wrong_input, 'run', '--env', '../x'), 'no name of an environment');
    assert_good_message(lake.fails(exit.conflict, 'env', 'create', 'dev'), 'already', 'claimlake env drop dev');
    assert_good_message(lake.fails(exit.wrong_input, 'init', '--env', 'dev'), 'works on the lake itself');
    assert_good_message(lake.fails(exit.wrong_input, 'sql', '--env', 'dev', 'DELETE FROM gold__main.monthly_kpis'), 'without --env');
    assert_good_message(new Lake().fails(exit.not_found, 'env', 'create', 'dev'), 'no lake');
    // One whose making or dropping was stopped.
    fs.rmSync(lake.path('environments/dev/environment.json'));
    assert.equal(lake.json('env', 'list')[0].complete, false);
    assert_good_message(lake.fails(exit.conflict, 'sql', '--env', 'dev', 'SELECT 1'), 'not complete', 'claimlake env drop dev');
    lake.ok('env', 'drop', 'dev');
  });

  test('of a lake without a table is not made', () => {
    const lake = Lake.empty();
    for (const folder of ['bronze', 'silver', 'gold', 'ops']) fs.rmSync(lake.path(folder), { recursive: true, force: true });

    assert_good_message(lake.fails(exit.not_found, 'env', 'create', 'dev'), 'no table', 'claimlake ingest');

    assert.deepEqual(lake.json('env', 'list'), []);
  });
});
