// Takes the two pictures of the README from a running claimlake.
//   CLAIMLAKE_URL=http://127.0.0.1:8360 OUT_DIR=docs/images node tests/e2e/browser/pictures.mjs
import { launch, open, settled, shot } from './browser.mjs';

const browser = await launch();
for (const colorScheme of ['light', 'dark']) {
  const { page, faults, close } = await open(browser, '/', { colorScheme });
  await settled(page);
  if (faults.length) throw new Error(faults.join('\n'));
  await shot(page, `page-${colorScheme}`);
  await close();
}
await browser.close();
