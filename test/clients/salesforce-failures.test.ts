import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Fault } from '../../sandbox/faults.ts';
import type { Crm } from '../../src/clients/crm.ts';
import { type FailureCode, failureClass } from '../../src/domain/failure.ts';
import { noticeOf, rosterOf } from './salesforce-sandbox.ts';
import { DEAL_ID, failureOf, rows, type StubOrg, startStubOrg } from './salesforce-stub.ts';

const NOTICE = noticeOf(DEAL_ID);

/** One call of each effect class, and the one request of it that goes wrong. */
const EFFECTS = {
  read: { method: 'GET', run: (crm: Crm) => crm.readRecord(DEAL_ID) },
  overwrite: { method: 'PATCH', run: (crm: Crm) => crm.writeDealFields(DEAL_ID, { status: 'Delivered' }) },
  create: { method: 'POST', run: (crm: Crm) => crm.notify(NOTICE) },
} as const;

type Effect = keyof typeof EFFECTS;

const CLAIM = { dealId: DEAL_ID, seen: null, hold: 'working', fields: { status: 'Provisioning' } };

/** The same where the request is one of several that go as one. */
const PARTS = {
  read: { method: 'GET', run: (crm: Crm) => crm.readDeal(DEAL_ID) },
  overwrite: { method: 'PATCH', run: (crm: Crm) => crm.takeHold(CLAIM) },
  create: { method: 'POST', run: (crm: Crm) => crm.attachRoster({ ...rosterOf(DEAL_ID), isNew: true }) },
} as const satisfies Record<Effect, object>;

type Expected = FailureCode | Record<Effect, FailureCode>;

function apiError(status: number, errorCode: string, message = 'some words'): Partial<Fault> {
  return { kind: 'status', status, body: [{ message, errorCode }] };
}

/** What a person must mend, apart from the session, which is refused for the call as a whole. */
function isRefused(code: FailureCode): boolean {
  return failureClass(code) === 'attention' && code !== 'crm.unauthorized';
}

const lostWrite = (code: FailureCode): Expected => ({
  read: code,
  overwrite: code,
  create: 'crm.outcome_unknown',
});

const VARIANTS: Record<string, [Partial<Fault>, Expected]> = {
  'session that the REST API never takes': [
    apiError(401, 'INVALID_SESSION_ID', 'This session is not valid for use with the REST API'),
    'crm.unauthorized',
  ],
  'daily limit': [{ kind: 'rateLimit' }, 'crm.rate_limited'],
  'missing right': [apiError(403, 'INSUFFICIENT_ACCESS_OR_READONLY'), 'crm.forbidden'],
  'missing right on a related record': [
    apiError(400, 'INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY'),
    'crm.forbidden',
  ],
  'API switched off': [apiError(403, 'API_DISABLED_FOR_ORG'), 'crm.forbidden'],
  'hidden object': [apiError(400, 'INVALID_TYPE'), 'crm.forbidden'],
  'missing field': [
    apiError(400, 'INVALID_FIELD', "No such column 'Dealseat_Status__c' on entity 'Opportunity'."),
    'crm.field_missing',
  ],
  'read-only field': [apiError(400, 'INVALID_FIELD_FOR_INSERT_UPDATE'), 'crm.field_missing'],
  'record not there': [
    apiError(404, 'NOT_FOUND'),
    { read: 'crm.not_found', overwrite: 'crm.deal_not_found', create: 'crm.not_found' },
  ],
  'record in the bin': [
    apiError(404, 'ENTITY_IS_DELETED'),
    { read: 'crm.not_found', overwrite: 'crm.deal_not_found', create: 'crm.not_found' },
  ],
  'locked row': [apiError(400, 'UNABLE_TO_LOCK_ROW'), 'crm.conflict'],
  'locked row told as a server error': [apiError(500, 'UNABLE_TO_LOCK_ROW'), 'crm.conflict'],
  'full storage': [apiError(400, 'STORAGE_LIMIT_EXCEEDED'), 'crm.storage_full'],
  'duplicate value': [apiError(400, 'DUPLICATE_VALUE'), 'crm.invalid_request'],
  'duplicate rule': [
    {
      kind: 'status',
      status: 400,
      body: [
        {
          duplicateResut: { allowSave: false },
          errorCode: 'DUPLICATES_DETECTED',
          message: 'Use one of these?',
        },
      ],
    },
    'crm.invalid_request',
  ],
  'validation rule': [apiError(400, 'FIELD_CUSTOM_VALIDATION_EXCEPTION'), 'crm.invalid_request'],
  'value too long': [apiError(400, 'STRING_TOO_LONG'), 'crm.invalid_request'],
  'malformed query': [apiError(400, 'MALFORMED_QUERY'), 'crm.invalid_request'],
  'retired version': [apiError(410, 'GONE'), 'crm.invalid_request'],
  'several records match': [
    { kind: 'status', status: 300, body: ['/services/data/v66.0/x'] },
    'crm.invalid_request',
  ],
  'error entry not in an array': [
    { kind: 'status', status: 403, body: { errorCode: 'REQUEST_LIMIT_EXCEEDED', message: 'Total' } },
    'crm.rate_limited',
  ],
  'several entries, the first unknown': [
    {
      kind: 'status',
      status: 400,
      body: [
        { errorCode: 'PROCESSING_HALTED', message: 'm' },
        { errorCode: 'UNABLE_TO_LOCK_ROW', message: 'm' },
      ],
    },
    'crm.conflict',
  ],
  'redirect to a login page': [
    { kind: 'status', status: 302, headers: { location: 'https://login.example/' }, body: '' },
    'crm.bad_response',
  ],
  'no route at the edge': [{ kind: 'html', status: 420, body: '<html>no route</html>' }, 'crm.unavailable'],
  'unknown exception': [apiError(500, 'UNKNOWN_EXCEPTION'), lostWrite('crm.unavailable')],
  'server unavailable': [apiError(503, 'SERVER_UNAVAILABLE'), lostWrite('crm.unavailable')],
  ...Object.fromEntries(
    [
      'API_CURRENTLY_DISABLED',
      'FUNCTIONALITY_TEMPORARILY_UNAVAILABLE',
      'INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE',
      'ORG_IN_MAINTENANCE',
      'ORG_NOT_OWNED_BY_INSTANCE',
      'SSO_SERVICE_DOWN',
      'TXN_SECURITY_METERING_ERROR',
      'MATCH_SERVICE_TIMED_OUT',
      'MATCH_SERVICE_UNAVAILABLE_ERROR',
      'MATCH_SERVICE_ERROR',
    ].map((code): [string, [Partial<Fault>, Expected]] => [code, [apiError(400, code), 'crm.unavailable']]),
  ),
  ...Object.fromEntries(
    ['QUERY_TIMEOUT', 'REQUEST_RUNNING_TOO_LONG', 'INTERNAL_ERROR', 'ERROR_IN_MAILER'].map(
      (code): [string, [Partial<Fault>, Expected]] => [
        code,
        [apiError(400, code), lostWrite('crm.unavailable')],
      ],
    ),
  ),
  ...Object.fromEntries(
    [
      'RECORD_IN_USE_BY_WORKFLOW',
      'TERRITORY_REALIGN_IN_PROGRESS',
      'ENTITY_FAILED_IFLASTMODIFIED_ON_UPDATE',
    ].map((code): [string, [Partial<Fault>, Expected]] => [code, [apiError(400, code), 'crm.conflict']]),
  ),
  ...Object.fromEntries(
    ['EXCEEDED_RATE_LIMIT', 'TOO_MANY_APEX_REQUESTS', 'TOO_MANY_JOBS', 'MASS_MAIL_LIMIT_EXCEEDED'].map(
      (code): [string, [Partial<Fault>, Expected]] => [code, [apiError(400, code), 'crm.rate_limited']],
    ),
  ),
  'HTML 502 of a proxy': [{ kind: 'html' }, lostWrite('crm.unavailable')],
  '504 without a body': [{ kind: 'status', status: 504, body: '' }, lostWrite('crm.unavailable')],
  'HTML with 200': [{ kind: 'html', status: 200 }, lostWrite('crm.bad_response')],
  'half JSON with 200': [
    { kind: 'status', status: 200, body: '{"totalSize":1,"rec' },
    lostWrite('crm.bad_response'),
  ],
  'JSON of another shape with 200': [
    { kind: 'status', status: 200, body: { hello: 'world' } },
    lostWrite('crm.bad_response'),
  ],
  'connection closed before an answer': [{ kind: 'dropAfterCommit' }, lostWrite('crm.unavailable')],
};

const CASES = Object.entries(VARIANTS).flatMap(([name, [fault, expected]]) =>
  (Object.keys(EFFECTS) as Effect[]).map((effect) => ({
    name,
    effect,
    fault,
    code: typeof expected === 'string' ? expected : expected[effect],
  })),
);

describe('what Salesforce answers becomes one of our failures', () => {
  let org: StubOrg;

  beforeEach(async () => {
    org = await startStubOrg({ timeoutMs: 2_000 });
  });

  afterEach(async () => {
    await org.close();
  });

  test.each(CASES)('$effect, $name: $code, after one request', async ({ effect, fault, code }) => {
    const { method, run } = EFFECTS[effect];
    org.faults.add({ kind: 'status', ...fault, system: 'salesforce', method, path: /^\/services\/data\// });

    const failure = await failureOf(run(org.crm));

    expect(failure.code).toBe(code);
    expect(failure.message).toMatch(/^Salesforce: /);
    expect(failure.message).not.toMatch(/sandbox-sf-secret|token-1/);
    expect(org.faults.hits).toHaveLength(1);
    expect(org.calls.filter((call) => call.startsWith(`${method} /services/data/`)).length).toBeLessThan(2);
  });

  test.each(CASES)('$effect as one of several, $name: $code', async ({ effect, fault, code }) => {
    const { method, run } = PARTS[effect];
    if (effect === 'overwrite') org.answers.set(/^GET .*query$/, rows({ Id: DEAL_ID }));
    // A file that is refused with other calls is tried once by itself.
    const tries = effect === 'create' ? 2 : 1;
    const where = { system: 'salesforce', method, path: /v66\.0\/[qs]/ } as const;
    org.faults.add({ kind: 'status', ...fault, ...where, times: tries });

    const failure = await failureOf(run(org.crm));

    expect(failure.code).toBe(code);
    expect(failure.message).toMatch(/^Salesforce: /);
    expect(failure.message).not.toMatch(/sandbox-sf-secret|token-1|AB12/);
    expect(org.faults.hits).toHaveLength(isRefused(code) ? tries : 1);
  });

  test.each([
    [
      'CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY',
      'T: execution of AfterUpdate caused by: UNABLE_TO_LOCK_ROW: []',
      true,
    ],
    ['CANNOT_EXECUTE_FLOW_TRIGGER', 'The record … is currently being modified by another user', true],
    ['CANNOT_EXECUTE_FLOW_TRIGGER', 'Apex CPU time limit exceeded', true],
    ['APEX_ERROR', 'System.CalloutException: Read timed out', true],
    ['CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY', 'System.QueryException: ORG_IN_MAINTENANCE', true],
    ['LIMIT_EXCEEDED', 'ConcurrentPerOrgLongTxn Limit exceeded', true],
    ['CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY', 'System.NullPointerException: Attempt to de-reference', false],
    ['FIELD_CUSTOM_VALIDATION_EXCEPTION', 'Set a region first.', false],
  ])('%s that says "%s" may pass: %s', async (errorCode, message, mayPass) => {
    const body = [{ errorCode, message, fields: [] }];
    org.faults.add({ system: 'salesforce', method: 'PATCH', kind: 'status', status: 400, body });
    const failure = await failureOf(org.crm.writeDealFields(DEAL_ID, { status: 'Delivered' }));
    expect(failure).toMatchObject({ code: 'crm.invalid_request', mayPass });
  });

  test('what stops one call for good is put to a person, and what keeps the whole org away is waited for', async () => {
    const failureOfCode = async (errorCode: string) => {
      const body = [{ errorCode, message: 'm' }];
      org.faults.add({ system: 'salesforce', method: 'PATCH', kind: 'status', status: 400, body });
      return failureOf(org.crm.writeDealFields(DEAL_ID, { status: 'Delivered' }));
    };
    for (const code of [
      'REQUEST_RUNNING_TOO_LONG',
      'UNKNOWN_EXCEPTION',
      'MATCH_SERVICE_ERROR',
      'UNABLE_TO_LOCK_ROW',
    ]) {
      expect(await failureOfCode(code)).toMatchObject({ class: 'retry', mayPass: true });
    }
    for (const code of ['ORG_IN_MAINTENANCE', 'SERVER_UNAVAILABLE', 'API_CURRENTLY_DISABLED']) {
      expect(await failureOfCode(code)).toMatchObject({ class: 'retry', mayPass: false });
    }
  });

  test('a success that says of itself that it is none is refused for what it says', async () => {
    const errors = [
      { statusCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION', message: 'No tasks here.', fields: [] },
    ];
    org.answers.set(/^POST .*Task/, { status: 201, body: { id: null, success: false, errors } });
    const failure = await failureOf(org.crm.notify(NOTICE));
    expect(failure).toMatchObject({ code: 'crm.invalid_request', mayPass: false });
    expect(failure.message).toContain('No tasks here.');
  });

  test('a used-up daily quota asks for a quarter of an hour, too many at once for half a minute', async () => {
    org.faults.add({ system: 'salesforce', method: 'GET', kind: 'rateLimit' });
    expect((await failureOf(org.crm.readDeal(DEAL_ID))).retryAfterMs).toBe(15 * 60_000);

    const body = [{ errorCode: 'REQUEST_LIMIT_EXCEEDED', message: 'ConcurrentRequests Limit exceeded.' }];
    org.faults.add({ system: 'salesforce', method: 'GET', kind: 'status', status: 403, body });
    expect((await failureOf(org.crm.readDeal(DEAL_ID))).retryAfterMs).toBe(30_000);
  });

  test.each([
    ['90', 90_000],
    // A wait that no step could sit out would end the run at once.
    ['86400', 60 * 60_000],
  ])(
    'an edge that asks to come back in %s seconds is obeyed within reason',
    async (seconds, retryAfterMs) => {
      const headers = { 'retry-after': seconds };
      org.faults.add({ system: 'salesforce', method: 'GET', kind: 'status', status: 429, body: '', headers });
      expect(await failureOf(org.crm.readDeal(DEAL_ID))).toMatchObject({
        code: 'crm.rate_limited',
        retryAfterMs,
      });
    },
  );

  test('a missing field is told with what the admin has to add, and without the query', async () => {
    const message =
      "\nSELECT Id FROM Opportunity\n ^\nERROR at Row:1:Column:12\nNo such column 'Dealseat_Seats__c' on entity 'Opportunity'. If you are attempting to use a custom field, append '__c'.";
    const body = [{ errorCode: 'INVALID_FIELD', message }];
    org.faults.add({ system: 'salesforce', method: 'GET', kind: 'status', status: 400, body });

    const failure = await failureOf(org.crm.readDeal(DEAL_ID));

    expect(failure.message).toContain('Field Dealseat_Seats__c of Opportunity does not exist or is hidden');
    expect(failure.message).toContain('API name Dealseat_Seats__c, data type Number, length 9');
    expect(failure.message).toContain('field-level security');
    expect(failure.message).not.toContain('SELECT');
  });

  test('words that Salesforce says about a redeem link are not repeated, for it quotes the link', async () => {
    const contactId = '0035Y00000AbCdEQAV';
    const link = 'https://learn.example/redeem/CANARY77';
    const errors = [
      {
        statusCode: 'STRING_TOO_LONG',
        message: `data value too large: ${link}`,
        fields: ['Dealseat_Redeem_Link__c'],
      },
    ];
    org.answers.set(/^PATCH .*composite/, { status: 200, body: [{ success: false, errors }] });

    const failure = await failureOf(org.crm.writeRedeemLinks(new Map([[contactId, link]])));

    expect(failure.code).toBe('crm.invalid_request');
    expect(failure.message).toContain(contactId);
    expect(failure.message).toContain('STRING_TOO_LONG (Dealseat_Redeem_Link__c)');
    expect(failure.message).not.toContain('CANARY77');
  });

  test.each([
    [
      'FIELD_INTEGRITY_EXCEPTION',
      'Title: files of this type are not allowed',
      'Title: files of this type are not allowed',
    ],
    ['DUPLICATES_DETECTED', 'Use one of these records?', 'Use one of these records?'],
    ['ENTITY_IS_LOCKED', 'the entity is locked for editing', 'the entity is locked for editing'],
    [
      'INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY',
      'insufficient access rights on cross-reference id: 0015Y00000AbCdEQAV',
      'insufficient access rights on cross-reference id: […]',
    ],
    [
      'REQUIRED_FIELD_MISSING',
      'Required fields are missing: [Region__c]',
      'Required fields are missing: [Region__c]',
    ],
    [
      'FIELD_INTEGRITY_EXCEPTION',
      'bad value https://learn.example/redeem/CANARY77, CANARY77 or QWERTZUI',
      'bad value [link] […] or […]',
    ],
  ])(
    'what Salesforce says with %s about a redeem link is told, and no value: %s',
    async (statusCode, message, words) => {
      const errors = [{ statusCode, message, fields: [] }];
      org.answers.set(/^PATCH .*composite/, { status: 200, body: [{ success: false, errors }] });
      const link = 'https://learn.example/redeem/CANARY77';
      const failure = await failureOf(org.crm.writeRedeemLinks(new Map([['0035Y00000AbCdEQAV', link]])));
      expect(failure.message).toContain(`${statusCode} "${words}`);
      expect(failure.message).not.toMatch(/CANARY77|QWERTZUI/);
    },
  );

  test('of many refused contacts, one that a person must fix decides, and all are named', async () => {
    const ids = ['0035Y00000AbCdEQAV', '0035Y00000AbCdFQAV', '0035Y00000AbCdGQAV'];
    const refused = (statusCode: string) => ({ success: false, errors: [{ statusCode, message: 'm' }] });
    org.answers.set(/^PATCH .*composite/, {
      status: 200,
      body: [refused('UNABLE_TO_LOCK_ROW'), { id: ids[1], success: true, errors: [] }, refused('NOT_FOUND')],
    });

    const failure = await failureOf(
      org.crm.writeRedeemLinks(new Map(ids.map((id) => [id, 'https://x.example/1']))),
    );

    expect(failure.code).toBe('crm.not_found');
    expect(failure.message).toContain(
      `2 of 3 contacts refused: ${ids[0]} UNABLE_TO_LOCK_ROW, ${ids[2]} NOT_FOUND`,
    );
  });

  test('the words of a validation rule reach the person who can obey it', async () => {
    const body = [{ errorCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION', message: 'Set a region first.' }];
    org.faults.add({ system: 'salesforce', method: 'PATCH', kind: 'status', status: 400, body });

    const failure = await failureOf(org.crm.writeDealFields(DEAL_ID, { status: 'Delivered' }));

    expect(failure.message).toContain('"Set a region first."');
  });
});
