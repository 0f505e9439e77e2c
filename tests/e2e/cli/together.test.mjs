// A pack that publishes all tables of a refresh together, or none.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { before, describe, test } from 'node:test';
import { a_claim, jsonl, lake_with } from './book.mjs';
import { assert_good_message, exit, root } from './lake.mjs';

const facts = 'silver.fact_claims';
const months = 'gold.claims_by_month';
const kpis = 'gold.monthly_kpis';

describe('a pack that says publish: together', () => {
  let lake, pack;
  const edit = (file, from, to) => {
    const text = fs.readFileSync(path.join(pack, file), 'utf8');
    assert.ok(text.includes(from), `${from} is not in ${file}`);
    fs.writeFileSync(path.join(pack, file), text.replace(from, to));
  };
  const rule = 'row_count: {min: 1}, else: fail';
  const claims = () => [lake.count(facts), lake.sql(`SELECT SUM(total_claims) AS n FROM ${months}`)[0].n].map(Number);
  const of = (report, table) => report.tables.find((each) => each.table === table);

  before(() => {
    lake = lake_with();
    const packs = lake.path('..', 'packs');
    pack = path.join(packs, 'pet');
    fs.cpSync(path.join(root, 'packs'), packs, { recursive: true });
    fs.writeFileSync(lake.path('claimlake.yml'), `packs_folder: ${packs}\n`);
    edit('pack.yml', 'time_zone:', 'publish: together\ntime_zone:');
    edit('3_gold/monthly_kpis.yml', '    set:\n', `    set:\n      some: {${rule}}\n`);
    lake.ok('ingest');
  });

  test('says how its tables were published', () => {
    const report = lake.json('run');
    assert.equal(report.publish, 'together');
    assert.ok(report.tables.every((table) => table.outcome === 'built'), JSON.stringify(report.tables));
    assert.deepEqual(claims(), [2, 2]);
    assert.deepEqual(lake.json('prove').tables.filter((table) => table.outcome !== 'equal'), []);
  });

  test('publishes nothing where one Gold table is refused', () => {
    edit('3_gold/monthly_kpis.yml', rule, 'row_count: {min: 100}, else: fail');
    lake.put('claims/more.jsonl', jsonl([a_claim({ claim_id: 'K3', claim_number: 'CLM2024000003' }), a_claim({ claim_id: 'K4', claim_number: 'CLM2024000004', claim_amount: -5 })]));
    lake.ok('ingest');

    const ended = lake.run('run', '--json');
    assert.equal(ended.code, exit.failed);
    const report = JSON.parse(ended.out);
    assert.deepEqual([of(report, kpis).outcome, of(report, facts).outcome, of(report, months).outcome], ['refused', 'refused', 'refused']);
    assert.match(of(report, facts).message, /^kept back, because gold\.monthly_kpis was refused .*rule some/);
    assert.equal(of(report, 'silver.dim_pets').outcome, 'skipped');
    assert.deepEqual(claims(), [2, 2]);
    assert.equal(lake.count('ops.quarantine', "key = 'K4'"), 0);
    assert.match(lake.run('run').out, /publish: together/);
  });

  test('says on every answer because of which table it is old', () => {
    assert.match(lake.run('sql', `SELECT * FROM ${facts}`).err, /silver\.fact_claims is stale since .*: the refresh of gold\.monthly_kpis was refused .*rule some/);
    const [stale] = JSON.parse(lake.run('sql', `SELECT * FROM ${months}`, '--json').err).stale;
    assert.deepEqual([stale.table, stale.because_of, stale.rules], [months, kpis, ['some']]);
  });

  test('publishes all of them once it is mended', () => {
    edit('3_gold/monthly_kpis.yml', 'row_count: {min: 100}', 'row_count: {min: 1}');
    const report = lake.json('run');
    assert.deepEqual([of(report, facts).outcome, of(report, months).outcome], ['built', 'built']);
    assert.deepEqual(claims(), [3, 3]);
    assert.equal(lake.count('ops.quarantine', "key = 'K4'"), 1);
    assert.equal(lake.run('sql', `SELECT * FROM ${facts}`).err, '');
    assert.deepEqual(lake.json('prove').tables.filter((table) => table.outcome !== 'equal'), []);
  });

  test('is told of a word that it does not know', () => {
    edit('pack.yml', 'publish: together', 'publish: all');
    assert_good_message(lake.fails(exit.wrong_input, 'run'), /pack\.yml:\d+:10/, /Publish is each or together, not all/);
  });
});
