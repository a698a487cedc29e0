/**
 * Takes the pictures of docs/images from the running product: `node scripts/pictures.ts`. Starts the service on stand-ins,
 * wins a deal on the page, and looks at it in a browser of this machine.
 */
import { join } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { createSandboxStack } from '../src/commands/sandbox/stack.ts';
import { EXAMPLE_CATALOG } from '../src/commands/terminal/example-catalog.ts';
import { createLogger } from '../src/observability/logging.ts';
import { installRuntime } from '../src/temporal/runtime.ts';
import { findChromium } from '../test/support/chromium.ts';

const FOLDER = join(import.meta.dirname, '..', 'docs', 'images');
const VIEW = { width: 1280, height: 900 };
const WAIT_MS = 60_000;

const executablePath = findChromium();
if (executablePath === null) throw new Error('A browser is needed to take pictures');
const logger = createLogger({ level: 'warn' });
installRuntime(logger);
const service = createSandboxStack({ catalogPath: EXAMPLE_CATALOG, logger, areDealsOpen: true });
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
try {
  for (const { title, run } of service.steps) {
    console.log(`${title} …`);
    await run(() => undefined);
  }
  const { sandbox, temporal } = service.stack();
  const context = await browser.newContext({ viewport: VIEW, colorScheme: 'light' });
  context.setDefaultTimeout(WAIT_MS);
  const page = await context.newPage();
  await takeSandbox(page, sandbox.page.url);
  if (temporal.uiUrl !== null) await takeTemporal(page, temporal.uiUrl);
} finally {
  await browser.close();
  await service.stop();
}
process.exit(0);

async function takeSandbox(page: Page, url: string): Promise<void> {
  for (const path of ['/deals/salesforce/0065Y00001Suvw6QAB', '/deals/hubspot/9001']) {
    await page.goto(url + path);
    await page.getByRole('button', { name: /^Win this/ }).click();
    const status = page.locator('[data-region="deal-dealseat"]').getByText('Delivered', { exact: true });
    await status.waitFor();
  }
  await page.locator('[data-region="deal-mails"] a').first().waitFor();
  await take(page, 'sandbox-deal');
  await page.locator('[data-region="deal-mails"] a[href^="/mail/"]').first().click();
  await page.waitForURL('**/mail/*');
  await take(page, 'sandbox-mail');
  const popup = page.waitForEvent('popup');
  await page.frameLocator('iframe').getByRole('link').first().click();
  const learner = await popup;
  await learner.setViewportSize({ width: 720, height: 420 });
  await learner.getByRole('button', { name: 'Redeem' }).click();
  await learner.getByText('this learner has access now').waitFor();
  await take(learner, 'sandbox-redeem');
  await learner.close();
}

async function takeTemporal(page: Page, url: string): Promise<void> {
  const runs = `${url}/namespaces/default/workflows`;
  const list = `${runs}?query=${encodeURIComponent('WorkflowType="provisionDeal"')}`;
  await page.setViewportSize({ ...VIEW, height: 1200 });
  await page.goto(list);
  const link = page.getByRole('link', { name: /provision:hubspot/ }).last(); // The oldest: later ones only look again.
  await link.waitFor();
  const run = await link.getAttribute('href');
  await page.goto(new URL(run ?? '', url).href);
  await page.getByText('Event History').first().waitFor();
  await page.waitForLoadState('networkidle');
  await take(page, 'temporal-run');
  await page.goto(new URL(run ?? '', url).href.replace(/\/(timeline|history)?\/?$/, '/user-metadata'));
  await page.waitForLoadState('networkidle');
  await take(page, 'temporal-details');
}

async function take(page: Page, name: string): Promise<void> {
  const path = join(FOLDER, `${name}.png`);
  await page.screenshot({ path, animations: 'disabled' });
  console.log(path);
}
