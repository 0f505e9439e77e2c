// Opens the page in the system's Chromium and collects what must not happen on any page.
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

export const url = process.env.CLAIMLAKE_URL ?? '';
if (!url) throw new Error('CLAIMLAKE_URL is not set; run tests/e2e/browser/run.sh URL OUT_DIR');
const out_dir = process.env.OUT_DIR ?? 'shots';
mkdirSync(out_dir, { recursive: true });

const axe_source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const flags = ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--disable-background-networking'];

export const desktop = { width: 1440, height: 1000 };
export const phone = { width: 390, height: 844 };

export const launch = () =>
  chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', headless: true, args: flags });

// A page in a context of its own. `faults` lists console errors, uncaught errors and blocked
// resources as they happen.
export async function open(browser, path = '/', options = {}) {
  const { before, ...context_options } = options;
  const context = await browser.newContext({ viewport: desktop, colorScheme: 'light', reducedMotion: 'reduce', ...context_options });
  const page = await context.newPage();
  const faults = [];
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text());
  });
  page.on('pageerror', (error) => faults.push(String(error)));
  await before?.(page);
  await page.goto(new URL(path, url).href);
  return { page, faults, close: () => context.close() };
}

// The whole page is in place: no panel is loading.
export async function settled(page) {
  await page.waitForSelector('[data-kpi]');
  await page.waitForFunction(() => !document.querySelector('[aria-busy="true"]'));
}

// Injected through the debugger, which the page's Content-Security-Policy does not bind.
export async function violations(page) {
  await page.evaluate(axe_source);
  const result = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
  return result.violations.map((v) => `${v.id}: ${v.nodes.map((n) => `${n.target.join(' ')} ${n.failureSummary ?? ''}`).join(' | ')}`);
}

export const shot = (page, name, options = {}) => page.screenshot({ path: join(out_dir, `${name}.png`), ...options });
