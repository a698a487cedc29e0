import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Fault, SandboxSystem } from '../../sandbox/faults.ts';
import type { ActivityName } from '../../src/contracts/activities.ts';
import { FAILURES, type FailureCode } from '../../src/domain/failure.ts';
import { openStepWorld, prepareStep } from './steps.ts';
import { failureOf, type SandboxCrm, type World } from './world.ts';

/** How the first request of an activity to a system goes wrong, and the code that Temporal then gets. */
type Row = readonly [name: string, fault: Omit<Fault, 'system' | 'path'>, code: FailureCode];

const status = (code: number, body: object | string = {}): Omit<Fault, 'system' | 'path'> => ({
  kind: 'status',
  status: code,
  body,
});

const LMS_ROWS: readonly Row[] = [
  ['401', status(401), 'lms.unauthorized'],
  ['403', status(403), 'lms.forbidden'],
  ['409', status(409), 'lms.rejected'],
  ['422', status(422), 'lms.rejected'],
  ['500', status(500), 'lms.unavailable'],
  ['503', status(503), 'lms.unavailable'],
  ['a redirect', { ...status(302), headers: { location: 'https://login.example' } }, 'lms.bad_response'],
  ['a proxy page', { kind: 'html' }, 'lms.unavailable'],
  [
    'a page with 200',
    { ...status(200, '<html></html>'), headers: { 'content-type': 'text/html' } },
    'lms.unavailable',
  ],
  ['no JSON', status(200, 'OK'), 'lms.bad_response'],
  ['half an answer', { kind: 'truncate' }, 'lms.unavailable'],
  ['a closed connection', { kind: 'dropBefore' }, 'lms.unavailable'],
  ['429', { kind: 'rateLimit' }, 'lms.rate_limited'],
];

const HUBSPOT_ROWS: readonly Row[] = [
  ['401', status(401), 'crm.unauthorized'],
  ['403', status(403), 'crm.forbidden'],
  ['409', status(409), 'crm.conflict'],
  ['423', status(423), 'crm.conflict'],
  ['500', status(500), 'crm.unavailable'],
  ['503', status(503), 'crm.unavailable'],
  ['477, the portal moves', status(477), 'crm.unavailable'],
  ['a proxy page', { kind: 'html' }, 'crm.unavailable'],
  ['half an answer', { kind: 'truncate' }, 'crm.unavailable'],
  ['a closed connection, and the next one', { kind: 'dropBefore', times: 2 }, 'crm.unavailable'],
  ['429', { kind: 'rateLimit' }, 'crm.rate_limited'],
];

const entry = (errorCode: string, message = 'told by the org') => [{ errorCode, message, fields: [] }];
const SALESFORCE_ROWS: readonly Row[] = [
  [
    '401 for a session, and for the next one',
    { ...status(401, entry('INVALID_SESSION_ID')), times: 2 },
    'crm.unauthorized',
  ],
  ['401 without a word', status(401), 'crm.unauthorized'],
  ['403', status(403, entry('INSUFFICIENT_ACCESS')), 'crm.forbidden'],
  ['403, the edition has no API', status(403, entry('API_DISABLED_FOR_ORG')), 'crm.forbidden'],
  ['400, a record is locked', status(400, entry('UNABLE_TO_LOCK_ROW')), 'crm.conflict'],
  ['400, a field is missing', status(400, entry('INVALID_FIELD')), 'crm.field_missing'],
  ['400, something else', status(400, entry('MALFORMED_QUERY')), 'crm.invalid_request'],
  ['420', status(420), 'crm.unavailable'],
  ['500', status(500), 'crm.unavailable'],
  ['503', status(503), 'crm.unavailable'],
  ['a proxy page', { kind: 'html' }, 'crm.unavailable'],
  ['half an answer', { kind: 'truncate' }, 'crm.unavailable'],
  ['a closed connection', { kind: 'dropBefore' }, 'crm.unavailable'],
  ['403, the quota is used up', { kind: 'rateLimit' }, 'crm.rate_limited'],
];

/** The activities whose first request to the system is one that may simply be repeated: all of them. */
const OF_LMS: readonly ActivityName[] = [
  'ensureCodeGroup',
  'awaitCodes',
  'attachRoster',
  'withdrawSeats',
  'quarantineCodeGroup',
];
const OF_CRM: readonly ActivityName[] = [
  'planDeal',
  'attachRoster',
  'sendMessages',
  'withdrawSeats',
  'concludeDelivery',
  'writeRecord',
  'notifyOwner',
  'closeNotices',
  'clearRedeemLinks',
  'removeRoster',
];
const RETRYABLE = new Set(['retry', 'later', 'ambiguous']);

const TABLES: readonly {
  readonly system: SandboxSystem;
  readonly crm: SandboxCrm;
  readonly rows: readonly Row[];
  readonly activities: readonly ActivityName[];
  /** Leaves the token request alone, which is not the activity's own. */
  readonly path?: RegExp;
}[] = [
  { system: 'ti', crm: 'salesforce', rows: LMS_ROWS, activities: OF_LMS },
  { system: 'hubspot', crm: 'hubspot', rows: HUBSPOT_ROWS, activities: OF_CRM },
  {
    system: 'salesforce',
    crm: 'salesforce',
    rows: SALESFORCE_ROWS,
    activities: OF_CRM,
    path: /^\/services\/data/,
  },
];

describe.each(TABLES)('when $system fails', ({ system, crm, rows, activities, path }) => {
  describe.each(activities)('%s', (activity) => {
    let world: World;
    let attempt: () => Promise<unknown>;
    beforeAll(async () => {
      world = await openStepWorld();
      attempt = await prepareStep(world, activity, crm);
    });
    afterEach(() => world.sandbox.faults.clear());
    afterAll(() => world.close());

    // Salesforce answers an update with no body at all, and half of nothing is the whole answer.
    const canBeHalf = !(system === 'salesforce' && activity === 'writeRecord');
    const possible = rows.filter(([name]) => canBeHalf || name !== 'half an answer');

    // The used-up quota comes last in each table: the client then keeps from calling for a while.
    test.each(possible)(
      'with %s tells Temporal its code, and to repeat only if that helps',
      async (_, fault, code) => {
        world.fail({ system, ...(path ? { path } : {}), ...fault });
        const failure = await failureOf(attempt());
        expect(failure).toMatchObject({
          code,
          nonRetryable: !RETRYABLE.has(FAILURES[code].class),
          details: [{ class: FAILURES[code].class, cure: FAILURES[code].cure }],
        });
        expect(failure.cause).toBeUndefined();
        if (FAILURES[code].class === 'later') expect(Number(failure.nextRetryDelay)).toBeGreaterThan(0);
        for (const secret of ['sandbox-ti-key', 'sandbox-hubspot-token', 'sandbox-sf-secret']) {
          expect(failure.message).not.toContain(secret);
        }
      },
    );
  });
});

describe('when a record is missing', () => {
  test.each<[ActivityName, SandboxCrm, FailureCode]>([
    ['planDeal', 'hubspot', 'crm.deal_not_found'],
    ['concludeDelivery', 'hubspot', 'crm.deal_not_found'],
    ['writeRecord', 'hubspot', 'crm.deal_not_found'],
    ['writeRecord', 'salesforce', 'crm.deal_not_found'],
  ])('%s in %s says %s', async (activity, crm, code) => {
    const world = await openStepWorld();
    try {
      const attempt = await prepareStep(world, activity, crm);
      const body =
        crm === 'salesforce' ? entry('NOT_FOUND') : { status: 'error', category: 'OBJECT_NOT_FOUND' };
      const path = crm === 'salesforce' ? /\/sobjects\/Opportunity/ : /deals/;
      world.fail({ system: crm, path, ...status(404, body) });
      expect(await failureOf(attempt())).toMatchObject({ code, nonRetryable: true });
    } finally {
      await world.close();
    }
  });

  test.each<[ActivityName, FailureCode]>([
    ['awaitCodes', 'lms.codes_path_missing'],
    ['attachRoster', 'lms.codes_path_missing'],
    ['ensureCodeGroup', 'lms.not_found'],
  ])('%s in the learning platform says %s', async (activity, code) => {
    const world = await openStepWorld();
    try {
      const attempt = await prepareStep(world, activity, 'salesforce');
      world.fail({ system: 'ti', ...status(404) });
      expect(await failureOf(attempt())).toMatchObject({ code, nonRetryable: true });
    } finally {
      await world.close();
    }
  });
});

describe('when an answer stalls', () => {
  test.each<[ActivityName, SandboxSystem, SandboxCrm, FailureCode]>([
    ['awaitCodes', 'ti', 'hubspot', 'lms.unavailable'],
    ['planDeal', 'hubspot', 'hubspot', 'crm.unavailable'],
    ['writeRecord', 'hubspot', 'hubspot', 'crm.unavailable'],
    ['planDeal', 'salesforce', 'salesforce', 'crm.unavailable'],
    ['notifyOwner', 'salesforce', 'salesforce', 'crm.unavailable'],
  ])('%s gives %s up in time', async (activity, system, crm, code) => {
    const world = await openStepWorld({ callTimeoutMs: 2_000 });
    try {
      const attempt = await prepareStep(world, activity, crm);
      const path = system === 'salesforce' ? { path: /^\/services\/data/ } : {};
      world.fail({ system, kind: 'stall', ...path });
      expect(await failureOf(attempt())).toMatchObject({ code, nonRetryable: false });
    } finally {
      await world.close();
    }
  });
});
