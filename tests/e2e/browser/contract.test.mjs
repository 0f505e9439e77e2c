// The running program against its contract: every GET answers what api/openapi.yaml says.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import Ajv2020 from 'ajv/dist/2020.js';
import add_formats from 'ajv-formats';

const url = process.env.CLAIMLAKE_URL ?? '';
if (!url) throw new Error('CLAIMLAKE_URL is not set; run tests/e2e/browser/run.sh URL OUT_DIR');

let api;
let ajv;
before(async () => {
  api = await (await fetch(new URL('/openapi.json', url))).json();
  ajv = new Ajv2020({ strict: false, allErrors: true });
  add_formats(ajv);
  ajv.addSchema(api, 'api');
});

const pointer = (...parts) => 'api#/' + parts.map((p) => encodeURIComponent(p.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/');

async function check(path, address, status = 200) {
  const response = await fetch(new URL(address, url));
  assert.equal(response.status, status, `${address}: ${await response.clone().text()}`);
  const type = response.headers.get('content-type') ?? '';
  const body = await response.json();
  const where = status < 400 ? ['paths', path, 'get', 'responses', '200', 'content', 'application/json', 'schema'] : ['components', 'schemas', 'Problem'];
  assert.ok(type.startsWith(status < 400 ? 'application/json' : 'application/problem+json'), `${address}: ${type}`);
  const valid = ajv.validate(pointer(...where), body);
  assert.ok(valid, `${address}: ${JSON.stringify(ajv.errors?.slice(0, 5))}`);
  return { body, response };
}

test('every call without a path parameter answers its schema', async () => {
  for (const [path, { get }] of Object.entries(api.paths)) {
    if (path.includes('{') || !get?.responses['200'].content['application/json']) continue;
    if (get.parameters?.some((parameter) => parameter.required)) continue;
    await check(path, path);
  }
});

test('customers, tables, claims and filters answer their schemas', async () => {
  const { body } = await check('/api/insights/customers', '/api/insights/customers?limit=3&total=true');
  assert.ok(body.pagination.total >= body.count);
  for (const customer of body.customers) {
    await check('/api/insights/customers/{customer_id}', `/api/insights/customers/${customer.customer_id}`);
    await check('/api/insights/claims', `/api/insights/claims?customer_id=${customer.customer_id}&limit=5`);
  }
  const { body: list } = await check('/api/lake/tables', '/api/lake/tables');
  for (const { table } of list.tables) await check('/api/lake/tables/{table}', `/api/lake/tables/${table}`);
});

test('cursors walk the whole list once', async () => {
  const seen = [];
  let address = '/api/insights/segments';
  const { body: segments } = await check(address, address);
  const tier = segments.segments.toSorted((a, b) => a.count - b.count)[0];
  address = `/api/insights/customers?tier=${tier.tier}&limit=200`;
  for (let cursor = ''; cursor !== null; ) {
    const { body } = await check('/api/insights/customers', address + (cursor && `&cursor=${encodeURIComponent(cursor)}`));
    seen.push(...body.customers.map((customer) => customer.customer_id));
    cursor = body.pagination.next_cursor;
  }
  assert.equal(seen.length, tier.count);
  assert.equal(new Set(seen).size, tier.count);
});

test('money is written with two decimals', async () => {
  const text = await (await fetch(new URL('/api/insights/summary', url))).text();
  assert.match(text, /"total_paid_amount":\s*-?\d+\.\d\d[,}\s]/);
});

test('an unchanged answer is a 304 without a body', async () => {
  for (const path of ['/api/insights/summary', '/api/lake/tables', '/api/insights/customers?limit=5']) {
    const first = await fetch(new URL(path, url));
    const etag = first.headers.get('etag');
    assert.ok(etag, path);
    const second = await fetch(new URL(path, url), { headers: { 'If-None-Match': etag } });
    assert.equal(second.status, 304, path);
    assert.equal(await second.text(), '', path);
  }
});

test('errors are problems that name the field and the next step', async () => {
  const { body } = await check('', '/api/insights/customers?limit=5000', 422);
  assert.equal(body.code, 'invalid_parameter');
  assert.equal(body.field, 'limit');
  const unknown = await check('', '/api/insights/customers?colour=red', 422);
  assert.equal(unknown.body.code, 'unknown_parameter');
  await check('', '/api/insights/customers?tier=Diamond', 422);
  await check('', '/api/insights/customers?cursor=not-a-cursor', 422);
  await check('', '/api/insights/customers/no-such-customer', 404);
  await check('', '/api/lake/tables/gold.no_such_table', 404);
  await check('', '/api/no-such-call', 404);
});
