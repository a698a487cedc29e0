import { afterEach, describe, expect, test } from '@jest/globals';
import type { NewLineItem } from '../../sandbox/hubspot/state.ts';
import { SEATS_PROPERTY } from '../../sandbox/scenes/hubspot-user.ts';
import { parseCatalog } from '../../src/config/load-catalog.ts';
import type { Reading } from '../../src/domain/planning/reading.ts';
import { EXAMPLE_YAML, readingOf } from '../unit/example-deals.ts';
import {
  catalogWith,
  HUBSPOT_BUYER,
  openHubSpotShop,
  openSalesforceShop,
  outcomeOf,
  SALESFORCE_BUYER,
} from './sold-deals.ts';

let close: () => Promise<void> = async () => {};
afterEach(() => close());

type HubSpotShop = Awaited<ReturnType<typeof openHubSpotShop>>;

async function hubspot(yaml = ''): Promise<HubSpotShop> {
  const shop = await openHubSpotShop(yaml);
  close = shop.close;
  shop.state.properties.create('deals', SEATS_PROPERTY);
  return shop;
}

async function salesforce(yaml = '') {
  const shop = await openSalesforceShop(yaml);
  close = shop.close;
  return shop;
}

/** Makes a won deal with these lines. */
function sale({ state }: HubSpotShop, ...lineItems: readonly NewLineItem[]): string {
  return state.createDeal({ lineItems, contacts: HUBSPOT_BUYER });
}

function opportunity(
  { state }: Awaited<ReturnType<typeof salesforce>>,
  ...serviceDates: readonly (string | undefined)[]
): string {
  return state.createOpportunity({
    name: 'Globex',
    stageName: 'Closed Won',
    closeDate: '2026-11-20',
    lineItems: serviceDates.map((serviceDate) => ({
      productCode: 'LEAD-101',
      name: 'Leadership',
      quantity: 25,
      ...(serviceDate === undefined ? {} : { serviceDate }),
    })),
    contacts: SALESFORCE_BUYER,
  });
}

function lead(quantity: number | string | null, startsOn?: string): NewLineItem {
  return { name: 'Leadership', sku: 'LEAD-101', quantity, ...(startsOn === undefined ? {} : { startsOn }) };
}

function messagesOf(reading: Reading): string {
  if (reading.kind === 'blocked') return reading.problems.map(({ message }) => message).join('\n');
  return 'reason' in reading ? reading.reason.message : '';
}

const THREE_YEARS = [lead(25, '2026-12-01'), lead(25, '2027-12-01'), lead(25, '2028-12-01')];
const GROWING = [lead(10, '2026-12-01'), lead(5, '2026-12-01'), lead(40, '2027-12-01')];

describe('Contracts of several years', () => {
  test('a deal has one line for each of three years, 25 seats each -> people are asked whether that is 25 seats or 75', async () => {
    const shop = await hubspot();
    const dealId = sale(shop, ...THREE_YEARS);
    expect(await shop.outcome(dealId)).toBe('deal.lines_unclear');
    const said = messagesOf(await shop.reading(dealId));
    for (const day of ['2026-12-01', '2027-12-01', '2028-12-01'])
      expect(said).toContain(`25 seats from ${day}`);
  });

  test('the lines of a deal say that billing starts 12 and 24 months after the closing, without a day -> people are asked', async () => {
    const shop = await hubspot();
    const years = [lead(25), { ...lead(25), startsAfterMonths: 12 }, { ...lead(25), startsAfterMonths: 24 }];
    const dealId = sale(shop, ...years);
    expect(await shop.outcome(dealId)).toBe('deal.lines_unclear');
    expect(messagesOf(await shop.reading(dealId))).toContain('25 seats from 2028-11-20');
    expect(readWith('first', await shop.deal(dealId))).toBe('25 seats');
  });

  test('an opportunity has one product line for each service date -> people are asked', async () => {
    const shop = await salesforce();
    const dealId = opportunity(shop, '2026-12-01', '2027-12-01');
    expect(await shop.outcome(dealId)).toBe('deal.lines_unclear');
  });

  test('the catalog says lines: first for all products -> the first period counts', async () => {
    const shop = await hubspot();
    const deal = await shop.deal(sale(shop, ...GROWING));
    expect(readWith('first', deal)).toBe('15 seats');
  });

  test('the catalog says lines: highest -> the period with the most seats counts', async () => {
    const shop = await hubspot();
    const deal = await shop.deal(sale(shop, ...GROWING));
    expect(readWith('highest', deal)).toBe('40 seats');
  });

  test('the catalog says lines: sum -> seats of all periods add up', async () => {
    const shop = await hubspot();
    const deal = await shop.deal(sale(shop, ...GROWING));
    expect(readWith('sum', deal)).toBe('55 seats');
  });

  test('one line has a start date and another one has none -> people are asked, and by lines: first the one without counts', async () => {
    const shop = await hubspot();
    const dealId = sale(shop, lead(25, '2027-12-01'), lead(10));
    expect(await shop.outcome(dealId)).toBe('deal.lines_unclear');
    expect(readWith('first', await shop.deal(dealId))).toBe('10 seats');
  });

  test('lines of one product start on the same day, or have no dates -> their seats add up', async () => {
    const shop = await hubspot();
    expect(await shop.outcome(sale(shop, lead(25, '2026-12-01'), lead(5, '2026-12-01')))).toBe('30 seats');
    expect(await shop.outcome(sale(shop, lead(25), lead(5)))).toBe('30 seats');
  });

  test('lines of different products start on different days -> each product has its own seats', async () => {
    const shop = await hubspot();
    const other = { name: 'Negotiation', sku: 'NEGO-201', quantity: 5, startsOn: '2027-12-01' };
    expect(await shop.outcome(sale(shop, lead(25, '2026-12-01'), other))).toBe('30 seats');
  });

  test('a delivered deal of 25 seats gets a line for the next year with 25 again -> that is its renewal, and nothing is done', async () => {
    const shop = await hubspot();
    const dealId = sale(shop, lead(25, '2026-12-01'));
    await shop.deliver(dealId);
    shop.state.addLineItem(dealId, lead(25, '2027-12-01'));
    expect(await shop.outcome(dealId)).toBe('as delivered');
  });

  test('a delivered line of 30 seats is split into 20 now and 10 from March -> the customer has them all, and nothing is asked', async () => {
    const shop = await hubspot();
    const dealId = sale(shop, lead(30, '2026-12-01'));
    await shop.deliver(dealId);
    const [only] = shop.state.associations.linked({ object: 'deals', id: dealId }, 'line_items');
    shop.state.edit('line_items', only?.id ?? '', { quantity: 20 });
    shop.state.addLineItem(dealId, lead(10, '2027-03-01'));
    expect(await shop.outcome(dealId)).toBe('as delivered');
  });

  test('a delivered deal of 25 seats gets a line of 10 that starts later -> people are asked whether these are more seats', async () => {
    const shop = await hubspot();
    const dealId = sale(shop, lead(25, '2026-12-01'));
    await shop.deliver(dealId);
    shop.state.addLineItem(dealId, lead(10, '2027-03-01'));
    expect(await shop.outcome(dealId)).toBe('deal.lines_unclear');
  });

  test('a delivered deal of 25 seats gets a line of 25 that starts three months later -> people are asked whether these are more seats', async () => {
    const shop = await hubspot();
    const dealId = sale(shop, lead(25, '2026-12-01'));
    await shop.deliver(dealId);
    shop.state.addLineItem(dealId, lead(25, '2027-03-01'));
    expect(await shop.outcome(dealId)).toBe('deal.lines_unclear');
  });
});

/** What the deal comes to where the catalog says so for all products. */
function readWith(rule: string, deal: Awaited<ReturnType<HubSpotShop['deal']>>): string {
  const yaml = EXAMPLE_YAML.replace('defaults:\n', `defaults:\n  lines: ${rule}\n`);
  const catalog = parseCatalog(yaml, { learnerUrl: 'https://learn.vendor.example' });
  return outcomeOf(readingOf(deal, catalog));
}

describe('Lines that sell nothing', () => {
  test('an optional line has quantity 0 -> it is passed over, and the rest is provisioned', async () => {
    const shop = await hubspot();
    const optional = { name: 'Negotiation', sku: 'NEGO-201', quantity: 0 };
    expect(await shop.outcome(sale(shop, lead(25), optional))).toBe('25 seats');
    expect(await shop.outcome(sale(shop, lead(25), lead(0)))).toBe('25 seats');
  });

  test('every line that gives seats has quantity 0 -> people are asked for the quantity', async () => {
    const shop = await hubspot();
    const support = { name: 'Gold Support', sku: 'SUPPORT-GOLD', quantity: 1 };
    expect(await shop.outcome(sale(shop, lead(0), support))).toBe('deal.quantity_invalid');
  });

  test('a line has no quantity, or half a seat -> people are asked, as today', async () => {
    const shop = await hubspot();
    expect(await shop.outcome(sale(shop, lead(25), lead(null)))).toBe('deal.quantity_invalid');
    expect(await shop.outcome(sale(shop, lead(25), lead('2.5')))).toBe('deal.quantity_invalid');
  });

  test('a rep types a custom line for travel costs, which has no product -> the catalog ignores it by its name', async () => {
    const yaml = 'match: { name: Travel costs }\n    ignore: true';
    const shop = await hubspot();
    const dealId = sale(shop, lead(25), { name: ' travel  Costs', quantity: 1, sku: null });
    expect(await shop.outcome(dealId)).toBe('deal.line_item_unidentified');
    const catalog = catalogWithProduct(yaml);
    expect(outcomeOf(readingOf(await shop.deal(dealId), catalog))).toBe('25 seats');
  });

  test('a product of the catalog is named like a line that is ignored -> its seats are made all the same', async () => {
    const catalog = catalogWithProduct('match: { name: Leadership }\n    ignore: true');
    const shop = await hubspot();
    expect(outcomeOf(readingOf(await shop.deal(sale(shop, lead(25))), catalog))).toBe('25 seats');
  });

  test('a catalog entry gives seats for the name of a line, which any rep can type -> the catalog is refused', () => {
    expect(() =>
      catalogWithProduct('match: { name: Seats }\n    title: Seats\n    grants: { courses: [c1] }'),
    ).toThrow(/products/);
  });

  test('most of what the company sells are no seats -> unmatched: ignore passes over every line that no product matches', async () => {
    const shop = await hubspot('unmatched: ignore');
    const dealId = sale(
      shop,
      lead(25),
      { name: 'Travel', sku: null, quantity: 1 },
      { sku: 'HARDWARE-1', quantity: 3 },
    );
    expect(await shop.outcome(dealId)).toBe('25 seats');
    expect(await shop.outcome(sale(shop, { sku: 'HARDWARE-1', quantity: 3 }))).toBe('deal.no_seats');
  });
});

const BY_FIELD =
  'seatsFrom: [{ product: "sku:LEAD-101", hubspotProperty: seats_sold, salesforceField: Seats_Sold__c }]';

describe('Seats that stand in a field of the deal', () => {
  test('the company sells without line items, and a property of the deal holds the seats -> these seats are made', async () => {
    const shop = await hubspot(BY_FIELD);
    const dealId = sale(shop);
    shop.state.edit('deals', dealId, { seats_sold: '12' });
    expect(await shop.outcome(dealId)).toBe('12 seats');
  });

  test('the same in Salesforce -> the seats of the field are made', async () => {
    const shop = await salesforce(BY_FIELD);
    const dealId = opportunity(shop);
    shop.state.updateOpportunity(dealId, { Seats_Sold__c: 12 });
    expect(await shop.outcome(dealId)).toBe('12 seats');
  });

  test('the catalog spells the field in small letters, as Salesforce takes it in any -> the seats of the field are made', async () => {
    const shop = await salesforce(BY_FIELD.replace('Seats_Sold__c', 'seats_sold__c'));
    const dealId = opportunity(shop);
    shop.state.updateOpportunity(dealId, { Seats_Sold__c: 12 });
    expect(await shop.outcome(dealId)).toBe('12 seats');
  });

  test('the field is empty and the deal has no lines -> people are asked, and the field is named', async () => {
    const shop = await hubspot(BY_FIELD);
    const reading = await shop.reading(sale(shop));
    expect(outcomeOf(reading)).toBe('deal.no_line_items');
    expect(messagesOf(reading)).toContain('seats_sold');
  });

  test('the field and the lines sell the same number of seats -> they are made once', async () => {
    const shop = await hubspot(BY_FIELD);
    const dealId = sale(shop, lead(25));
    shop.state.edit('deals', dealId, { seats_sold: '25' });
    expect(await shop.outcome(dealId)).toBe('25 seats');
  });

  test('the field and the lines sell different numbers of seats -> people are asked which is right', async () => {
    const shop = await hubspot(BY_FIELD);
    const dealId = sale(shop, lead(25));
    shop.state.edit('deals', dealId, { seats_sold: '30' });
    const reading = await shop.reading(dealId);
    expect(outcomeOf(reading)).toBe('deal.seats_unclear');
    expect(messagesOf(reading)).toContain('25 seats, and field seats_sold says 30');
  });

  test('lines stand for years of 25 seats and the field says 25 -> the field settles what the lines mean', async () => {
    const shop = await hubspot(BY_FIELD);
    const dealId = sale(shop, ...THREE_YEARS);
    shop.state.edit('deals', dealId, { seats_sold: '25' });
    expect(await shop.outcome(dealId)).toBe('25 seats');
  });

  test('the lines sell another product than the field -> both are made', async () => {
    const shop = await hubspot(BY_FIELD);
    const dealId = sale(shop, { name: 'Negotiation', sku: 'NEGO-201', quantity: 5 });
    shop.state.edit('deals', dealId, { seats_sold: '12' });
    expect(await shop.outcome(dealId)).toBe('17 seats');
  });

  test('the field holds half a seat or fewer than none -> people are asked, and the field is named', async () => {
    const shop = await hubspot(BY_FIELD);
    for (const wrong of ['2.5', '-3']) {
      const dealId = sale(shop);
      shop.state.edit('deals', dealId, { seats_sold: wrong });
      const reading = await shop.reading(dealId);
      expect(outcomeOf(reading)).toBe('deal.quantity_invalid');
      expect(messagesOf(reading)).toContain('seats_sold');
    }
  });

  test('the number in the field is raised after the delivery -> the difference is made', async () => {
    const shop = await hubspot(BY_FIELD);
    const dealId = sale(shop);
    shop.state.edit('deals', dealId, { seats_sold: '12' });
    await shop.deliver(dealId);
    expect(await shop.outcome(dealId)).toBe('as delivered');
    shop.state.edit('deals', dealId, { seats_sold: '15' });
    expect(await shop.outcome(dealId)).toBe('3 seats');
  });

  test('the catalog names a field that the CRM does not have -> no deal is read without it, and dealseat doctor says so', async () => {
    const portal = await hubspot('seatsFrom: [{ product: "sku:LEAD-101", hubspotProperty: seat_count }]');
    const dealId = sale(portal, lead(25));
    await expect(portal.deal(dealId)).rejects.toMatchObject({ code: 'crm.field_missing' });
    const advice = (await portal.crm.checkSetup({ fix: false })).map((check) => check.advice ?? '');
    expect(advice.join(' ')).toContain('deal property "seat_count"');
    await close();
    const org = await salesforce('seatsFrom: [{ product: "sku:LEAD-101", salesforceField: Seat_Count__c }]');
    await expect(org.deal(opportunity(org))).rejects.toMatchObject({ code: 'crm.field_missing' });
    const checks = await org.crm.checkSetup({ fix: false });
    expect(checks.map((check) => check.advice ?? '').join(' ')).toContain('no Seat_Count__c');
  });

  test('the catalog takes seats of a product that it does not have from a field -> the catalog is refused', () => {
    expect(() => catalogWith('seatsFrom: [{ product: "sku:NOPE", hubspotProperty: seats_sold }]')).toThrow(
      /seatsFrom\[0\]\.product/,
    );
    expect(() => catalogWith('seatsFrom: [{ product: "sku:LEAD-101" }]')).toThrow(/at least one CRM/);
  });
});

function catalogWithProduct(entry: string) {
  const yaml = EXAMPLE_YAML.replace('products:\n', `products:\n  - ${entry}\n`);
  return parseCatalog(yaml, { learnerUrl: 'https://learn.vendor.example' });
}
