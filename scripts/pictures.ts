/**
 * Takes the pictures of docs/images from the running product: `node scripts/pictures.ts`. Starts the service on stand-ins,
 * wins a deal on the page, and looks at it in a browser of this machine. Its ports have to be free: the addresses that
 * can be read in a picture are those that a reader has as well.
 */
import { join } from 'node:path';
import { type Browser, chromium, type Locator, type Page } from 'playwright-core';
import { createSandboxStack } from '../src/commands/sandbox/stack.ts';
import { EXAMPLE_CATALOG } from '../src/commands/terminal/example-catalog.ts';
import { createLogger } from '../src/observability/logging.ts';
import { installRuntime } from '../src/temporal/runtime.ts';
import { findChromium } from '../test/support/chromium.ts';

const FOLDER = join(import.meta.dirname, '..', 'docs', 'images');
const PORTS = { temporal: 7_233, temporalUi: 8_233, webhooks: 8_080, page: 9_100 };
/** GitHub shows a picture about 830 pixels wide, so that a wider view could not be read. */
const SANDBOX_VIEW = { width: 1_000, height: 1_000 };
const TEMPORAL_VIEW = { width: 1_150, height: 1_200 };
const SHARPNESS = 1.5;
const WAIT_MS = 60_000;
const MARGIN = 16;

const executablePath = findChromium();
if (executablePath === null) throw new Error('A browser is needed to take pictures');
const logger = createLogger({ level: 'warn' });
installRuntime(logger);
const service = createSandboxStack({
  catalogPath: EXAMPLE_CATALOG,
  logger,
  ports: PORTS,
  areDealsOpen: true,
});
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
try {
  for (const { title, run } of service.steps) {
    console.log(`${title} …`);
    await run(() => undefined);
  }
  const { sandbox, temporal } = service.stack();
  await takeSandbox(await openPage(browser, SANDBOX_VIEW), sandbox.page.url);
  if (temporal.uiUrl !== null) await takeTemporal(await openPage(browser, TEMPORAL_VIEW), temporal.uiUrl);
} finally {
  await browser.close();
  await service.stop();
}
process.exit(0);

async function openPage(opened: Browser, viewport: { width: number; height: number }): Promise<Page> {
  const context = await opened.newContext({
    viewport,
    colorScheme: 'light',
    deviceScaleFactor: SHARPNESS,
    reducedMotion: 'reduce',
  });
  context.setDefaultTimeout(WAIT_MS);
  return context.newPage();
}

async function takeSandbox(page: Page, url: string): Promise<void> {
  const dealseat = page.locator('[data-region="deal-dealseat"]');
  const mail = page.locator('[data-region="deal-mails"] a[href^="/mail/"]').first();
  for (const path of ['/deals/salesforce/0065Y00001Suvw6QAB', '/deals/hubspot/9001']) {
    await page.goto(url + path);
    await page.getByRole('button', { name: /^Win this/ }).click();
    await dealseat.getByText('Delivered', { exact: true }).waitFor();
    await mail.waitFor();
  }
  // With few seats, so that the whole mail can be read.
  await page.goto(url);
  await page.getByLabel('Company').fill('Northwind');
  await page.getByRole('button', { name: 'Create and win it' }).click();
  await dealseat.getByText('Delivered', { exact: true }).waitFor();
  await mail.waitFor();
  await take(page, 'sandbox-deal', { below: dealseat });
  await mail.click();
  await page.waitForURL('**/mail/*');
  await showWholeMail(page);
  await take(page, 'sandbox-mail', { of: page.locator('main') });
  const popup = page.waitForEvent('popup');
  await page
    .frameLocator('iframe')
    .getByRole('link', { name: /\/redeem\/./ })
    .first()
    .click();
  const learner = await popup;
  await learner.setViewportSize({ width: 640, height: 360 });
  await learner.getByRole('button', { name: 'Redeem' }).click();
  await learner.getByText('you have access now').waitFor();
  await take(learner, 'sandbox-redeem', { of: learner.locator('.card') });
  await learner.close();
}

/** A mail is as long as its buyer has seats, and its frame is not. */
async function showWholeMail(page: Page): Promise<void> {
  const frame = page.locator('iframe');
  const content = await (await frame.elementHandle())?.contentFrame();
  const height = await content?.evaluate('document.documentElement.scrollHeight');
  await frame.evaluate((element, pixels) => element.setAttribute('style', `height:${pixels}px`), height);
  await page.setViewportSize({ ...SANDBOX_VIEW, height: Number(height) + 500 });
}

async function takeTemporal(page: Page, url: string): Promise<void> {
  const runs = `${url}/namespaces/default/workflows`;
  const list = `${runs}?query=${encodeURIComponent('WorkflowType="provisionDeal"')}`;
  await page.goto(list);
  const link = page.getByRole('link', { name: /provision:hubspot/ }).last(); // The oldest: later ones only look again.
  await link.waitFor();
  const run = new URL((await link.getAttribute('href')) ?? '', url).href;
  await page.goto(run);
  await page.getByText('Event History').first().waitFor();
  await page.waitForLoadState('networkidle');
  await take(page, 'temporal-run');
  await page.goto(run.replace(/\/(timeline|history)?\/?$/, '/user-metadata'));
  await page.waitForLoadState('networkidle');
  await take(page, 'temporal-details');
}

/** The whole view, one part of it, or what stands above the end of a part. */
async function take(
  page: Page,
  name: string,
  { of, below }: { readonly of?: Locator; readonly below?: Locator } = {},
): Promise<void> {
  const path = join(FOLDER, `${name}.png`);
  const options = { path, animations: 'disabled' } as const;
  if (of) await of.screenshot(options);
  else {
    const { width = 0, height = 0 } = page.viewportSize() ?? {};
    const box = await below?.boundingBox();
    const end = box ? Math.ceil(box.y + box.height) : height;
    await hideBelow(page, end);
    const clip = { x: 0, y: 0, width, height: box ? end + MARGIN : height };
    await page.screenshot({ ...options, clip, fullPage: true });
  }
  console.log(path);
}

/** No card is cut by the lower edge of a picture. */
async function hideBelow(page: Page, end: number): Promise<void> {
  await page.locator('[data-region]').evaluateAll((regions, bottom) => {
    for (const region of regions) {
      if (region.getBoundingClientRect().bottom > bottom + 1) region.style.visibility = 'hidden';
    }
  }, end);
}
