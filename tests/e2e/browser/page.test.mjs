// The page of the running program, in real Chromium. The program must have data: the tests look
// a customer up in the API first and then find the same customer on the page.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { desktop, launch, open, phone, settled, shot, url, violations } from './browser.mjs';

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

const get = async (path) => (await fetch(new URL(path, url))).json();
const count = (n) => n.toLocaleString('en-US');

test('shows the KPIs of the API and raises no error', async () => {
  const summary = await get('/api/insights/summary');

  const { page, faults, close } = await open(browser);
  await settled(page);

  const tile = (label) => page.locator(`[data-kpi="${label}"]`).innerText();
  assert.match(await tile('Claims'), new RegExp(count(summary.total_claims)));
  assert.match(await tile('Customers'), new RegExp(count(summary.total_customers)));
  assert.match(await tile('Approval rate'), new RegExp(summary.approval_rate.toFixed(1).replace('.', '\\.')));
  assert.match(await tile('Loss ratio'), new RegExp(summary.loss_ratio.toFixed(1).replace('.', '\\.')));
  assert.deepEqual(faults, []);
  await shot(page, 'page-light', { fullPage: true });
  await shot(page, 'top-light');
  await close();
});

test('every answer of the server carries strict headers', async () => {
  for (const path of ['/', '/docs', '/api/insights/summary', '/no/such/page', '/api/no-such-call']) {
    const { headers } = await fetch(new URL(path, url));
    const policy = headers.get('content-security-policy') ?? '';
    for (const rule of ["default-src 'none'", "script-src 'self'", "style-src 'self'", "base-uri 'none'", "frame-ancestors 'none'"])
      assert.ok(policy.includes(rule), `${path}: the policy lacks ${rule}: ${policy}`);
    assert.doesNotMatch(policy, /unsafe/, path);
    assert.equal(headers.get('x-content-type-options'), 'nosniff', path);
    assert.ok(headers.get('referrer-policy'), path);
  }
});

test('has no axe violation in light, in dark and at phone width', async () => {
  for (const [name, options] of [
    ['light', {}],
    ['dark', { colorScheme: 'dark' }],
    ['phone-light', { viewport: phone, isMobile: true }],
    ['phone-dark', { viewport: phone, isMobile: true, colorScheme: 'dark' }],
  ]) {
    const { page, faults, close } = await open(browser, '/', options);
    await settled(page);
    assert.deepEqual(await violations(page), [], name);
    await page.getByRole('button', { name: 'Table', exact: true }).click();
    await page.getByRole('button', { name: 'How Loss ratio is computed' }).click();
    assert.deepEqual(await violations(page), [], `${name}, with table and formula`);
    assert.deepEqual(faults, [], name);
    await close();
  }
});

test('fits a phone without scrolling sideways', async () => {
  const { page, close } = await open(browser, '/', { viewport: phone, isMobile: true });
  await settled(page);

  const widths = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);

  assert.ok(widths[0] <= widths[1], `the page is ${widths[0]} wide in a window of ${widths[1]}`);
  await shot(page, 'phone', { fullPage: true });
  await close();
});

test('finds a customer by name', async () => {
  const { customers } = await get('/api/insights/customers?limit=1&sort=-total_claims');
  const wanted = customers[0];
  const { page, close } = await open(browser);
  await settled(page);

  await page.getByRole('searchbox').fill(wanted.full_name);
  await page.waitForFunction(() => location.search.includes('search='));
  await page.getByRole('button', { name: wanted.full_name }).first().waitFor();

  const names = await page.locator('#customers tbody th button').allInnerTexts();
  assert.ok(names.length > 0);
  for (const name of names) assert.equal(name, wanted.full_name);
  await close();
});

test('opens Customer 360 and comes back with the keyboard alone', async () => {
  const { customers } = await get('/api/insights/customers?limit=1&sort=-total_claims');
  const wanted = customers[0];
  const detail = await get(`/api/insights/customers/${wanted.customer_id}`);
  const { page, faults, close } = await open(browser);
  await settled(page);

  await page.keyboard.press('/');
  await page.keyboard.type(wanted.customer_id);
  const row = page.locator('#customers tbody th button');
  await page.waitForFunction(() => document.querySelectorAll('#customers tbody tr').length === 1);
  for (let presses = 0; presses < 30; presses += 1) {
    if (await row.first().evaluate((element) => element === document.activeElement)) break;
    await page.keyboard.press('Tab');
  }
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: wanted.full_name });
  await dialog.getByText('Next best action').waitFor();

  const text = await dialog.innerText();
  assert.ok(text.includes(detail.customer.customer_id));
  assert.ok(text.includes(detail.customer.email));
  for (const pet of detail.pets) assert.ok(text.includes(pet.pet_name), pet.pet_name);
  assert.deepEqual(await violations(page), []);
  await shot(page, 'customer-light');
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  assert.ok(await row.first().evaluate((element) => element === document.activeElement), 'the focus is back on the row');
  assert.deepEqual(faults, []);
  await close();
});

test('the address alone brings back what was open', async () => {
  const { customers } = await get('/api/insights/customers?limit=1');
  const { page, close } = await open(browser, `/?customer=${customers[0].customer_id}`, { colorScheme: 'dark' });

  await page.getByRole('dialog', { name: customers[0].full_name }).getByText('Next best action').waitFor();

  assert.deepEqual(await violations(page), []);
  await shot(page, 'customer-dark');
  await close();
});

test('says that a customer does not exist', async () => {
  const { page, close } = await open(browser, '/?customer=no-such-customer');

  await page.getByRole('dialog').getByRole('alert').waitFor();

  assert.match(await page.getByRole('dialog').innerText(), /not_found/);
  await close();
});

test('the table drawer shows lineage, columns and history, and walks the lineage', async () => {
  const { page, faults, close } = await open(browser);
  await settled(page);

  await page.getByRole('button', { name: 'customer_360_view', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'gold.customer_360_view' });
  await dialog.getByRole('heading', { name: 'Columns' }).waitFor();
  assert.match(await dialog.innerText(), /loss_ratio/);
  await dialog.getByRole('heading', { name: 'History' }).waitFor();
  assert.deepEqual(await violations(page), []);
  await shot(page, 'table-light');
  await dialog.getByRole('button', { name: /^silver\s*fact_claims$/ }).click();

  await page.getByRole('dialog', { name: 'silver.fact_claims' }).getByRole('heading', { name: 'Columns' }).waitFor();
  await page.goBack();
  await page.getByRole('dialog', { name: 'gold.customer_360_view' }).waitFor();
  assert.deepEqual(faults, []);
  await close();
});

test('the table drawer names the rows that wait in quarantine', async (t) => {
  const { tables } = await get('/api/lake/tables');
  const refusing = tables.find((table) => table.refused_rows > 0);
  if (!refusing) return t.skip('no table of this lake has refused rows; serve one generated with --dirty');
  const { rows } = await get(`/api/quality/quarantine?table=${refusing.table}&state=waiting&limit=1`);
  const { page, faults, close } = await open(browser, `/?table=${refusing.table}`);

  await page.getByText('Which rows wait').click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText(`${rows[0].source_file}, ${rows[0].position}`).first().waitFor();

  assert.ok((await dialog.innerText()).includes(rows[0].reason));
  assert.deepEqual(await violations(page), []);
  assert.deepEqual(faults, []);
  await shot(page, 'quarantine');
  await close();
});

test('a row that waits is waived with a reason, by the keyboard, and an error is told', async (t) => {
  const { rows } = await get('/api/quality/quarantine?state=waiting&limit=1000');
  const row = rows.find(({ key, table }) => key !== null && rows.filter((each) => each.table === table).length <= 100);
  if (!row) return t.skip('no row with a key waits in this lake; serve one generated with --dirty');
  const send = async (method, path, body) => {
    const answer = await fetch(new URL(path, url), { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
    return { status: answer.status, ...(await answer.json()) };
  };
  const say = (call) => send('POST', `/api/quality/quarantine/${call}`, { table: row.table, key: row.key, why: 'Said beside the page', by: 'A test' });
  // What is said stays a word here: the lake of the other tests stays as it is.
  assert.equal((await send('PUT', '/api/pipeline/mode', { mode: 'manual' })).status, 200);
  t.after(async () => {
    await say('withdraw');
    await send('PUT', '/api/pipeline/mode', { mode: 'continuous' });
  });
  // A lake may be used by these tests twice.
  await say('withdraw');
  const said = [];
  const { page, close } = await open(browser, `/?table=${row.table}`);
  page.on('request', (request) => {
    if (request.url().includes('/api/quality/quarantine/waive')) said.push([request.url(), request.postDataJSON()]);
  });
  await page.getByText('Which rows wait').click();
  const dialog = page.getByRole('dialog');

  await dialog.getByRole('button', { name: `Waive ${row.key}`, exact: true }).first().focus();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await page.keyboard.type('See the invoice');
  assert.deepEqual(await violations(page), []);
  // Somebody else is first.
  const [again] = (await say('waive')).changes;
  await page.keyboard.press('Enter');
  await dialog.getByRole('alert').getByText('is waived already, by A test').waitFor();
  assert.equal((await say('withdraw')).status, 200);
  await dialog.getByRole('button', { name: 'Let it in' }).click();
  const outcome = again.still_refused_by.length === 0 ? 'The next run takes the row in.' : `The row is refused still, by ${again.still_refused_by.join(', ')}.`;
  await dialog.getByRole('status').getByText(`${again.rules.join(', ')} waived. ${outcome}`).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('role')), 'status', 'the focus is not lost');

  for (const [address, body] of said) {
    assert.ok(!address.includes(row.key), 'keys may be personal data, which belongs in no address');
    assert.deepEqual(body, { table: row.table, key: row.key, why: 'See the invoice' });
  }
  assert.equal(said.length, 2);
  const { rows: found } = await send('POST', '/api/quality/quarantine/recheck', { table: row.table, key: row.key });
  assert.ok(found.some(({ outcome }) => outcome === (again.still_refused_by.length === 0 ? 'waived' : 'refused')), JSON.stringify(found));
  assert.deepEqual(await violations(page), []);
  await shot(page, 'waive');
  await close();
});

test('a chosen theme is remembered', async () => {
  const { page, close } = await open(browser);
  await settled(page);
  const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const light = await ground();

  await page.getByRole('button', { name: 'Use the dark theme' }).click();
  const dark = await ground();
  await page.reload();
  await settled(page);

  assert.notEqual(dark, light);
  assert.equal(await ground(), dark);
  await shot(page, 'page-dark', { fullPage: true });
  await shot(page, 'top-dark');
  await close();
});

test('the chart is read with arrow keys', async () => {
  const { page, close } = await open(browser);
  await settled(page);
  const chart = page.getByRole('group', { name: /Chart of claims/ });

  await chart.focus();
  await page.keyboard.press('Home');

  assert.match(await chart.locator('[aria-live]').innerText(), /claims, .* paid, loss ratio/);
  await close();
});

test('shows loading states while the server takes its time', async () => {
  let release;
  const held = new Promise((resolve) => {
    release = resolve;
  });
  const hold = (page) =>
    page.route('**/api/**', async (route) => {
      await held;
      await route.continue();
    });
  const { page, close } = await open(browser, '/', { before: hold });

  await page.getByRole('status').first().waitFor();
  assert.ok((await page.getByRole('status').count()) >= 6);
  assert.deepEqual(await violations(page), []);
  await shot(page, 'loading');
  release();
  await settled(page);
  await close();
});

test('says what is wrong when the server is down, keeps what was read, and recovers', async () => {
  const { page, close } = await open(browser);
  await settled(page);

  await page.route('**/api/**', (route) => route.abort());
  await page.getByRole('alert').filter({ hasText: 'does not answer' }).waitFor({ timeout: 15_000 });
  assert.ok(await page.locator('[data-kpi="Claims"]').isVisible());
  await page.locator('[data-live="offline"]').waitFor();
  assert.deepEqual(await violations(page), []);
  await shot(page, 'outage');
  await page.unroute('**/api/**');
  await page.getByRole('button', { name: 'Try now' }).click();

  await page.locator('[data-live="live"]').waitFor();
  await page.getByRole('alert').waitFor({ state: 'detached' });
  await close();
});

test('every panel says why it has nothing when the server was never reached', async () => {
  const { page, close } = await open(browser, '/', { before: (page) => page.route('**/api/**', (route) => route.abort()) });

  await page.getByRole('alert').first().waitFor();
  await page.waitForFunction(() => document.querySelectorAll('[data-failure]').length === 6);

  assert.match(await page.getByRole('alert').first().innerText(), /claimlake serve/);
  assert.deepEqual(await violations(page), []);
  await shot(page, 'error');
  await close();
});

test('a problem of the server is shown with its code and its next step', async () => {
  const problem = { type: 'about:blank', title: 'Not ready', status: 503, code: 'not_ready', detail: 'gold.monthly_kpis has no version yet', next_step: 'Run: claimlake run' };
  const fail = (page) =>
    page.route('**/api/insights/kpis*', (route) => route.fulfill({ status: 503, contentType: 'application/problem+json', body: JSON.stringify(problem) }));
  const { page, close } = await open(browser, '/', { before: fail });

  const text = await page.locator('[data-failure*="kpis"]').innerText();

  for (const part of [problem.title, problem.detail, problem.next_step, problem.code]) assert.ok(text.includes(part), part);
  await close();
});

test('an empty lake says how to fill it', async () => {
  const meta = { as_of: null, data_version: '0', tables: [] };
  const pagination = { limit: 12, offset: 0, next_cursor: null, total: 0 };
  const summary = await get('/api/insights/summary');
  const zero = Object.fromEntries(Object.entries(summary).map(([name, value]) => [name, typeof value === 'number' ? 0 : value]));
  const bodies = {
    '/api/insights/summary': { ...zero, as_of_date: null, meta },
    '/api/insights/kpis': { kpis: [], count: 0, description: '', meta },
    '/api/insights/categories': { categories: [], count: 0, meta },
    '/api/insights/segments': { segments: [], total_customers: 0, meta },
    '/api/insights/customers': { customers: [], count: 0, description: '', pagination, meta },
    '/api/lake/tables': { tables: [], count: 0, meta },
  };
  const empty = (page) => page.route('**/api/**', (route) => route.fulfill({ json: bodies[new URL(route.request().url()).pathname] }));
  const { page, faults, close } = await open(browser, '/', { before: empty });

  await page.getByText('No tables yet.').waitFor();
  // The panels load on their own: the sixth may be drawn after the table list.
  await page.getByText('claimlake ingest').nth(5).waitFor();

  assert.equal(await page.getByText('claimlake ingest').count(), 6);
  assert.deepEqual(await violations(page), []);
  assert.deepEqual(faults, []);
  await shot(page, 'empty');
  await close();
});

test('asks with the ETag and is answered 304 while nothing changes', async () => {
  const { page, close } = await open(browser);
  await settled(page);

  const response = await page.waitForResponse((r) => r.url().endsWith('/api/lake/tables'), { timeout: 15_000 });

  assert.equal(response.status(), 304);
  await close();
});

test('the API page lists every call and tries one', async () => {
  const api = await get('/openapi.json');
  const calls = Object.values(api.paths).flatMap((item) => Object.keys(item));
  const { page, faults, close } = await open(browser, '/docs', { viewport: desktop });

  await page.getByText('/api/insights/summary').first().waitFor();
  assert.equal(await page.locator('details > summary code').count(), calls.length);
  await page.getByText('/api/insights/summary').first().click();
  await page.getByRole('button', { name: 'Try it' }).first().click();
  await page.getByText('200 OK').waitFor();

  assert.deepEqual(await violations(page), []);
  assert.deepEqual(faults, []);
  await shot(page, 'docs');
  await close();
});
