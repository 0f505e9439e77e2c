// The pages that tell what a model is, and why a row is as it is, in real Chromium.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, open, phone, shot, url, violations } from './browser.mjs';

let browser;
let models;
before(async () => {
  browser = await launch();
  models = (await (await fetch(new URL('/api/lake/models', url))).json()).models;
});
after(() => browser?.close());

const item = (page, model) => page.locator(`[data-model="${model}"]`);

test('tells of a model what it is, its columns, rules, inputs, readers and SQL, without a fault', async () => {
  const fact_claims = models.find(({ model }) => model === 'silver.fact_claims');
  for (const [name, options] of [
    ['light', {}],
    ['dark', { colorScheme: 'dark' }],
    ['phone', { viewport: phone, isMobile: true }],
  ]) {
    const { page, faults, close } = await open(browser, '/models?table=silver.fact_claims', options);
    const shown = page.getByRole('article', { name: 'silver.fact_claims' });
    await shown.waitFor();
    assert.equal(await page.locator('[data-model]').count(), models.length);
    const text = await shown.innerText();
    assert.ok(text.includes(fact_claims.description.trim().split('\n')[0].slice(0, 40)), text.slice(0, 300));
    for (const { name: column } of fact_claims.columns) assert.ok(text.includes(column), column);
    for (const { rule, demand } of fact_claims.rules) assert.ok(text.includes(rule) && text.includes(demand), rule);
    assert.match(text, /Reads: bronze\.claims_raw/);
    assert.match(text, /Read by: .*gold\.claims_analytics/);
    assert.deepEqual(await violations(page), [], name);
    assert.deepEqual(faults, [], name);
    const widths = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(widths[0] <= widths[1], `${name}: ${widths[0]} wide in a window of ${widths[1]}`);
    await shot(page, `models-${name}`, { fullPage: true });
    await close();
  }
});

test('a model is found by a column, and the list is walked by the arrow keys', async () => {
  const { page, close } = await open(browser, '/models');
  await page.getByText('Choose a model to read').waitFor();

  await page.getByRole('searchbox').fill('churn_risk');
  await page.waitForFunction(() => document.querySelectorAll('[data-model]').length < 10);
  const listed = await page.locator('[data-model]').evaluateAll((nodes) => nodes.map((node) => node.dataset.model));
  assert.ok(listed.includes('gold.customer_360_view'));
  await item(page, listed[0]).focus();
  await page.keyboard.press('ArrowDown');

  await page.getByRole('article', { name: listed[1] }).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.dataset.model), listed[1]);
  await page.getByRole('searchbox').fill('no such thing');
  await page.getByText('No model has “no such thing”').waitFor();
  await close();
});

test('says what is wrong when the models cannot be read, and when there is no such model', async () => {
  const { page, close } = await open(browser, '/models?table=gold.nothing');
  await page.getByText('The pack has no model gold.nothing').waitFor();
  await close();
  const failing = await open(browser, '/models', {
    before: (each) =>
      each.route('**/api/lake/models', (route) =>
        route.fulfill({
          status: 503,
          contentType: 'application/problem+json',
          body: JSON.stringify({ type: 'about:blank', title: 'Not ready', status: 503, code: 'not_ready', detail: 'The lake could not be read just now.', next_step: 'Try again in a second.' }),
        }),
      ),
  });
  await failing.page.getByText('The lake could not be read just now.').waitFor();
  await failing.close();
});

test('explains a row by its key: the run that wrote it and the rows behind it', async () => {
  const { customers } = await (await fetch(new URL('/api/insights/customers?limit=1', url))).json();
  const { page, faults, close } = await open(browser, '/lineage?table=gold.customer_360_view');
  const panel = page.getByRole('region', { name: 'Why is a row as it is?' });

  await panel.getByRole('textbox').fill(customers[0].customer_id);
  await panel.getByRole('button', { name: 'Explain' }).click();

  await panel.locator('[data-why="present"]').waitFor();
  const text = await panel.innerText();
  assert.match(text, /Computed as version \d+/);
  assert.match(text, /silver\.dim_customers/);
  assert.match(text, /Taken in as version \d+/);
  assert.ok(!page.url().includes(customers[0].customer_id), 'keys may be personal data, which belongs in no address');
  assert.deepEqual(await violations(page), []);
  assert.deepEqual(faults, []);
  await shot(page, 'why', { fullPage: true });

  await panel.getByRole('textbox').fill('nobody');
  await page.keyboard.press('Enter');
  await panel.getByText('There is no such row').waitFor();
  await close();
});
