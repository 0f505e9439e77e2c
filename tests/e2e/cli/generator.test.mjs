// `generate --dirty` lists every defect it plants in defects.csv. After ingest and run, the rule
// that is meant for each has found exactly that row, and no rule has found a row without a defect.
// docs/reference/pet_defects.md says what each expected_action means.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { before, describe, test } from 'node:test';
import { Lake, root, silver } from './lake.mjs';

const as_of = '2026-01-31';
const tables = {
  'customers.csv': { bronze: 'bronze.customers_raw', silver: 'silver.dim_customers' },
  'pets.csv': { bronze: 'bronze.pets_raw', silver: 'silver.dim_pets' },
  'policies.csv': { bronze: 'bronze.policies_raw', silver: 'silver.dim_policies' },
  'vet_providers.csv': { bronze: 'bronze.vet_providers_raw', silver: 'silver.dim_vet_providers' },
  'claims.jsonl': { bronze: 'bronze.claims_raw', silver: 'silver.fact_claims' },
};

// A book generated, taken in and built as of one day.
function built(...generate) {
  const lake = Lake.empty();
  lake.ok('generate', '--as-of', as_of, ...generate);
  lake.ok('ingest');
  lake.ok('run', '--as-of', as_of);
  return lake;
}

// Byte offsets of the lines of a file; line 1 is at index 0. Generated records have one line each.
function line_starts(bytes) {
  const starts = [0];
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) starts.push(at + 1);
  return starts;
}

// Rules that a defect may break besides the one that it is planted for.
const also_breaks = {
  negative_amount: ['covered_le_claimed', 'paid_le_claimed', 'paid_le_covered'],
};

describe('a dirty book', () => {
  let lake;
  const defects = [];
  const found = { flag: new Set(), quarantine: new Set(), superseded: new Set(), rescued: new Set(), bronze_quarantine: new Set() };
  // What a defect is called in the sets: its table, its place in the file and its rule.
  const name = (table, position, rule) => `${table}#${position} ${rule}`;

  before(() => {
    lake = built('--dirty', '0.05');
    const starts = Object.fromEntries(Object.keys(tables).map((file) => [file, line_starts(fs.readFileSync(lake.path('raw', file)))]));
    const [, ...lines] = fs.readFileSync(lake.path('raw/defects.csv'), 'utf8').trimEnd().split('\n');
    for (const line of lines) {
      const [file, number, key, kind, rule, action] = line.split(',');
      defects.push({ file, key, kind, rule, action, position: starts[file][Number(number) - 1] });
    }
    for (const { bronze, silver } of Object.values(tables)) {
      for (const row of lake.sql(`SELECT _source_position AS position, unnest(_dq) AS rule FROM ${silver}`)) found.flag.add(name(silver, row.position, row.rule));
      for (const row of lake.sql(`SELECT source_position AS position, unnest(rules) AS rule FROM ops.quarantine WHERE table_name = '${silver}' AND state = 'open'`)) found.quarantine.add(name(silver, row.position, row.rule));
      for (const row of lake.sql(`SELECT source_position AS position, unnest(rules) AS rule FROM ops.quarantine WHERE table_name = '${bronze}'`)) found.bronze_quarantine.add(name(bronze, row.position, row.rule));
      for (const row of lake.sql(`SELECT _source_position AS position FROM ${bronze} WHERE _rescued_data LIKE '%adjuster_note%'`)) found.rescued.add(name(bronze, row.position, ''));
    }
    for (const { silver } of Object.values(tables)) {
      const view = `ops.vw_${silver.split('.')[1]}_versions`;
      for (const row of lake.sql(`SELECT _source_position AS position FROM ${view} WHERE _is_duplicate`)) found.superseded.add(name(silver, row.position, ''));
    }
  });

  const table_of = (defect) => tables[defect.file][defect.action === 'bronze_quarantine' || defect.action === 'rescued' ? 'bronze' : 'silver'];

  test('has every kind of defect that the reference page lists', () => {
    const page = fs.readFileSync(new URL('../../../docs/reference/pet_defects.md', import.meta.url), 'utf8');
    const listed = new Set();
    for (const section of page.split('\n## ').filter((text) => /^\w+\.(csv|jsonl)\n/.test(text))) {
      const file = section.slice(0, section.indexOf('\n'));
      for (const [cell] of section.matchAll(/^\| (`\w+`(?:, `\w+`)*) \|/gm)) {
        for (const [, kind] of cell.matchAll(/`(\w+)`/g)) listed.add(`${file} ${kind}`);
      }
    }
    const planted = new Set(defects.map((defect) => `${defect.file} ${defect.kind}`));
    // A book of 200 providers has too few rows for a defect of each kind.
    for (const kind of [...listed]) if (kind.startsWith('vet_providers.csv') && !planted.has(kind)) listed.delete(kind);
    assert.ok(planted.size >= 55, `${planted.size} kinds`);
    assert.deepEqual([...planted].sort(), [...listed].sort());
  });

  for (const action of ['flag', 'quarantine', 'bronze_quarantine', 'rescued']) {
    test(`has each row to be found by ${action} found by the rule meant for it`, () => {
      const expected = defects.filter((defect) => defect.action === action);
      const missed = expected.filter((defect) => !found[action].has(name(table_of(defect), defect.position, defect.rule)));
      assert.ok(expected.length > 0);
      assert.deepEqual(missed.slice(0, 5), [], `${missed.length} of ${expected.length} were missed`);
    });

    test(`has nothing else found by ${action}`, () => {
      const allowed = new Set();
      for (const defect of defects.filter((defect) => defect.action === action)) {
        for (const rule of [defect.rule, ...(also_breaks[defect.kind] ?? [])]) allowed.add(name(table_of(defect), defect.position, rule));
      }
      assert.deepEqual([...found[action]].filter((row) => !allowed.has(row)).slice(0, 5), []);
    });
  }

  test('has each older version and each repeated row superseded by one that stays', () => {
    const expected = defects.filter((defect) => defect.action === 'superseded');
    assert.ok(expected.length > 100);
    for (const [file, { silver }] of Object.entries(tables)) {
      const key = lake.sql(`DESCRIBE ${silver}`)[0].column_name;
      assert.deepEqual(lake.sql(`SELECT ${key} FROM ${silver} GROUP BY ${key} HAVING count(*) > 1`), [], `${silver} has a key twice`);
      const view = `ops.vw_${silver.split('.')[1]}_versions`;
      const staying = new Map(lake.sql(`SELECT ${key} AS key, count(*) FILTER (NOT _is_duplicate) AS staying FROM ${view} GROUP BY ${key}`).map((row) => [row.key, row.staying]));
      for (const defect of expected.filter((defect) => defect.file === file)) {
        assert.equal(staying.get(defect.key), 1, `${defect.kind} ${silver} ${defect.key}`);
        // Of two equal lines either may stay; else the older one went.
        if (defect.kind !== 'exact_duplicate') assert.ok(found.superseded.has(name(silver, defect.position, '')), `${defect.kind} ${silver} ${defect.key}`);
      }
    }
  });

  test('has each rule over two tables count its defects', () => {
    const expected = new Map();
    for (const defect of defects.filter((defect) => defect.action === 'warn')) {
      const rule = `${table_of(defect)} ${defect.rule}`;
      expected.set(rule, (expected.get(rule) ?? 0) + 1);
    }
    const rows = lake.sql("SELECT table_name, rule, outcome, value FROM ops.quality_results WHERE kind = 'sql' AND table_name LIKE 'silver.%' AND outcome = 'warn'");
    assert.deepEqual(Object.fromEntries(rows.map((row) => [`${row.table_name} ${row.rule}`, row.value])), Object.fromEntries(expected));
  });

  test('shows in Gold where sums over planted rows are wrong, and nowhere else', () => {
    const rows = lake.sql("SELECT table_name, rule, value FROM ops.quality_results WHERE table_name LIKE 'gold.%' AND outcome <> 'pass' ORDER BY 1");
    assert.deepEqual(rows.map((row) => `${row.table_name} ${row.rule}`), ['gold.cross_sell_recommendations revenue_not_negative', 'gold.customer_360_view paid_le_claimed']);
    const keys = (kind) => `(${defects.filter((defect) => defect.kind === kind).map((defect) => `'${defect.key}'`).join(', ')})`;
    const explained = [
      `SELECT count(DISTINCT customer_id) FROM silver.dim_policies JOIN gold.cross_sell_recommendations USING (customer_id) WHERE estimated_revenue_opportunity < 0 AND policy_id IN ${keys('negative_premium')}`,
      `SELECT count(DISTINCT customer_id) FROM silver.fact_claims JOIN gold.customer_360_view USING (customer_id) WHERE total_paid_amount > total_claim_amount AND claim_id IN ${keys('paid_above_claimed')}`,
    ];
    assert.deepEqual(rows.map((row) => Number(row.value)), explained.map((statement) => lake.value(statement)));
    // docs/reference/pet_defects.md names the number.
    const page = fs.readFileSync(path.join(root, 'docs/reference/pet_defects.md'), 'utf8');
    assert.ok(page.includes(`${defects.filter((defect) => defect.kind === 'paid_above_claimed' && defect.rule === 'paid_le_claimed').length} such claims make ${rows[1].value} such customers`));
  });

  test('loses no row: each line of a file is in Silver, superseded or in quarantine', () => {
    for (const [file, { bronze, silver }] of Object.entries(tables)) {
      const lines = line_starts(fs.readFileSync(lake.path('raw', file))).length - 1 - (file.endsWith('.csv') ? 1 : 0);
      const broken = lake.count('ops.quarantine', `table_name = '${bronze}'`);
      assert.equal(lake.count(bronze) + broken, lines, bronze);
      const waiting = lake.count('ops.quarantine', `table_name = '${silver}' AND state = 'open'`);
      const superseded = lake.count(`ops.vw_${silver.split('.')[1]}_versions`, '_is_duplicate');
      assert.equal(lake.count(silver) + waiting + superseded, lake.count(bronze), silver);
    }
  });
});

describe('a clean book', () => {
  let lake;
  before(() => {
    lake = built('--dirty', '0');
  });

  test('has no answer key', () => assert.ok(!fs.existsSync(lake.path('raw/defects.csv'))));

  test('breaks no rule', () => {
    assert.deepEqual(lake.sql("SELECT table_name, rule, outcome, failed, message FROM ops.quality_results WHERE outcome <> 'pass' OR failed > 0"), []);
    assert.equal(lake.count('ops.quarantine'), 0);
    for (const table of silver) assert.equal(lake.count(table, 'NOT _is_valid OR _quality_score < 100 OR len(_dq) > 0'), 0, table);
    for (const { bronze } of Object.values(tables)) assert.equal(lake.count(bronze, '_rescued_data IS NOT NULL'), 0, bronze);
  });
});

test('the same arguments make the same bytes, another seed another book', () => {
  const lake = Lake.empty();
  for (const [folder, ...more] of [['a'], ['b'], ['c', '--seed', '7']]) lake.ok('generate', lake.path(folder), '--as-of', as_of, '--dirty', '0.01', ...more);
  for (const file of [...Object.keys(tables), 'defects.csv']) {
    const [a, b, c] = ['a', 'b', 'c'].map((folder) => fs.readFileSync(lake.path(folder, file)));
    assert.ok(a.equals(b), file);
    assert.ok(!a.equals(c), file);
  }
});
