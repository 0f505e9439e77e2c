// Where columns and rows come from: `lineage`, `why`, and the events that others get.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { before, describe, test } from 'node:test';
import { a_claim, jsonl, lake_with } from './book.mjs';
import { assert_good_message, exit, start } from './lake.mjs';

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

describe('why', () => {
  test('leads from a row of Gold to the lines of the files', () => {
    const why = ask('why', 'gold.customer_360_view', '--key', 'C1');
    assert.equal(why.code, exit.done);
    const total = why.columns.find(({ column }) => column === 'total_paid_amount');
    assert.equal(total.value, '400.00');
    assert.deepEqual(total.from.filter(({ way }) => way === 'aggregation').map(({ table, column }) => `${table}.${column}`), ['silver.fact_claims.paid_amount']);
    const name = why.columns.find(({ column }) => column === 'city');
    assert.deepEqual(name.from, [{ table: 'silver.dim_customers', column: 'city', way: 'identity', value: 'Denver' }]);
    const claims = why.inputs.find(({ table }) => table === 'silver.fact_claims');
    assert.deepEqual(claims.rows.map(({ claim_id }) => claim_id), ['K1', 'K2']);
    const [raw] = claims.inputs;
    assert.equal(raw.table, 'bronze.claims_raw');
    assert.deepEqual(raw.rows.map(({ _source_file }) => _source_file), ['claims.jsonl', 'claims.jsonl']);
    assert.match(raw.rows[0]._batch_id, /^\d{14}/);
    assert.equal(raw.written.length, 1);
    const [commit] = JSON.parse(lake.run('table', 'history', 'gold.customer_360_view', '--json').out);
    assert.equal(why.written.run, commit.run);
    assert.equal(why.written.version, commit.version);
  });

  test('says that a row is in quarantine, with the reason and its place', () => {
    const { code, out } = lake.run('why', 'silver.fact_claims', '--key', 'K3');
    assert.equal(code, exit.not_found);
    assert.match(out, /in quarantine \(open\) since .*policy_id = L9 breaks policy_exists/);
    assert.match(out, /from claims\.jsonl#\d+, batch \d{14}/);
  });

  test('says which inputs lack what is not there', () => {
    const why = ask('why', 'gold.customer_360_view', '--key', 'C9');
    assert.equal(why.code, exit.not_found);
    assert.equal(why.present, false);
    assert.deepEqual(why.inputs.map(({ count }) => count), why.inputs.map(() => 0));
  });

  test('refuses a question that has no answer', () => {
    for (const [args, part] of [
      [['why', 'gold.customer_360_views', '--key', 'C1'], 'did you mean gold.customer_360_view?'],
      [['why', 'serving.vw_customer_360', '--key', 'C1'], 'is a view'],
      [['why', 'bronze.claims_raw', '--key', 'K1'], 'has no key'],
    ]) {
      assert_good_message(lake.run(...args).err, part);
    }
  });
});

describe('OpenLineage', () => {
  const configured = (text) => {
    const made = lake_with();
    fs.appendFileSync(path.join(made.folder, 'claimlake.yml'), text);
    return made;
  };
  const events_of = (text) => text.trimEnd().split('\n').map((line) => JSON.parse(line));

  test('each ingest and run adds its events to the file, and one that does nothing adds none', () => {
    const made = configured('lineage_file: events.jsonl\n');
    const file = path.join(made.folder, 'events.jsonl');
    made.ok('ingest');
    made.ok('run', '--as-of', '2026-01-31');
    const events = events_of(fs.readFileSync(file, 'utf8'));
    assert.deepEqual(events.filter(({ job }) => job.name === 'pet.ingest').map(({ eventType }) => eventType), ['START', 'COMPLETE']);
    assert.deepEqual(events.filter(({ job }) => job.name === 'pet.run').map(({ eventType }) => eventType), ['START', 'COMPLETE']);
    const gold = events.find(({ job, eventType }) => job.name === 'pet.run.gold.customer_360_view' && eventType === 'COMPLETE');
    assert.deepEqual(gold.outputs.map(({ namespace, name }) => `${namespace} ${name}`), [`file ${made.folder}/gold/customer_360_view`]);
    assert.equal(gold.outputs[0].outputFacets.outputStatistics.rowCount, 1);
    const claims = gold.inputs.find(({ name }) => name.endsWith('silver/fact_claims'));
    assert.equal(claims.facets.version.datasetVersion, '0');
    made.ok('run', '--as-of', '2026-01-31');
    assert.equal(events_of(fs.readFileSync(file, 'utf8')).length, events.length);
  });

  test('a file and a server that cannot be reached are told, and fail nothing', () => {
    const made = configured('lineage_file: no/such/folder/events.jsonl\nlineage_url: http://127.0.0.1:9/\n');
    const { code, err } = made.run('ingest');
    assert.equal(code, exit.done);
    assert.match(err, /lineage_not_sent to=\S*events\.jsonl events=\d+ error="the file cannot be written"/);
    assert.match(err, /lineage_not_sent to=http:\/\/127\.0\.0\.1:9\/ events=\d+ error=/);
  });

  test('a server gets one event with each request', async () => {
    const got = [];
    const server = http.createServer((request, response) => {
      let body = '';
      request.on('data', (bytes) => (body += bytes));
      request.on('end', () => {
        got.push({ type: request.headers['content-type'], url: request.url, event: JSON.parse(body) });
        response.writeHead(201).end();
      });
    });
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    const made = configured(`lineage_url: http://127.0.0.1:${server.address().port}/api/v1/lineage\n`);
    const { code, err } = await start(path.dirname(made.folder), ['--lake', made.folder, 'ingest']).ended;
    server.close();
    assert.equal(code, exit.done, err);
    assert.ok(got.length > 2);
    assert.ok(got.every(({ type, url }) => type === 'application/json' && url === '/api/v1/lineage'));
    assert.equal(got.at(-1).event.eventType, 'COMPLETE');
  });

  test('an address with a secret in it is refused without repeating it', () => {
    const { code, err } = configured('lineage_url: https://me:secret@example.org/\n').run('table', 'list');
    assert.equal(code, exit.wrong_input);
    assert.doesNotMatch(err, /secret@/);
  });
});
