import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import axe from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';
import { PAGE_KEY } from '../../sandbox/environment.ts';
import { bringChromium } from '../../scripts/setup/chromium.ts';
import { announcerTo } from '../../src/commands/sandbox/stand-ins.ts';
import { openStoreDatabase, type StoreDatabase } from '../../src/store/database.ts';
import { openServiceWorld, type ServiceWorld } from '../support/service-world.ts';
import { embeddedImage } from '../support/store.ts';

const executable = await bringChromium();
const inBrowser = executable === null ? test.skip : test;

const WAIT_MS = 40_000;
jest.setTimeout(120_000);

const PHONE = { width: 390, height: 844 };
const DESK = { width: 1280, height: 900 };

let browser: Browser;
let world: ServiceWorld;
let store: StoreDatabase;
let serviceUrl = '';
let page: Page;
/** Whatever a browser complains of. */
const complaints: string[] = [];

beforeAll(async () => {
  if (executable === null) return;
  store = await openStoreDatabase({ databaseUrl: null, folder: null, image: await embeddedImage() });
  [browser, world] = await Promise.all([
    chromium.launch({ executablePath: executable, args: ['--no-sandbox', '--disable-dev-shm-usage'] }),
    openServiceWorld({
      sandbox: {
        scenes: { report: announcerTo({ url: '', publicUrl: '' }) },
        seats: () => ({ url: serviceUrl, key: PAGE_KEY }),
      },
      env: { DEALSEAT_SEATS_INTERVAL_MS: '10000', DEALSEAT_SEATS_SHOW_EVERY_MS: '0' },
      store,
    }),
  ]);
  const [, { url }] = await Promise.all([world.startWorker(), world.startWebhooks()]);
  serviceUrl = url;
  const context = await browser.newContext({ viewport: DESK });
  context.setDefaultTimeout(WAIT_MS);
  context.on('page', (opened) => {
    opened.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    opened.on('pageerror', (error) => complaints.push(error.message));
  });
  page = await context.newPage();
});

afterAll(async () => {
  await browser?.close();
  await world?.close();
  await store?.close();
});

function region(id: string) {
  return page.locator(`[data-region="${id}"]`);
}

/** What axe finds wrong, and whether the page has to be moved sideways on a phone. */
async function faultsOf(shown: Page): Promise<string[]> {
  // A page that only changed has it already.
  if (!(await shown.evaluate('"axe" in globalThis'))) await shown.evaluate(axe.source);
  const found = await shown.evaluate(async () => {
    const { axe: inPage } = globalThis as unknown as { axe: typeof axe };
    const { violations } = await inPage.run(
      { exclude: [['iframe']] },
      { iframes: false, resultTypes: ['violations'] },
    );
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  });
  await shown.setViewportSize(PHONE);
  const width = await shown.evaluate('document.documentElement.scrollWidth');
  await shown.setViewportSize(DESK);
  return width === PHONE.width ? found : [...found, `${width} pixels wide on a phone`];
}

inBrowser(
  'a deal that is won on the page is delivered before the eyes, and its learner redeems a code',
  async () => {
    await page.goto(world.sandbox.page.url);
    expect(await faultsOf(page)).toEqual([]);
    await page.getByLabel('Company').fill('Initech');
    await page.getByLabel('Seats').fill('3');
    await page.getByRole('button', { name: 'Create and win it' }).click();

    // Live: nothing is loaded again.
    await region('deal-dealseat').getByText('Delivered', { exact: true }).waitFor();
    await region('deal-mails').getByText('0 of 3 redeemed').waitFor();
    expect(await faultsOf(page)).toEqual([]);
    const deal = page.url();

    await region('deal-mails').getByRole('link', { name: /seats/ }).first().click();
    await page.waitForURL('**/mail/1');
    expect(await faultsOf(page)).toEqual([]);
    const redeeming = page.waitForEvent('popup');
    await page
      .frameLocator('iframe')
      .getByRole('link', { name: /\/redeem\// })
      .first()
      .click();
    const learner = await redeeming;
    await learner.getByRole('button', { name: 'Redeem' }).click();
    await learner.getByText('you have access now').waitFor();
    expect(await faultsOf(learner)).toEqual([]);
    await learner.getByRole('button', { name: 'Redeem' }).click();
    await learner.getByText('has already been redeemed').waitFor();
    await learner.close();

    await region('rail-platform').getByText('1 of 3 redeemed').waitFor();
    await page.goto(deal);
    await region('deal-mails').getByText('1 of 3 redeemed').waitFor();
    expect(complaints).toEqual([]);
  },
);

inBrowser('sales approves many seats on the deal record, and the deal goes on', async () => {
  await page.goto(world.sandbox.page.url);
  await page.getByLabel('Company').fill('Hooli');
  await page.getByLabel('Seats').fill('1001');
  await page.getByRole('button', { name: 'Create and win it' }).click();
  const dealseat = region('deal-dealseat');
  await dealseat.getByText('NeedsAttention', { exact: true }).waitFor();
  expect(await faultsOf(page)).toEqual([]);
  await dealseat.getByLabel('Dealseat action').selectOption('Approve');
  await dealseat.getByRole('button', { name: 'Save' }).click();
  await dealseat.getByText('Delivered', { exact: true }).waitFor();
  expect(complaints).toEqual([]);
});

inBrowser('a system is taken down and up, a quantity is changed, and every page is accessible', async () => {
  const { sandbox } = world;
  await page.goto(sandbox.page.url);
  const platform = region('rail-systems').getByRole('listitem').filter({ hasText: 'Thought Industries' });
  await platform.getByRole('button', { name: 'Take it down' }).click();
  await platform.getByText('down', { exact: true }).waitFor();
  expect((await fetch(`${sandbox.ti.url}/redeem`)).status).toBe(503);
  await platform.getByRole('button', { name: 'Bring it up' }).click();
  await platform.getByText('up', { exact: true }).waitFor();
  expect((await fetch(`${sandbox.ti.url}/redeem`)).status).toBe(200);

  await region('rail-hubspot').getByRole('link', { name: 'Initech rollout' }).click();
  const sold = region('deal-lines');
  await sold.getByLabel('Quantity of Leadership Essentials (LEAD-101)').fill('4');
  await sold.getByRole('button', { name: 'Change' }).click();
  await region('rail-deeds').getByText('is 4 now, it was 3').waitFor();
  await region('deal-notes').getByRole('link', { name: /\.csv/ }).first().click();
  await page.getByText('••••').first().waitFor();
  expect(await faultsOf(page)).toEqual([]);
  await page.getByRole('link', { name: 'Show the codes' }).click();
  const [code = ''] = sandbox.ti.state.codes.map((each) => each.code);
  await page.getByText(code, { exact: true }).waitFor();

  for (const path of ['/inbox', '/groups', `/groups/${sandbox.ti.state.groups[0]?.id}`, '/scenes', '/log']) {
    await page.goto(sandbox.page.url + path);
    expect([path, ...(await faultsOf(page))]).toEqual([path]);
  }
  expect(complaints).toEqual([]);
});

inBrowser(
  'a seat is taken back and another is given away, an old code is redeemed, and the owner decides',
  async () => {
    await page.goto(world.sandbox.page.url);
    await page.getByLabel('Company').fill('Umbrella');
    await page.getByLabel('Seats').fill('3');
    await page.getByRole('button', { name: 'Create and win it' }).click();
    const seats = region('deal-seats');
    await seats.getByText('3 seats: 0 used, 3 handed out, 0 free').waitFor();
    const deal = page.url();

    // By keyboard alone.
    await seats.getByText('Change', { exact: false }).first().focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    await expect(focused()).resolves.toMatch(/^Take it back: seat/);
    await page.keyboard.press('Enter');
    await seats.getByText('Take the seat back').waitFor();
    await seats.getByText('done', { exact: true }).waitFor();
    expect(await faultsOf(page)).toEqual([]);
    await inTheDark(async () => expect(await faultsOf(page)).toEqual([]));

    await seats.getByText('1 seat that ended').click();
    await seats.getByRole('button', { name: /^Redeem its code/ }).click();
    expect(page.url()).toBe(deal);
    await seats.getByRole('button', { name: 'The learner keeps the access' }).waitFor();
    expect(await faultsOf(page)).toEqual([]);
    await seats.getByRole('button', { name: 'End the access' }).click();
    await seats.getByRole('button', { name: 'End the access' }).waitFor({ state: 'detached' });

    await seats.getByText('Change', { exact: false }).first().click();
    await seats.getByLabel('New holder').first().fill('pat.quinn@umbrella.example');
    await seats
      .getByRole('button', { name: /^Give it to them/ })
      .first()
      .click();
    await seats.getByRole('cell', { name: 'pat.quinn@umbrella.example' }).waitFor();
    expect(complaints).toEqual([]);
  },
);

async function focused(): Promise<string> {
  return page.evaluate(
    'document.activeElement.getAttribute("aria-label") ?? document.activeElement.textContent',
  );
}

async function inTheDark(look: () => Promise<void>): Promise<void> {
  await page.emulateMedia({ colorScheme: 'dark' });
  await look();
  await page.emulateMedia({ colorScheme: 'light' });
}
