import { afterEach, describe, expect, test } from '@jest/globals';
import type { Catalog } from '../../src/domain/deal/catalog.ts';
import { UNWRITTEN } from '../../src/domain/deal/unwritten.ts';
import type { PlannedGroup } from '../../src/domain/planning/plan.ts';
import { describeAccess } from '../../src/domain/seats/roster.ts';
import { dayInWords } from '../../src/mail/mail-words.ts';
import { DEALS, openWorld, type World } from '../activities/world.ts';
import {
  carriedOut,
  comparisonOf,
  deal,
  EXAMPLE,
  line,
  planOf,
  platformGroups,
  readingOf,
  writtenBy,
} from '../unit/example-deals.ts';

let world: World | null = null;
afterEach(async () => {
  await world?.close();
  world = null;
});

/** Codes of the example work for 365 days from the close date. */
function expiringIn(timeZone: string | null, days = 365): Catalog {
  const products = EXAMPLE.products.map((product) =>
    product.ignore ? product : { ...product, codesExpireAfterDays: days },
  );
  return { ...EXAMPLE, products, timeZone };
}

function onlyGroup(groups: readonly PlannedGroup[]): PlannedGroup {
  const [group] = groups;
  if (group === undefined) throw new Error('expected a group');
  return group;
}

async function hubspotGroup(closeDate: string, catalog: Catalog): Promise<PlannedGroup> {
  world = await openWorld({ catalog: () => catalog });
  world.sandbox.hubspot.state.edit('deals', DEALS.hubspot.dealId, { closedate: closeDate });
  const { plan } = await world.readMore(DEALS.hubspot);
  return onlyGroup(plan.groups);
}

describe('Dates', () => {
  test('A HubSpot deal was closed at 23:30 UTC and the catalog says Europe/Berlin -> the close date is the next day, as people in Berlin read it', async () => {
    const { label, codesExpireOn } = await hubspotGroup('2026-11-20T23:30:00Z', expiringIn('Europe/Berlin'));
    expect(label).toContain('-2026-11-21-');
    expect(codesExpireOn).toBe('2027-11-21');
  });

  test('A HubSpot deal was closed at 02:00 UTC and the catalog says America/Los_Angeles -> the close date is the day before, as people there read it', async () => {
    const { label } = await hubspotGroup('2026-11-20T02:00:00Z', expiringIn('America/Los_Angeles'));
    expect(label).toContain('-2026-11-19-');
  });

  test('The catalog says no time zone -> the close date of a HubSpot deal is its day in UTC', async () => {
    const { label } = await hubspotGroup('2026-11-20T23:30:00Z', expiringIn(null));
    expect(label).toContain('-2026-11-20-');
  });

  test('Salesforce keeps a close date without a time -> it is that day in every time zone', () => {
    const sold = deal({ crm: 'salesforce', closeDate: '2026-11-20' });
    for (const zone of [null, 'Pacific/Kiritimati', 'America/Los_Angeles']) {
      expect(onlyGroup(planOf(sold, expiringIn(zone)).groups).label).toContain('-2026-11-20-');
    }
  });

  test('The catalog says a time zone -> codes stop working when the day that the buyer reads is over there', () => {
    const ends = (zone: string) => {
      const { codesExpireOn, codesExpireAt } = onlyGroup(planOf(deal(), expiringIn(zone)).groups);
      expect(codesExpireOn).toBe('2027-11-20');
      return codesExpireAt;
    };
    expect(ends('Europe/Berlin')).toBe('2027-11-20T22:59:59.000Z');
    expect(ends('America/Los_Angeles')).toBe('2027-11-21T07:59:59.000Z');
  });

  test('The last day of codes is one on which the clocks change -> they work until the end of that longer or shorter day', () => {
    const ends = (days: number) =>
      onlyGroup(
        planOf(deal({ closeDate: '2026-10-21' }), expiringIn('Europe/Berlin', days), { today: '2026-10-21' })
          .groups,
      );
    expect(ends(4)).toMatchObject({ codesExpireOn: '2026-10-25', codesExpireAt: '2026-10-25T22:59:59.000Z' });
    expect(ends(3)).toMatchObject({ codesExpireOn: '2026-10-24', codesExpireAt: '2026-10-24T21:59:59.000Z' });
  });

  test('The catalog says no time zone -> codes work until the day that the buyer reads is over everywhere on Earth', () => {
    const group = onlyGroup(planOf(deal(), expiringIn(null)).groups);
    expect(group).toMatchObject({ codesExpireOn: '2027-11-20', codesExpireAt: '2027-11-21T11:59:59.000Z' });
  });

  test('Access ends on a day of the catalog -> it lasts until that day is over for the buyer, and the roster says that day', () => {
    const products = EXAMPLE.products.map((product) =>
      product.ignore ? product : { ...product, access: { until: '2027-12-31' } },
    );
    const groupIn = (timeZone: string | null) =>
      onlyGroup(planOf(deal(), { ...EXAMPLE, products, timeZone }).groups);
    expect(groupIn(null).accessUntil).toBe('2028-01-01T11:59:59.000Z');
    expect(groupIn('Asia/Tokyo').accessUntil).toBe('2027-12-31T14:59:59.000Z');
    for (const zone of [null, 'Asia/Tokyo']) expect(describeAccess(groupIn(zone))).toBe('until 2027-12-31');
  });

  test('The mail and the roster say until when codes work -> both say the day, and the codes live at least to its end', async () => {
    world = await openWorld({ catalog: () => expiringIn('America/Los_Angeles') });
    const sending = await world.prepareMessages('hubspot');
    await world.run('sendMessages', sending);
    const { codesExpireOn, codesExpireAt } = onlyGroup(sending.plan.groups);
    const mail = JSON.stringify(world.sandbox.outbox.mails);
    expect(mail).toContain(`please redeem by ${dayInWords(codesExpireOn, 'en')}`);
    expect(Date.parse(codesExpireAt ?? '')).toBeGreaterThan(Date.parse(`${codesExpireOn}T23:59:59Z`));
  });

  test('A group was made before the catalog had a time zone -> people read the last day that it surely lasts', () => {
    const made = planOf(deal(), expiringIn(null));
    const ledger = carriedOut(made);
    const groups = new Map(
      [...platformGroups(ledger)].map(([id, group]) => [
        id,
        { ...group, codesExpireAt: '2027-11-20T11:59:59.000Z' },
      ]),
    );
    const more = deal({ lineItems: [line('LEAD-101', 30)], written: writtenBy(ledger, deal()) });
    const [old] = planOf(more, expiringIn('Europe/Berlin'), { groups }).groups;
    expect(old).toMatchObject({ codesExpireAt: '2027-11-20T11:59:59.000Z', codesExpireOn: '2027-11-19' });
  });

  test('A time zone is set after a deal was delivered -> the deal is as delivered, and its label stays', () => {
    const sold = deal({ closeDate: '2026-11-20T23:30:00.000Z' });
    const ledger = carriedOut(planOf(sold, expiringIn(null)));
    const delivered = { ...sold, written: writtenBy(ledger, sold) };
    expect(readingOf(delivered, expiringIn('Europe/Berlin')).kind).toBe('same');
  });

  test('A time zone is set after a group was made and before it was handed over -> the group is found by its token all the same', () => {
    const sold = deal({ closeDate: '2026-11-20T23:30:00.000Z' });
    const before = onlyGroup(planOf(sold, expiringIn(null)).groups);
    const after = onlyGroup(planOf(sold, expiringIn('Europe/Berlin')).groups);
    expect(after.label).not.toBe(before.label);
    expect(after.token).toBe(before.token);
  });

  test('Codes would expire today where the buyer is -> they are made, and they would not be on the day after', () => {
    const sold = deal({ closeDate: '2026-11-19' });
    const on = (today: string) => readingOf(sold, expiringIn('Europe/Berlin', 1), { today }).kind;
    expect(on('2026-11-20')).toBe('more');
    expect(on('2026-11-21')).toBe('blocked');
  });

  test('A task in Salesforce is due today -> it is the day that people in the time zone of the catalog have', async () => {
    // The tests plan on 21 November at 09:00 UTC.
    world = await openWorld({ catalog: () => expiringIn('Pacific/Pago_Pago') });
    await world.run('notifyOwner', {
      deal: DEALS.salesforce,
      ownerId: null,
      key: 'ask-1',
      subject: 'Something to fix',
      text: 'The deal has no close date.',
      priority: 'high',
    });
    const [task] = world.sandbox.salesforce.state.rows('Task');
    expect(task).toMatchObject({ Priority: 'High', ActivityDate: '2026-11-20' });
  });

  test('The sweep began on a day and the CRM keeps no stage history -> a deal closed on that day in the time zone of the catalog counts as won since', () => {
    const sold = deal({ closeDate: '2026-11-20', stageHistory: [], written: UNWRITTEN });
    const around = { source: 'sweep', wonSince: '2026-11-21T02:00:00.000Z' } as const;
    expect(comparisonOf(sold, expiringIn('America/Los_Angeles'), around).is).toBe('open');
    expect(comparisonOf(sold, expiringIn('Europe/Berlin'), around).is).toBe('decided');
  });
});
