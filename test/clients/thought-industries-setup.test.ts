import { describe, expect, test } from '@jest/globals';
import type { Fault } from '../../sandbox/faults.ts';
import { EXAMPLE_CATALOGUE } from '../../sandbox/thought-industries/catalog.ts';
import { groupIdOf } from '../../sandbox/thought-industries/look-ups.ts';
import type { TiSandboxOptions } from '../../sandbox/thought-industries/options.ts';
import type { SetupCheck } from '../../src/clients/setup-check.ts';
import type { ThoughtIndustriesOptions } from '../../src/clients/thought-industries/lms.ts';
import type { NamedInPlatform } from '../../src/domain/deal/catalog-names.ts';
import { startTenant } from './thought-industries-tenant.ts';

const [course, path, bundle, license, client] = (
  ['courses', 'learningPaths', 'bundles', 'licenses', 'clients'] as const
).map((kind) => EXAMPLE_CATALOGUE[kind][0]?.id ?? '');
const by = ['Leadership'];

function named(
  ids: { readonly [K in keyof NamedInPlatform['content'] | 'clients']?: string | undefined },
): NamedInPlatform {
  const list = (id: string | undefined) => (id === undefined ? [] : [{ id, by }]);
  return {
    content: {
      courses: list(ids.courses),
      learningPaths: list(ids.learningPaths),
      bundles: list(ids.bundles),
      licenses: list(ids.licenses),
    },
    clients: list(ids.clients),
  };
}

const ALL = named({
  courses: course,
  learningPaths: path,
  bundles: bundle,
  licenses: license,
  clients: client,
});

async function checksOf(
  options: {
    sandbox?: TiSandboxOptions;
    client?: Partial<ThoughtIndustriesOptions>;
    seats?: number | null;
    fault?: Omit<Fault, 'system'>;
  },
  names: NamedInPlatform | null = null,
): Promise<SetupCheck[]> {
  const { seats = 3, fault, ...rest } = options;
  const { lms, state, faults } = await startTenant(rest);
  if (fault) faults.add({ ...fault, system: 'ti' });
  if (seats !== null) {
    state.addGroup({
      label: 'by-hand',
      totalCodesCount: seats,
      codeLength: 12,
      expirationDate: null,
      accessDays: null,
      accessExpirationDate: null,
      client: null,
      targets: { courses: [], learningPaths: [], bundles: [], licenses: [] },
    });
  }
  const checks: SetupCheck[] = [];
  for await (const check of lms.checkSetup({ named: names, signal: new AbortController().signal })) {
    checks.push(check);
  }
  const shown = JSON.stringify(checks);
  for (const { code } of state.codes) expect(shown).not.toContain(code);
  expect(shown).not.toContain('sandbox-client-secret');
  return checks;
}

const codeList = (checks: readonly SetupCheck[]) => checks.find(({ name }) => name.endsWith('code list'));

describe('the look for the path of the code list', () => {
  test('names the group whose codes the configured path lists', async () => {
    expect(codeList(await checksOf({}))).toMatchObject({
      state: 'ok',
      found: '/redemptionCodes/{groupId}/codes lists the codes of group by-hand',
    });
  });

  test.each([
    '/redemptionCodes/{groupId}/redemptionCodes',
    '/redemptionCodes/codes?groupId={groupId}',
    '/redemptionCodes/{groupId}',
  ])('finds %s where it is another one, and says exactly what to set', async (codesPath) => {
    expect(codeList(await checksOf({ sandbox: { codesPath } }))).toMatchObject({
      state: 'failed',
      advice: `set TI_CODES_PATH=${codesPath}`,
    });
  });

  test('says what to ask the vendor where none answers', async () => {
    expect(codeList(await checksOf({ sandbox: { codesPath: null } }))).toMatchObject({
      state: 'failed',
      advice: expect.stringMatching(/^Ask Thought Industries: "Which REST path .*TI_CODES_PATH=none/),
    });
  });

  test('cannot know it on a tenant without a group, and says how to know it', async () => {
    expect(codeList(await checksOf({ seats: null }))).toMatchObject({
      state: 'warning',
      found: expect.stringContaining('cannot be known yet'),
      advice: expect.stringContaining('Make a group with one code'),
    });
  });

  test('is content with no list where the tenant is known to have none, and tells when it has one after all', async () => {
    const client = { codesPath: null };
    expect(codeList(await checksOf({ client, sandbox: { codesPath: null } }))).toMatchObject({ state: 'ok' });
    expect(codeList(await checksOf({ client }))).toMatchObject({
      state: 'warning',
      advice: 'set TI_CODES_PATH=/redemptionCodes/{groupId}/codes',
    });
  });
});

describe('the look for what the catalog names', () => {
  test.each([
    ['bare', { profile: 'observed', contentShows: 'courses' }],
    ['in envelopes', { profile: 'documented', contentShows: 'courses' }],
    ['with course groups', { profile: 'observed', contentShows: 'courseGroups' }],
  ] as const)('finds all of it in answers that are %s', async (_, sandbox) => {
    const found = (await checksOf({ sandbox }, ALL)).filter(({ isOfCatalog }) => isOfCatalog);
    expect(found.map(({ name, state }) => [name.split(' ')[0], state])).toEqual([
      ['course', 'ok'],
      ['learning', 'ok'],
      ['bundle', 'ok'],
      ['Panorama', 'ok'],
      ['license', 'ok'],
    ]);
  });

  test('names what does not exist, and what it is named for', async () => {
    const unknown = 'ffffffff-0000-4000-8000-000000000000';
    const names = named({ courses: unknown, learningPaths: unknown, licenses: unknown, clients: unknown });
    const found = (await checksOf({}, names)).filter(({ isOfCatalog }) => isOfCatalog);
    expect(found.map(({ name, state, found }) => [name, state, found])).toEqual([
      [`course ${unknown} (Leadership)`, 'failed', 'the platform has no course of this id'],
      [`learning path ${unknown} (Leadership)`, 'failed', 'the platform has no learning path of this id'],
      [`Panorama client ${unknown} (Leadership)`, 'failed', 'the platform has no client of this id'],
      [`license ${unknown} (Leadership)`, 'failed', 'the platform has no license of this id'],
    ]);
  });

  test('says of no license that it does not exist while the key may not read licenses', async () => {
    const fault = { kind: 'status', status: 403, body: {}, path: /\/licenses$/, times: 1_000 } as const;
    const checks = await checksOf({ fault }, named({ licenses: license, clients: client }));
    expect(checks.find(({ name }) => name.startsWith('license'))).toMatchObject({
      state: 'skipped',
      found: 'not checked: the API key may not read clients and their licenses',
    });
  });

  test('says which id to use where that of a course group or of another kind is named', async () => {
    const [first] = EXAMPLE_CATALOGUE.courses;
    const group = first ? groupIdOf(first) : '';
    const sandbox = { contentShows: 'courseGroups' } as const;
    const checks = await checksOf({ sandbox }, named({ courses: group, bundles: path }));
    expect(checks.filter(({ isOfCatalog }) => isOfCatalog)).toMatchObject([
      { state: 'failed', advice: `Put the id of its course into the catalog: ${first?.id}.` },
      { state: 'failed', found: 'it is the id of "Manager Track", of kind learningPath' },
    ]);
  });
});

describe('the look at the rights of the key', () => {
  const rights = (checks: readonly SetupCheck[]) =>
    checks.filter(({ name }) => /users|redemption events/.test(name));

  test.each(['observed', 'documented'] as const)(
    'finds them on a tenant of the %s profile, and writes nothing',
    async (profile) => {
      expect(rights(await checksOf({ sandbox: { profile } }))).toMatchObject([
        { state: 'ok', found: expect.stringContaining('may read users') },
        { state: 'ok', found: '0 redemptions in the last 7 days' },
      ]);
    },
  );

  test.each([
    ['users', /\/users\//, ['failed', 'ok']],
    ['events', /\/events\//, ['ok', 'failed']],
  ] as const)('says what to do where %s may not be read', async (_, path, states) => {
    const fault = { kind: 'status', status: 403, body: {}, path, times: 10 } as const;
    const found = rights(await checksOf({ fault }));
    expect(found.map(({ state }) => state)).toEqual(states);
    expect(found.find(({ state }) => state === 'failed')?.advice).toBe(
      'Give the key of TI_API_KEY a role that may do this.',
    );
  });
});

describe('a tenant that does not let us in', () => {
  test('ends the look with a cure of the set-up', async () => {
    expect(await checksOf({ client: { apiKey: 'wrong' } }, ALL)).toMatchObject([
      { state: 'failed', advice: 'Put a valid key into TI_API_KEY.' },
      { state: 'skipped', isOfCatalog: true },
    ]);
  });
});
