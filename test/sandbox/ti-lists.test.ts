import { describe, expect, test } from '@jest/globals';
import { TiTenant } from './ti-tenant.ts';

async function tenantWithGroups(count: number): Promise<TiTenant> {
  const tenant = await TiTenant.start();
  for (let n = 0; n < count; n += 1) await tenant.create({ label: `group-${n}`, totalCodesCount: 1 });
  return tenant;
}

describe('the group list', () => {
  test('pages by 50, newest first, behind a base64 cursor', async () => {
    await using tenant = await tenantWithGroups(51);
    const { json } = await tenant.call('/redemptionCodes');
    expect(json.redemptionCodeGroups).toHaveLength(50);
    expect(json.redemptionCodeGroups[0].label).toBe('group-50');
    expect(json.pageInfo).toEqual({ total: 50, hasMore: true, cursor: btoa('{"page":2}') });
    const last = await tenant.call(`/redemptionCodes?cursor=${encodeURIComponent(json.pageInfo.cursor)}`);
    expect(last.json.redemptionCodeGroups).toHaveLength(1);
    expect(last.json.pageInfo).toEqual({ total: 1, hasMore: false, cursor: null });
  });

  test('tells where a group comes from, and no codes', async () => {
    await using tenant = await TiTenant.start();
    await tenant.create();
    const { json } = await tenant.call('/redemptionCodes');
    expect(json.redemptionCodeGroups[0]).toMatchObject({ uploaded: false, gift: false, totalCodesCount: 3 });
    expect(JSON.stringify(json)).not.toContain(tenant.state.codes[0]?.code);
  });

  test('may tell the true total', async () => {
    await using tenant = await tenantWithGroups(51);
    tenant.state.options.misreportTotal = false;
    expect((await tenant.call('/redemptionCodes')).json.pageInfo.total).toBe(51);
  });

  test('shifts when a group is created between two pages', async () => {
    await using tenant = await tenantWithGroups(51);
    const first = await tenant.call('/redemptionCodes');
    await tenant.create({ label: 'inserted' });
    const second = await tenant.call(
      `/redemptionCodes?cursor=${encodeURIComponent(first.json.pageInfo.cursor)}`,
    );
    const lastOfFirst = first.json.redemptionCodeGroups.at(-1).id;
    expect(second.json.redemptionCodeGroups[0].id).toBe(lastOfFirst);
  });

  test('sorts by label when asked', async () => {
    await using tenant = await TiTenant.start();
    for (const label of ['b', 'a', 'c']) await tenant.create({ label });
    const rows = await tenant.all('/redemptionCodes?sort=label:asc', 'redemptionCodeGroups');
    expect(rows.map(({ label }) => label)).toEqual(['a', 'b', 'c']);
  });

  test.each(['cursor=x', 'cursor=eyJwYWdlIjowfQ==', 'sort=createdAt:asc'])('refuses %s', async (query) => {
    await using tenant = await TiTenant.start();
    expect((await tenant.call(`/redemptionCodes?${query}`)).status).toBe(400);
  });

  test('may hand out the same cursor once more', async () => {
    await using tenant = await tenantWithGroups(101);
    tenant.state.options.repeatCursorOnce = true;
    const cursor = btoa('{"page":2}');
    const path = `/redemptionCodes?cursor=${encodeURIComponent(cursor)}`;
    expect((await tenant.call(path)).json.pageInfo).toMatchObject({ hasMore: true, cursor });
    expect((await tenant.call(path)).json.pageInfo.cursor).toBe(btoa('{"page":3}'));
  });

  test('may repeat the last row of a page on the next one', async () => {
    await using tenant = await tenantWithGroups(60);
    tenant.state.options.duplicateRows = true;
    const ids = (await tenant.all('/redemptionCodes', 'redemptionCodeGroups')).map(({ id }) => id);
    expect(ids).toHaveLength(61);
    expect(new Set(ids).size).toBe(60);
  });
});

describe('the group search', () => {
  async function labelsFound(tenant: TiTenant, query: string): Promise<unknown[]> {
    const path = `/redemptionCodes?query=${encodeURIComponent(query)}`;
    return (await tenant.all(path, 'redemptionCodeGroups')).map(({ label }) => label);
  }

  test('finds a word of the label, and labels that only start alike', async () => {
    await using tenant = await TiTenant.start();
    for (const label of ['acme-lead-q7k2', 'acme-nego-q7k2x', 'globex-lead-zz'])
      await tenant.create({ label });
    expect(await labelsFound(tenant, 'Q7K2')).toEqual(['acme-nego-q7k2x', 'acme-lead-q7k2']);
  });

  test('takes any word of a longer query, so a whole label finds its neighbours too', async () => {
    await using tenant = await TiTenant.start();
    for (const label of ['acme-lead-q7k2', 'acme-nego-p3p3']) await tenant.create({ label });
    expect(await labelsFound(tenant, 'acme-lead-q7k2')).toHaveLength(2);
  });

  test('reads a leading hyphen as "not" and finds nothing for field syntax', async () => {
    await using tenant = await TiTenant.start();
    for (const label of ['acme-lead', 'acme-nego']) await tenant.create({ label });
    expect(await labelsFound(tenant, 'acme -lead')).toEqual(['acme-nego']);
    expect(await labelsFound(tenant, 'label:acme')).toEqual([]);
    expect(await labelsFound(tenant, '"acme"')).toEqual([]);
  });

  test('sees a new group only after the index delay, while the plain list has it at once', async () => {
    await using tenant = await TiTenant.start({ indexDelayMs: 5_000 });
    await tenant.create();
    expect(await labelsFound(tenant, 'acme')).toEqual([]);
    expect(await tenant.all('/redemptionCodes', 'redemptionCodeGroups')).toHaveLength(1);
    tenant.clock.now += 5_000;
    expect(await labelsFound(tenant, 'acme')).toEqual(['acme-lead']);
  });
});

describe('the group detail', () => {
  test('is the row of the list', async () => {
    await using tenant = await TiTenant.start();
    const { json: created } = await tenant.create();
    const [row] = await tenant.all('/redemptionCodes', 'redemptionCodeGroups');
    expect((await tenant.call(`/redemptionCodes/${created.id}`)).json).toEqual(row);
    expect((await tenant.call(`/redemptionCodes/${created.id.toUpperCase()}`)).json).toEqual(row);
  });

  test('of an unknown group is not found', async () => {
    await using tenant = await TiTenant.start();
    expect((await tenant.call('/redemptionCodes/nope')).status).toBe(404);
  });
});

describe('the code list', () => {
  test('pages by 50 and tells each code with its status', async () => {
    await using tenant = await TiTenant.start();
    const { json: group } = await tenant.create({ totalCodesCount: 120 });
    const { json } = await tenant.call(`/redemptionCodes/${group.id}/codes`);
    expect(json.redemptionCodes).toHaveLength(50);
    expect(json.pageInfo).toEqual({ total: 120, perPage: 50, hasMore: true, cursor: btoa('{"page":2}') });
    expect(json.redemptionCodes[0]).toEqual({
      id: expect.any(String),
      code: tenant.state.codes[0]?.code,
      redeemed: false,
      redeemedAt: null,
      redeemedByUserId: null,
      createdAt: '2026-11-22T10:00:00.000Z',
    });
    const all = await tenant.all(`/redemptionCodes/${group.id}/codes`, 'redemptionCodes');
    expect(all.map(({ code }) => code)).toEqual(tenant.state.codes.map(({ code }) => code));
  });

  test('fills in growing batches', async () => {
    await using tenant = await TiTenant.start({ listingDelayMs: 3_000, listingBatches: 3 });
    const { json: group } = await tenant.create({ totalCodesCount: 10 });
    const counts: number[] = [];
    for (const at of [0, 999, 1_000, 2_000, 2_999, 3_000, 60_000]) {
      tenant.clock.now = Date.parse('2026-11-22T10:00:00.000Z') + at;
      counts.push((await tenant.all(`/redemptionCodes/${group.id}/codes`, 'redemptionCodes')).length);
    }
    expect(counts).toEqual([0, 0, 3, 6, 6, 10, 10]);
  });

  test('may stay empty for ever, until the switch is turned', async () => {
    await using tenant = await TiTenant.start({ listingDelayMs: Number.POSITIVE_INFINITY });
    const { json: group } = await tenant.create();
    tenant.clock.now += 1e12;
    const listed = () => tenant.all(`/redemptionCodes/${group.id}/codes`, 'redemptionCodes');
    expect(await listed()).toEqual([]);
    tenant.state.options.listingDelayMs = 0;
    expect(await listed()).toHaveLength(3);
  });

  test('keeps listed codes while codes that an admin added are still late', async () => {
    await using tenant = await TiTenant.start({ listingDelayMs: 1_000 });
    const { json: group } = await tenant.create();
    tenant.clock.now += 1_000;
    tenant.state.addCodes(group.id, 2);
    const listed = () => tenant.all(`/redemptionCodes/${group.id}/codes`, 'redemptionCodes');
    expect(await listed()).toHaveLength(3);
    expect((await tenant.call(`/redemptionCodes/${group.id}`)).json.totalCodesCount).toBe(5);
    tenant.clock.now += 1_000;
    expect(await listed()).toHaveLength(5);
  });

  test('of an unknown group is not found', async () => {
    await using tenant = await TiTenant.start();
    expect((await tenant.call('/redemptionCodes/nope/codes')).status).toBe(404);
  });

  test('can be switched off', async () => {
    await using tenant = await TiTenant.start({ codesPath: null });
    const { json: group } = await tenant.create();
    expect((await tenant.call(`/redemptionCodes/${group.id}/codes`)).status).toBe(404);
  });

  test.each([
    '/redemptionCodes/{groupId}/redemptionCodes',
    '/redemptionCodes/codes?groupId={groupId}',
    '/redemptionCodes/{groupId}',
  ])('can live under %s instead, and then only there', async (codesPath) => {
    await using tenant = await TiTenant.start({ codesPath });
    const { json: group } = await tenant.create({ totalCodesCount: 60 });
    const path = codesPath.replace('{groupId}', group.id);
    expect(await tenant.all(path, 'redemptionCodes')).toHaveLength(60);
    expect((await tenant.call(`/redemptionCodes/${group.id}/codes`)).status).toBe(404);
  });
});

describe('the code details', () => {
  test('tell the group of a listed code', async () => {
    await using tenant = await TiTenant.start();
    const { json: group } = await tenant.create();
    const code = tenant.state.codes[1]?.code;
    expect((await tenant.call(`/redemptionCodes/codes/${code}`)).json).toMatchObject({
      code,
      redeemed: false,
      redemptionCodeGroup: { id: group.id, label: 'acme-lead' },
    });
  });

  test('are not found for an unknown code, an unlisted one, and when switched off', async () => {
    await using tenant = await TiTenant.start({ listingDelayMs: 1_000 });
    await tenant.create();
    const path = `/redemptionCodes/codes/${tenant.state.codes[0]?.code}`;
    expect((await tenant.call('/redemptionCodes/codes/none')).status).toBe(404);
    expect((await tenant.call(path)).status).toBe(404);
    tenant.clock.now += 1_000;
    expect((await tenant.call(path)).status).toBe(200);
    tenant.state.options.codeDetailsPath = null;
    expect((await tenant.call(path)).status).toBe(404);
  });
});

describe('redeeming', () => {
  test('works once, shows in the list at once and in the counter after its delay', async () => {
    await using tenant = await TiTenant.start({ counterDelayMs: 2_000 });
    const { json: group } = await tenant.create();
    const code = tenant.state.codes[0]?.code ?? '';
    const counter = async () => (await tenant.call(`/redemptionCodes/${group.id}`)).json.redeemedCodesCount;
    expect(tenant.state.redeem(code)).toBe('redeemed');
    expect(tenant.state.redeem(code)).toBe('alreadyRedeemed');
    const [row] = await tenant.all(`/redemptionCodes/${group.id}/codes`, 'redemptionCodes');
    expect(row).toMatchObject({ redeemed: true, redeemedAt: '2026-11-22T10:00:00.000Z' });
    expect(row?.redeemedByUserId).toEqual(expect.any(String));
    expect(await counter()).toBe(0);
    tenant.clock.now += 2_000;
    expect(await counter()).toBe(1);
  });

  test('fails after the group expired, and for a code that nobody made', async () => {
    await using tenant = await TiTenant.start();
    await tenant.create({ expirationDate: '2026-11-22T10:00:01.000Z' });
    const code = tenant.state.codes[0]?.code ?? '';
    tenant.clock.now += 1_000;
    expect(tenant.state.redeem(code)).toBe('codeExpired');
    expect(tenant.state.redeem('none')).toBe('notFound');
  });
});
