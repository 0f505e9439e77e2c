// The page of the lineage in real Chromium: a graph to walk, by table and by column.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, open, phone, shot, url, violations } from './browser.mjs';

let browser;
let lineage;
before(async () => {
  browser = await launch();
  lineage = await (await fetch(new URL('/api/lake/lineage', url))).json();
});
after(() => browser?.close());

const node = (page, table) => page.locator(`[data-node="${table}"]`);
const related = (page, relation) => page.locator(`[data-relation="${relation}"]`).evaluateAll((nodes) => nodes.map((each) => each.dataset.node).sort());

test('shows every table of the pack with freshness and quality, and no fault', async () => {
  for (const [name, options] of [
    ['light', {}],
    ['dark', { colorScheme: 'dark' }],
    ['phone', { viewport: phone, isMobile: true }],
  ]) {
    const { page, faults, close } = await open(browser, '/lineage?table=gold.customer_360_view', options);
    await node(page, 'silver.fact_claims').waitFor();
    assert.equal(await page.locator('[data-node]').count(), lineage.count);
    await page.waitForFunction(() => /ago|just now/.test(document.querySelector('[data-node="silver.fact_claims"]').innerText));
    assert.match(await node(page, 'silver.fact_claims').innerText(), /refused/);
    assert.deepEqual(await violations(page), [], name);
    assert.deepEqual(faults, [], name);
    const widths = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(widths[0] <= widths[1], `${name}: ${widths[0]} wide in a window of ${widths[1]}`);
    await shot(page, `lineage-${name}`, { fullPage: true });
    await close();
  }
});

test('marks what stands before and after the chosen table', async () => {
  const { page, close } = await open(browser, '/lineage');
  await page.getByText('Choose a table above').waitFor();

  await node(page, 'silver.dim_vet_providers').click();

  assert.deepEqual(await related(page, 'chosen'), ['silver.dim_vet_providers']);
  assert.deepEqual(await related(page, 'before'), ['bronze.vet_providers_raw', 'raw.vet_providers']);
  assert.ok((await related(page, 'after')).includes('gold.provider_performance'));
  await page.goBack();
  await page.getByText('Choose a table above').waitFor();
  await close();
});

test('follows one column to the file and to what shows it', async () => {
  const { page, close } = await open(browser, '/lineage?table=gold.customer_360_view');
  await page.getByRole('button', { name: /^total_paid_amount / }).click();

  const before = page.getByRole('region', { name: 'total_paid_amount is computed from' });
  await before.getByRole('button', { name: 'raw.claims.paid_amount', exact: true }).waitFor();
  assert.match(await before.innerText(), /silver\.fact_claims\.paid_amount\s+aggregation\s+into\s+gold\.customer_360_view\.total_paid_amount/);
  const to = page.getByRole('region', { name: 'total_paid_amount goes into' });
  assert.match(await to.innerText(), /serving\.vw_customer_360\.total_paid_amount/);
  assert.deepEqual(await related(page, 'before'), ['bronze.claims_raw', 'raw.claims', 'silver.fact_claims']);
  assert.deepEqual(await violations(page), []);
  await shot(page, 'lineage-column', { fullPage: true });
  // A step leads to its column.
  await before.getByRole('button', { name: 'raw.claims.paid_amount', exact: true }).click();
  await page.getByRole('heading', { name: 'raw.claims', exact: true }).waitFor();
  assert.equal(new URL(page.url()).search, '?table=raw.claims&column=paid_amount');
  await close();
});

test('is walked with the keyboard alone', async () => {
  const { page, close } = await open(browser, '/lineage?table=gold.provider_performance');
  await node(page, 'gold.provider_performance').focus();

  await page.keyboard.press('ArrowLeft');

  const { reads } = lineage.tables.find(({ table }) => table === 'gold.provider_performance');
  assert.deepEqual(await related(page, 'chosen'), [reads[0]]);
  assert.equal(await page.evaluate(() => document.activeElement.dataset.node), reads[0]);
  await close();
});

test('says what is wrong, and that it is loading', async () => {
  let release;
  const held = new Promise((resolve) => {
    release = resolve;
  });
  const problem = { type: 'about:blank', title: 'Not ready', status: 503, code: 'not_ready', detail: 'the pack is being read', next_step: 'Wait a moment' };
  const { page, close } = await open(browser, '/lineage', {
    before: (page) =>
      page.route('**/api/lake/lineage', async (route) => {
        await held;
        await route.fulfill({ status: 503, contentType: 'application/problem+json', body: JSON.stringify(problem) });
      }),
  });
  await page.getByRole('status').first().waitFor();
  release();

  const text = await page.locator('[data-failure="/api/lake/lineage"]').innerText();

  for (const part of [problem.title, problem.detail, problem.next_step]) assert.ok(text.includes(part), part);
  assert.deepEqual(await violations(page), []);
  await close();
});
