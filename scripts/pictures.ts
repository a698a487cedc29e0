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
import { bringChromium } from './setup/chromium.ts';

const FOLDER = join(import.meta.dirname, '..', 'docs', 'images');
const PORTS = { temporal: 7_233, temporalUi: 8_233, webhooks: 8_080, page: 9_100 };
/** GitHub shows a picture about 830 pixels wide, so that a wider view could not be read. */
const SANDBOX = { view: { width: 1_000, height: 1_000 }, sharpness: 1.25 };
/** Narrower, and the Temporal UI puts its facts in one long column. */
const TEMPORAL = { view: { width: 1_280, height: 1_600 }, sharpness: 1.1 };
const WAIT_MS = 60_000;
const MARGIN = 16;

const executablePath = await bringChromium();
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
  await takeSandbox(await openPage(browser, SANDBOX), sandbox.page.url);
  if (temporal.uiUrl !== null) await takeTemporal(await openPage(browser, TEMPORAL), temporal.uiUrl);
} finally {
  await browser.close();
  await service.stop();
}
process.exit(0);

async function openPage(opened: Browser, { view, sharpness }: typeof SANDBOX): Promise<Page> {
  const context = await opened.newContext({
    viewport: view,
    colorScheme: 'light',
    deviceScaleFactor: sharpness,
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
  const mailPath = (await mail.getAttribute('href')) ?? '';
  await take(page, 'sandbox-deal', { below: dealseat });
  await page.goto(url + mailPath);
  await showWholeFrames(page);
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

/** A frame is as high as it is, and its text is longer. */
async function showWholeFrames(page: Page): Promise<void> {
  for (const frame of await page.locator('iframe').all()) {
    const content = await (await frame.elementHandle())?.contentFrame();
    const height = await content?.evaluate('document.documentElement.scrollHeight');
    await frame.evaluate((element, pixels) => element.setAttribute('style', `height:${pixels}px`), height);
  }
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
  await hideInputAndResult(page);
  await take(page, 'temporal-run', { above: page.getByText('Compact', { exact: true }).first() });
  await page.goto(run.replace(/\/(timeline|history)?\/?$/, '/user-metadata'));
  await page.waitForLoadState('networkidle');
  await showWholeFrames(page);
  await take(page, 'temporal-details', { below: page.getByText('look once more').last() });
}

/** They are long, and the timeline says more. */
async function hideInputAndResult(page: Page): Promise<void> {
  const both = page
    .getByRole('heading', { name: 'Input', exact: true })
    .locator('xpath=ancestor::*[.//*[normalize-space(text())="Result"]][1]');
  await both.evaluate((element) => element.setAttribute('style', 'display:none'));
}

/** One part of a page, or what stands above the end or the beginning of a part. */
async function take(
  page: Page,
  name: string,
  { of, below, above }: { readonly of?: Locator; readonly below?: Locator; readonly above?: Locator },
): Promise<void> {
  const path = join(FOLDER, `${name}.png`);
  const options = { path, animations: 'disabled' } as const;
  if (of) await of.screenshot(options);
  else {
    const { width = 0 } = page.viewportSize() ?? {};
    const box = await (below ?? above)?.boundingBox();
    if (!box) throw new Error(`${name}: the page does not show where the picture ends`);
    const end = Math.ceil(below ? box.y + box.height : box.y - 3 * MARGIN);
    await hideBelow(page, end);
    const clip = { x: 0, y: 0, width, height: end + MARGIN };
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
