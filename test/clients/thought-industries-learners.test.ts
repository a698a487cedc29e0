import { inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import type { TiSandboxOptions } from '../../sandbox/thought-industries/options.ts';
import { accessOf, giveAccess, type TiUser } from '../../sandbox/thought-industries/users.ts';
import type { Grants } from '../../src/domain/deal/catalog.ts';
import {
  failureOf,
  LEADERSHIP,
  startScripted,
  startTenant,
  type Tenant,
} from './thought-industries-tenant.ts';

const NOW = Date.parse('2026-11-22T10:00:00.000Z');
const EMAIL = 'lee.learner@acme.example';
const NEGOTIATION = '5d1e7b20-93c4-4f6a-8b2d-7c0a9e4f1d33';
const PATH = '3b9c6e15-2a7f-4d80-b1c5-6e8f0a2d4b71';
const BUNDLE = 'b7a40d92-6c1e-4f35-9d28-0e5b3c7f8a64';
const LICENSE = 'e21f5a88-0b3d-4c79-a6f1-9d4c8b2e7053';
const OTHER_LICENSE = 'f32a6b99-1c4e-4d80-b702-ae5d9c3f8164';
const NONE: Grants = { courses: [], learningPaths: [], bundles: [], licenses: [] };
const ALL: Grants = { courses: [LEADERSHIP], learningPaths: [PATH], bundles: [BUNDLE], licenses: [LICENSE] };
const PERSON = { email: EMAIL, firstName: 'Lee', lastName: 'Learner' };

const PROFILES = ['observed', 'documented'] as const;

async function tenantWith(
  options: TiSandboxOptions = {},
  grants: Grants = ALL,
): Promise<Tenant & { user: TiUser }> {
  const tenant = await startTenant({
    sandbox: { now: () => NOW, ...options },
    client: { now: () => NOW },
  });
  const { catalog } = tenant.state.options;
  const licenses = [...catalog.licenses, { id: OTHER_LICENSE, name: 'Other Sublicense' }];
  tenant.state.options.catalog = { ...catalog, licenses };
  const user = tenant.state.users.add(EMAIL, { firstName: 'Lee', lastName: 'Learner' });
  for (const kind of ['courses', 'learningPaths', 'bundles', 'licenses'] as const) {
    for (const id of grants[kind]) {
      giveAccess(user, { kind, id, by: 'code', untilMs: null }, NOW);
      user.progress.add(id);
    }
  }
  return { ...tenant, user };
}

function heldOf(user: TiUser): Grants {
  const ids = (kind: keyof Grants) => accessOf(user, kind, NOW).map(({ id }) => id);
  return {
    courses: ids('courses'),
    learningPaths: ids('learningPaths'),
    bundles: ids('bundles'),
    licenses: ids('licenses'),
  };
}

describe.each(PROFILES)('a tenant of the %s profile', (profile) => {
  test('finds a user by an address of any case, with what the user holds', async () => {
    const { lms, user } = await tenantWith({ profile });
    const known = { courses: true, learningPaths: true, bundles: true, licenses: true };
    expect(await lms.learners.find(' LEE.Learner@acme.example')).toEqual({
      id: user.id,
      email: EMAIL,
      firstName: 'Lee',
      lastName: 'Learner',
      holds: { ...ALL, known },
    });
    expect(await lms.learners.find('nobody@acme.example')).toBeNull();
  });

  test('reads a user by id', async () => {
    const { lms, user } = await tenantWith({ profile });
    expect((await lms.learners.read(user.id)).email).toBe(EMAIL);
    expect((await failureOf(lms.learners.read('u-none'))).code).toBe('lms.learner_not_found');
  });

  test.each(['courses', 'courseGroups'] as const)(
    'creates a user with access, invites nobody, and lists %s',
    async (contentShows) => {
      const { lms, state } = await startTenant({ sandbox: { profile, contentShows } });
      const { userId } = await lms.learners.grant({ ...PERSON, grants: ALL, externalCustomerId: 'seat-1' });
      const [user] = state.users.all;
      expect(user).toMatchObject({ ...PERSON, id: userId, externalCustomerId: 'seat-1' });
      expect(user && heldOf(user)).toEqual(ALL);
      expect(state.users.invited).toEqual([]);
    },
  );

  test('ends access to courses, paths and licenses, and keeps what was learned', async () => {
    const { lms, state, user } = await tenantWith({ profile });
    giveAccess(user, { kind: 'courses', id: NEGOTIATION, by: 'code', untilMs: null }, NOW);
    giveAccess(user, { kind: 'licenses', id: OTHER_LICENSE, by: 'grant', untilMs: null }, NOW);
    giveAccess(user, { kind: 'licenses', id: LICENSE, by: 'grant', untilMs: null, role: 'manager' }, NOW);
    const grants = { ...ALL, bundles: [] };
    await lms.learners.revoke({ userId: user.id, grants });
    expect(heldOf(user)).toEqual({
      courses: [NEGOTIATION],
      learningPaths: [],
      bundles: [BUNDLE],
      // The one that the user manages, and the one that was not asked about.
      licenses: [OTHER_LICENSE, LICENSE],
    });
    expect(state.users.destroyed).toEqual([]);
    expect(user.progress).toContain(LEADERSHIP);
    // A repeat finds it done.
    await lms.learners.revoke({ userId: user.id, grants });
    expect((await lms.learners.holds({ userId: user.id, grants })).map(({ held }) => held)).toEqual([
      'no',
      'no',
      'no',
    ]);
  });

  test('sets the end of access', async () => {
    const { lms, user } = await tenantWith({ profile });
    await lms.learners.setAccessEnd({
      userId: user.id,
      grants: { ...ALL, bundles: [] },
      until: '2027-01-31T23:59:59+01:00',
    });
    const ends = user.access.map(({ untilMs }) => untilMs && new Date(untilMs).toISOString());
    const end = '2027-01-31T22:59:59.000Z';
    expect(ends).toEqual([end, end, null, end]);
  });
});

describe('find', () => {
  test('takes a user of another address for no answer', async () => {
    const lms = await startScripted(() => ({ status: 200, body: { id: 'u-1', email: 'else@acme.example' } }));
    expect((await failureOf(lms.learners.find(EMAIL))).code).toBe('lms.bad_response');
  });

  test.each([
    ['a refusal that quotes it', { kind: 'status', status: 400, body: { errors: [`${EMAIL} is no uuid`] } }],
    [
      'a refusal that quotes it otherwise',
      { kind: 'status', status: 422, body: { error: EMAIL.toUpperCase() } },
    ],
    ['a cut connection', { kind: 'dropBefore' }],
    ['a page of a proxy', { kind: 'html' }],
    ['a used-up quota', { kind: 'rateLimit' }],
  ] as const)('names the address in no failure: %s', async (_, fault) => {
    const { lms, faults } = await startTenant();
    faults.add({ system: 'ti', ...fault });
    const shown = inspect(await failureOf(lms.learners.find(EMAIL)), { depth: 10 });
    expect(shown).toContain('/users/(address)');
    expect(shown.toLowerCase()).not.toMatch(/lee\.learner|acme\.example/);
  });
});

describe('what a user holds', () => {
  test('is unknown of kinds that the tenant does not list', async () => {
    const { lms, user } = await tenantWith({ userShows: 'documented' });
    const grants = { ...ALL, courses: [LEADERSHIP, NEGOTIATION], licenses: [LICENSE, OTHER_LICENSE] };
    const held = await lms.learners.holds({ userId: user.id, grants });
    expect(held.map(({ kind, held: answer }) => `${kind} ${answer}`)).toEqual([
      'courses yes',
      'courses no',
      'learningPaths unknown',
      'bundles yes',
      'licenses yes',
      'licenses unknown',
    ]);
  });

  test.each(['gone', 'marked'] as const)('leaves out what is over, where that is %s', async (endedAccess) => {
    const { lms, user } = await tenantWith({ endedAccess });
    for (const access of user.access) access.untilMs = NOW - 1;
    const held = await lms.learners.holds({ userId: user.id, grants: ALL });
    expect(held.map((each) => each.held)).toEqual(['no', 'no', 'no', 'no']);
  });
});

describe('grant', () => {
  test('adds to a user of that address, and takes nothing away', async () => {
    const { lms, state, user } = await tenantWith(
      {},
      { ...NONE, courses: [NEGOTIATION], licenses: [OTHER_LICENSE] },
    );
    const again = () =>
      lms.learners.grant({ ...PERSON, email: EMAIL.toUpperCase(), grants: { ...ALL, bundles: [] } });
    expect(await again()).toEqual({ userId: user.id });
    await again();
    expect(state.users.all).toHaveLength(1);
    expect(heldOf(user)).toEqual({
      courses: [NEGOTIATION, LEADERSHIP],
      learningPaths: [PATH],
      bundles: [],
      licenses: [OTHER_LICENSE, LICENSE],
    });
  });

  test('keeps a name that it is not given', async () => {
    const { lms, user } = await tenantWith();
    await lms.learners.grant({ ...PERSON, firstName: null, lastName: null, grants: ALL });
    expect(user).toMatchObject({ firstName: 'Lee', lastName: 'Learner' });
  });

  test.each([200, 400, 409, 422] as const)(
    'is refused with errors and status %i, and quotes no person',
    async (refusedUserStatus) => {
      const { lms, state } = await startTenant({ sandbox: { refusedUserStatus } });
      const error = await failureOf(
        lms.learners.grant({ ...PERSON, email: 'lee learner@acme', grants: ALL }),
      );
      expect(error.code).toBe('lms.learner_rejected');
      expect(error.message).toMatch(
        /^Thought Industries: give access to a user: POST \/users answered \d+: .*is invalid$/,
      );
      expect(error.message).not.toMatch(/acme|learner@/i);
      expect(state.users.all).toEqual([]);
    },
  );

  test('is in doubt after a lost answer, and a repeat makes no second user', async () => {
    const { lms, state, faults } = await startTenant();
    faults.add({ system: 'ti', method: 'POST', path: /\/users$/, kind: 'dropAfterCommit' });
    expect((await failureOf(lms.learners.grant({ ...PERSON, grants: ALL }))).code).toBe(
      'lms.outcome_unknown',
    );
    expect(state.users.all).toHaveLength(1);
    expect(await lms.learners.grant({ ...PERSON, grants: ALL })).toEqual({ userId: state.users.all[0]?.id });
    expect(state.users.all).toHaveLength(1);
  });

  test('is in doubt when a user came back beside errors', async () => {
    const lms = await startScripted(() => ({
      status: 200,
      body: { id: 'u-1', errors: [{ message: 'one course failed' }] },
    }));
    const grants = { ...NONE, courses: [LEADERSHIP] };
    expect((await failureOf(lms.learners.grant({ ...PERSON, grants }))).code).toBe('lms.outcome_unknown');
  });

  test('names content that the platform does not list, before it asks for anything', async () => {
    const { lms, state } = await startTenant();
    const error = await failureOf(
      lms.learners.grant({ ...PERSON, grants: { ...NONE, learningPaths: ['lost'] } }),
    );
    expect(error.code).toBe('lms.content_not_found');
    expect(error.message).toContain('learning path lost');
    expect(state.users.all).toEqual([]);
  });
});

describe('setAccessEnd', () => {
  test('sends all three lists and never removes an end', async () => {
    const sent: unknown[] = [];
    const lms = await startScripted(({ path, body }) => {
      sent.push(path, JSON.parse(body.toString()));
      return { status: 200, body: { updatedRecordCount: 1, errors: [] } };
    });
    await lms.learners.setAccessEnd({
      userId: 'u-1',
      grants: { ...NONE, courses: ['c-1'] },
      until: '2027-01-31',
    });
    expect(sent).toEqual([
      '/incoming/v2/users/u-1/expirations',
      {
        userId: 'u-1',
        courseIds: ['c-1'],
        learningPathIds: [],
        licenseIds: [],
        expirationDate: '2027-01-31T00:00:00.000Z',
      },
    ]);
  });

  test('is refused by errors beside a count, without the address that they quote', async () => {
    const { lms, user } = await tenantWith({}, { ...NONE, courses: [LEADERSHIP] });
    const grants = { ...NONE, courses: [LEADERSHIP, NEGOTIATION] };
    const error = await failureOf(
      lms.learners.setAccessEnd({ userId: user.id, grants, until: '2027-01-31' }),
    );
    expect(error.code).toBe('lms.partly_done');
    expect(error.message).toContain(`*** has no access to ${NEGOTIATION}`);
  });

  test('is refused by a count that is too small', async () => {
    const lms = await startScripted(() => ({ status: 200, body: { updatedRecordCount: 1, errors: [] } }));
    const grants = { ...NONE, courses: ['c-1', 'c-2'] };
    const error = await failureOf(lms.learners.setAccessEnd({ userId: 'u-1', grants, until: '2027-01-31' }));
    expect(error).toMatchObject({ code: 'lms.partly_done', mayPass: true });
    expect(error.message).toContain('changed 1 of 2 records');
  });

  test('is refused for a bundle before anything is sent', async () => {
    const { lms, state, user } = await tenantWith();
    const error = await failureOf(
      lms.learners.setAccessEnd({ userId: user.id, grants: ALL, until: '2027-01-31' }),
    );
    expect(error.code).toBe('lms.cannot_set_access_end');
    expect(state.requests).toEqual([]);
  });

  test.each(['dropAfterCommit', 'truncate', 'html'] as const)('may be repeated after %s', async (kind) => {
    const { lms, faults, user } = await tenantWith();
    faults.add({ system: 'ti', kind, commit: true });
    const act = () =>
      lms.learners.setAccessEnd({
        userId: user.id,
        grants: { ...NONE, courses: [LEADERSHIP] },
        until: '2027-01-31',
      });
    expect((await failureOf(act())).code).toBe('lms.unavailable');
    await expect(act()).resolves.toBeUndefined();
  });
});

describe('revoke', () => {
  test('ends what it can, and names the bundle that an admin must end', async () => {
    const { lms, user } = await tenantWith();
    const error = await failureOf(lms.learners.revoke({ userId: user.id, grants: ALL }));
    expect(error.code).toBe('lms.cannot_revoke');
    expect(error.message).toContain(`bundle ${BUNDLE}`);
    expect(heldOf(user)).toEqual({ ...NONE, bundles: [BUNDLE] });
  });

  test('is done once the admin has ended the bundle', async () => {
    const { lms, user } = await tenantWith({}, NONE);
    await expect(
      lms.learners.revoke({ userId: user.id, grants: { ...NONE, bundles: [BUNDLE] } }),
    ).resolves.toBeUndefined();
  });

  test('lets a license expire where the tenant does not list those that stay', async () => {
    const { lms, state, user } = await tenantWith(
      { userShows: 'documented' },
      { ...NONE, licenses: [LICENSE, OTHER_LICENSE] },
    );
    await lms.learners.revoke({ userId: user.id, grants: { ...NONE, licenses: [LICENSE] } });
    expect(heldOf(user).licenses).toEqual([OTHER_LICENSE]);
    expect(state.requests.map(({ method }) => method)).not.toContain('PUT');
  });

  test.each([200, 404] as const)(
    'counts access that is gone as ended, where the platform answers %i',
    async (resetWithoutAccess) => {
      const { lms, user } = await tenantWith({ resetWithoutAccess }, NONE);
      await expect(
        lms.learners.revoke({ userId: user.id, grants: { ...NONE, courses: [LEADERSHIP] } }),
      ).resolves.toBeUndefined();
    },
  );

  test('says so when the user is gone', async () => {
    const { lms } = await startTenant();
    const error = await failureOf(
      lms.learners.revoke({ userId: 'u-none', grants: { ...NONE, courses: [LEADERSHIP] } }),
    );
    expect(error.code).toBe('lms.learner_not_found');
  });

  test('looks a slug up once, and again after it was not found', async () => {
    const { lms, state, user } = await tenantWith();
    const revoke = () => lms.learners.revoke({ userId: user.id, grants: { ...NONE, courses: [LEADERSHIP] } });
    const looks = () => state.requests.filter(({ path }) => path.endsWith('/content')).length;
    await revoke();
    await revoke();
    expect(looks()).toBe(1);
    const { catalog } = state.options;
    const courses = catalog.courses.map((course) => ({ ...course, name: `New ${course.name}` }));
    state.options.catalog = { ...catalog, courses };
    giveAccess(user, { kind: 'courses', id: LEADERSHIP, by: 'code', untilMs: null }, NOW);
    expect((await failureOf(revoke())).code).toBe('lms.not_found');
    await revoke();
    expect(looks()).toBe(2);
    expect(heldOf(user).courses).toEqual([]);
  });

  test('is not done when the platform answers false', async () => {
    const lms = await startScripted(({ path }) =>
      path.endsWith('/content')
        ? { status: 200, body: { contentItems: [{ id: 'c-1', slug: 'one', kind: 'course' }] } }
        : { status: 200, body: { data: { ResetUserCourseProgress: false } } },
    );
    const error = await failureOf(
      lms.learners.revoke({ userId: 'u-1', grants: { ...NONE, courses: ['c-1'] } }),
    );
    expect(error.code).toBe('lms.partly_done');
  });
});

test('an id that would climb to another path is refused', async () => {
  const { lms } = await startTenant();
  await expect(lms.learners.read('..')).rejects.toThrow(RangeError);
});
