import { describe, expect, test } from '@jest/globals';
import { createTiSandbox } from '../../sandbox/thought-industries/index.ts';
import { accessOf, type TiUser } from '../../sandbox/thought-industries/users.ts';
import { LEADERSHIP, TiTenant } from './ti-tenant.ts';

const EMAIL = 'lee@acme.example';
const DAY_MS = 24 * 60 * 60_000;

/** A tenant with a learner who redeemed a code of a group with the given access. */
async function tenantWithLearner(group: object = {}): Promise<{ tenant: TiTenant; user: TiUser }> {
  const tenant = await TiTenant.start();
  await tenant.create(group);
  tenant.state.redeem(tenant.state.codes[0]?.code ?? '', EMAIL);
  const user = tenant.state.users.find(EMAIL);
  if (!user) throw new Error('redeeming registers the learner');
  return { tenant, user };
}

describe('a learner who redeems', () => {
  test.each([
    ['days', { accessDays: 30 }, 30 * DAY_MS],
    ['a date', { accessExpirationDate: '2026-11-23T10:00:00.000Z' }, DAY_MS],
    ['neither', {}, null],
  ])('gets what the group gives, with %s', async (_, group, lastsMs) => {
    const { tenant, user } = await tenantWithLearner(group);
    await using _tenant = tenant;
    const [access] = accessOf(user, 'courses', tenant.clock.now);
    expect(access).toMatchObject({ id: LEADERSHIP, by: 'code' });
    expect(access?.untilMs).toBe(lastsMs === null ? null : tenant.clock.now + lastsMs);
    if (lastsMs !== null) expect(accessOf(user, 'courses', tenant.clock.now + lastsMs)).toEqual([]);
  });

  test('is registered by the address that was typed on the page', async () => {
    const { handler, state } = createTiSandbox();
    const { catalog } = state.options;
    state.addGroup({
      label: 'acme-lead',
      totalCodesCount: 1,
      codeLength: 12,
      expirationDate: null,
      accessDays: null,
      accessExpirationDate: null,
      client: null,
      targets: { courses: catalog.courses, learningPaths: [], bundles: [], licenses: [] },
    });
    const code = state.codes[0]?.code ?? '';
    const url = new URL(`http://learn.example/redeem/${code}`);
    const body = Buffer.from(new URLSearchParams({ code, email: EMAIL }).toString());
    await handler({ method: 'POST', url, path: url.pathname, headers: {}, body });
    expect(state.users.all.map(({ email }) => email)).toEqual([EMAIL]);
    expect(state.codes[0]?.redeemedBy).toBe(state.users.all[0]);
  });
});

describe('the traps of the platform', () => {
  test('deleteExpirations gives access without end, and that is on record', async () => {
    const { tenant, user } = await tenantWithLearner({ accessDays: 30 });
    await using _tenant = tenant;
    const lists = { courseIds: [LEADERSHIP], learningPathIds: [], licenseIds: [] };
    await tenant.post(`/users/${user.id}/deleteExpirations`, { userId: user.id, ...lists });
    expect(user.access[0]?.untilMs).toBeNull();
    expect(tenant.state.users.destroyed).toMatchObject([{ action: 'deleteExpirations', what: 'expiration' }]);
  });

  test('resetProgress destroys what it is not asked to spare', async () => {
    const { tenant, user } = await tenantWithLearner();
    await using _tenant = tenant;
    const answer = await tenant.post(`/users/${user.id}/resetProgress`, {
      slug: 'leadership-essentials',
      revokeAccess: false,
    });
    expect([answer.status, answer.json]).toEqual([200, true]);
    expect(tenant.state.users.destroyed.map(({ what }) => what)).toEqual(['progress', 'transcript']);
    expect(user.progress.size).toBe(0);
    expect(accessOf(user, 'courses', tenant.clock.now)).toHaveLength(1);
  });

  test.each([
    ['userId', { courseIds: [], learningPathIds: [], licenseIds: [], expirationDate: '2027-01-31' }],
    ['licenseIds', { userId: 'own', courseIds: [], learningPathIds: [], expirationDate: '2027-01-31' }],
    ['expirationDate', { userId: 'own', courseIds: [], learningPathIds: [], licenseIds: [] }],
  ])('expirations without %s are refused', async (_, body) => {
    const { tenant, user } = await tenantWithLearner();
    await using _tenant = tenant;
    const own = 'userId' in body ? { userId: user.id } : {};
    const answer = await tenant.post(`/users/${user.id}/expirations`, { ...body, ...own });
    expect(answer.status).toBe(422);
  });

  test('a user is invited unless that is refused in so many words', async () => {
    await using tenant = await TiTenant.start();
    await tenant.post('/users', { email: EMAIL });
    await tenant.post('/users', { email: `2${EMAIL}`, sendInvite: false });
    expect(tenant.state.users.invited).toEqual([EMAIL]);
  });

  test('a user who is there already is an error without upsert, with a status of success', async () => {
    const { tenant } = await tenantWithLearner();
    await using _tenant = tenant;
    const answer = await tenant.post('/users', { email: EMAIL.toUpperCase() });
    expect(answer.status).toBe(200);
    expect(answer.json.errors).toHaveLength(1);
    expect(tenant.state.users.all).toHaveLength(1);
  });

  test('replaced licenses are lost where they are not sent along', async () => {
    await using tenant = await TiTenant.start();
    const [license] = tenant.state.options.catalog.licenses;
    const created = await tenant.post('/users', { email: EMAIL, studentLicenseIds: [license?.id] });
    const { authorization } = { authorization: `Bearer ${tenant.state.options.apiKey}` };
    await tenant.call(`/users/${created.json.id}`, {
      method: 'PUT',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify({ replaceLicenseAccess: true }),
    });
    const [user] = tenant.state.users.all;
    expect(user && accessOf(user, 'licenses', tenant.clock.now)).toEqual([]);
  });

  test('the log of requests holds no address of a user', async () => {
    const { tenant } = await tenantWithLearner();
    await using _tenant = tenant;
    expect((await tenant.call(`/users/${encodeURIComponent(EMAIL)}`)).status).toBe(200);
    expect(JSON.stringify(tenant.state.requests)).not.toContain('acme.example');
  });
});
