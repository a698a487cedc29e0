import { describe, expect, test } from '@jest/globals';
import type { TiSandboxOptions } from '../../sandbox/thought-industries/options.ts';
import { TiTenant } from './ti-tenant.ts';

const EVENTS = '/events/redemptionCodeRedeem';

/** A tenant in which `count` codes were redeemed, one a second. */
async function tenantWithEvents(count: number, options: TiSandboxOptions = {}): Promise<TiTenant> {
  const tenant = await TiTenant.start(options);
  await tenant.create({ totalCodesCount: count });
  for (const { code } of tenant.state.codes) {
    tenant.clock.now += 1_000;
    tenant.state.redeem(code, `${code}@acme.example`);
  }
  return tenant;
}

describe('the redemption events', () => {
  test('tell code, group label and learner, newest first, without an id of the event or the group', async () => {
    await using tenant = await tenantWithEvents(2);
    const { json } = await tenant.call(EVENTS);
    const [older, newer] = tenant.state.codes;
    expect(json.events.map(({ redemptionCode }: { redemptionCode: string }) => redemptionCode)).toEqual([
      newer?.code,
      older?.code,
    ]);
    expect(json.events[0]).toEqual({
      event: 'redemptionCodeRedeem',
      timestamp: '2026-11-22T10:00:02.000Z',
      redemptionCode: newer?.code,
      redemptionCodeGroupLabel: 'acme-lead',
      user: `${newer?.code}@acme.example`,
      userDetail: {
        id: newer?.redeemedBy?.id,
        email: `${newer?.code}@acme.example`,
        firstName: null,
        lastName: null,
      },
    });
  });

  test('page by 100 behind a cursor that is a point in time', async () => {
    await using tenant = await tenantWithEvents(101);
    const { json } = await tenant.call(EVENTS);
    expect(json.events).toHaveLength(100);
    expect(json.pageInfo).toMatchObject({ perPage: 100, hasMore: true });
    expect(json.pageInfo.cursor).not.toContain('=');
    expect(await tenant.all(EVENTS, 'events')).toHaveLength(101);
  });

  test('are filtered by a window of milliseconds, both ends included', async () => {
    await using tenant = await tenantWithEvents(3);
    const second = tenant.clock.now - 1_000;
    const { json } = await tenant.call(`${EVENTS}?startDate=${second}&endDate=${second}`);
    expect(json.events).toHaveLength(1);
    expect((await tenant.call(`${EVENTS}?startDate=2026-11-22T10:00:00Z`)).status).toBe(400);
  });

  test('come in an envelope and take ISO dates where the tenant follows the documentation', async () => {
    await using tenant = await tenantWithEvents(3, { profile: 'documented' });
    const { json } = await tenant.call(`${EVENTS}?startDate=2026-11-22T10:00:02Z`);
    expect(json.data.APIEvents.events).toHaveLength(2);
  });
});
