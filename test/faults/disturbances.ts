import type { Fault, SandboxSystem } from '../../sandbox/faults.ts';
import type { Sandbox } from '../../sandbox/index.ts';
import { REFUSED_LOGIN } from '../../sandbox/salesforce/refusals.ts';
import { pathPattern } from '../../scripts/docs/effects/effects.ts';
import type { RemoteCall, RemoteSystem } from '../../scripts/docs/effects/remote-call.ts';

/** One way in which a call goes wrong. */
export interface Disturbance {
  readonly name: string;
  /** Whether this can befall the call at all. */
  readonly befalls: (call: RemoteCall) => boolean;
  /** Lets one such call go wrong, after so many sound ones; whoever repeats it finds a sound system. */
  readonly arm: (sandbox: Sandbox, call: RemoteCall, after: number) => void;
  /** Answers that its switches of a stand-in have changed; others are marked in the log of exchanges. */
  readonly changedAnswers?: (sandbox: Sandbox, call: RemoteCall) => number;
  /** One that may pass: after a few answers, so that nobody is asked; or not before somebody hears of it. */
  readonly passes?: 'soon' | 'once heard of';
  /** Befalls a record that is not shown yet, so the first call of its kind. */
  readonly isFirst?: true;
  /** The client is told to wait, or waits of its own accord, for so long. */
  readonly costSeconds?: (call: RemoteCall) => number;
}

type How = Omit<Fault, 'system' | 'method' | 'path'>;

export const SANDBOX_SYSTEM: Readonly<Record<RemoteSystem, SandboxSystem>> = {
  'Thought Industries': 'ti',
  HubSpot: 'hubspot',
  Salesforce: 'salesforce',
};

/** The requests that a row of the table stands for, as the fault plan names them. */
export function requestsOf({ system, method, path }: RemoteCall): Pick<Fault, 'system' | 'method' | 'path'> {
  return { system: SANDBOX_SYSTEM[system], method, path: pathPattern(path) };
}

const strike =
  (how: How | ((call: RemoteCall) => How)): Disturbance['arm'] =>
  ({ faults }, call, after) =>
    faults.add({ ...requestsOf(call), after, ...(typeof how === 'function' ? how(call) : how) });

/** A few answers in turn, and the system is sound again. */
const strikeInTurn =
  (answers: (call: RemoteCall) => readonly How[]): Disturbance['arm'] =>
  ({ faults }, call, after) => {
    const requests = requestsOf(call);
    for (const how of answers(call)) faults.add({ ...requests, after, ...how });
  };

/** Until `endDisturbance`. */
const strikeOn = (how: (call: RemoteCall) => How): Disturbance['arm'] =>
  strike((call) => ({ ...how(call), times: Number.POSITIVE_INFINITY }));

/** Somebody has heard of it, so it is mended. */
export function endDisturbance({ faults }: Sandbox, call: RemoteCall): void {
  const { system, method, path } = requestsOf(call);
  faults.disarm(
    (fault) => fault.system === system && fault.method === method && fault.path?.source === path?.source,
  );
}

const always = (): boolean => true;
const isWrite = ({ effect }: RemoteCall): boolean => effect !== 'read';
/** Their success is 204, and half of nothing is the whole answer. */
const hasBody = ({ call, method, system }: RemoteCall): boolean =>
  method !== 'DELETE' && !(system === 'Salesforce' && method === 'PATCH' && !call.includes('records'));

/** The words in which each system refuses a request that it could not like at any time. */
const REFUSALS: Readonly<Record<RemoteSystem, object>> = {
  'Thought Industries': { error: 'bad_request', message: 'refused by a rule' },
  HubSpot: { status: 'error', category: 'VALIDATION_ERROR', message: 'refused by a rule' },
  Salesforce: [{ errorCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION', message: 'refused by a rule', fields: [] }],
};

const UNAUTHORIZED: Readonly<Record<RemoteSystem, object>> = {
  'Thought Industries': { error: 'unauthorized' },
  HubSpot: { status: 'error', category: 'INVALID_AUTHENTICATION', message: 'the token is not valid' },
  Salesforce: [{ errorCode: 'INVALID_SESSION_ID', message: 'Session expired or invalid' }],
};

function unauthorized({ call, system }: RemoteCall): How {
  const body = call === 'fetch token' ? REFUSED_LOGIN.body : UNAUTHORIZED[system];
  return { kind: 'status', status: 401, body };
}

interface Entry {
  readonly statusCode: string;
  readonly message: string;
  readonly fields: readonly string[];
}

const ENTRY: Entry = { statusCode: 'UNABLE_TO_LOCK_ROW', message: 'locked', fields: [] };
const notMade = (entry: Entry) => ({ status: 201, body: { id: null, success: false, errors: [entry] } });
/** A success by its status that says in its body that it is none. */
const FALSE_SUCCESSES: Readonly<Record<string, (entry: Entry) => Pick<Fault, 'status' | 'body'>>> = {
  'write records in Salesforce': (entry) => ({ status: 200, body: [{ success: false, errors: [entry] }] }),
  'send e-mail': (entry) => ({ status: 200, body: [{ isSuccess: false, errors: [entry] }] }),
  'add file': notMade,
  'add task': notMade,
};
const BATCH = {
  status: 'COMPLETE',
  results: [],
  numErrors: 1,
  errors: [{ status: 'error', category: 'CONFLICT', message: 'locked' }],
};

function falseSuccess({ call, system, path }: RemoteCall): How {
  const own = FALSE_SUCCESSES[call];
  if (own !== undefined) return { kind: 'status', ...own(ENTRY) };
  if (system === 'Thought Industries') {
    return { kind: 'status', status: 200, body: { errors: [{ message: 'something went wrong' }] } };
  }
  if (path.includes('/batch/')) return { kind: 'status', status: 207, body: BATCH };
  return {
    kind: 'status',
    status: 200,
    body: { status: 'error', category: 'CONFLICT', message: 'locked' },
  };
}

/** A trigger of the org met the lock, so that Salesforce answers with the trigger's error. */
const LOCK_IN_TRIGGER: Entry = {
  statusCode: 'CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY',
  message:
    'Rollup: execution of AfterUpdate caused by: System.DmlException: Update failed. First exception on row 0; first error: UNABLE_TO_LOCK_ROW, unable to obtain exclusive access to this record: []',
  fields: [],
};

const refusedFor = ({ statusCode: errorCode, message, fields }: Entry): How => ({
  kind: 'status',
  status: 400,
  body: [{ errorCode, message, fields }],
});

/** What is done with several records, or by an action, says so in a success. */
function salesforceLocks({ call }: RemoteCall): readonly How[] {
  const isInside = ['write records in Salesforce', 'send e-mail'].includes(call);
  const inside = isInside ? FALSE_SUCCESSES[call] : undefined;
  const triggered = inside && ({ kind: 'status', ...inside(LOCK_IN_TRIGGER) } as const);
  return [refusedFor(ENTRY), triggered ?? refusedFor(LOCK_IN_TRIGGER)];
}

const conflict = (status: 409 | 423): How => ({
  kind: 'status',
  status,
  body: { status: 'error', category: 'CONFLICT', message: 'The record is being changed' },
});
/** Answers on which nothing hangs, and two that are not asked for again: of a group, and by a link that is signed anew. */
const GONE_WITHOUT = ['read send status', 'describe the token', 'read code group', 'open signed link'];

/** Salesforce refuses a session whatever is asked, and every step begins with a query. */
function isHeardOf({ call, system }: RemoteCall): boolean {
  return system === 'Salesforce' ? ['query', 'fetch token'].includes(call) : !GONE_WITHOUT.includes(call);
}

const NOT_NOW: How = { kind: 'status', status: 409, body: { errors: ['try again'] } };

function locks(call: RemoteCall): readonly How[] {
  switch (call.system) {
    case 'Thought Industries':
      return [NOT_NOW, NOT_NOW];
    case 'HubSpot':
      // A property whose creation answers 409 is there.
      return [conflict(423), ...(call.call.startsWith('create property') ? [] : [conflict(409)])];
    case 'Salesforce':
      return salesforceLocks(call);
  }
}

function staysLocked({ system }: RemoteCall): How {
  if (system === 'HubSpot') return conflict(409);
  return system === 'Salesforce' ? refusedFor(LOCK_IN_TRIGGER) : NOT_NOW;
}

/** Salesforce stops what runs too long, and may have carried it out by then. */
function tooSlow(call: RemoteCall): How {
  const isRead = call.effect === 'read';
  const errorCode = isRead ? 'QUERY_TIMEOUT' : 'REQUEST_RUNNING_TOO_LONG';
  const body = [{ errorCode, message: 'Your request was running for too long, and has been stopped.' }];
  return { kind: 'status', status: 400, body, commit: !isRead };
}

function notShown({ system, call }: RemoteCall): How {
  if (call === 'query') {
    return { kind: 'status', status: 200, body: { totalSize: 0, done: true, records: [] } };
  }
  const body =
    system === 'HubSpot' ? { status: 'error', category: 'OBJECT_NOT_FOUND' } : { error: 'not found' };
  return { kind: 'status', status: 404, body };
}

/** HubSpot's burst pause, the default of Thought Industries, Salesforce's pause for too many calls at once. */
const UNTOLD_PAUSE_SECONDS: Readonly<Record<RemoteSystem, number>> = {
  'Thought Industries': 33,
  HubSpot: 10,
  Salesforce: 30,
};

function quotaWithoutATime({ system, call }: RemoteCall): How {
  if (system !== 'Salesforce' || call === 'fetch token') {
    return { kind: 'status', status: 429, body: { message: 'too many requests' } };
  }
  const body = [{ errorCode: 'REQUEST_LIMIT_EXCEEDED', message: 'ConcurrentPerOrg limit exceeded.' }];
  return { kind: 'status', status: 403, body };
}

const LISTED = 'list associations of deal';
const NEXT_PAGE = 'read the next page of a query';

export const DISTURBANCES: readonly Disturbance[] = [
  {
    name: 'refused (400)',
    befalls: always,
    arm: strike(({ system }) => ({ kind: 'status', status: 400, body: REFUSALS[system] })),
  },
  { name: 'reset before', befalls: always, arm: strike({ kind: 'dropBefore' }) },
  { name: 'reset after commit', befalls: isWrite, arm: strike({ kind: 'dropAfterCommit' }) },
  { name: 'truncated body', befalls: hasBody, arm: strike({ kind: 'truncate' }) },
  { name: 'stalled body', befalls: hasBody, arm: strike({ kind: 'stall' }), costSeconds: () => 4 },
  {
    name: 'HTML 502',
    befalls: always,
    // Of a write the worse case: it was carried out behind the proxy.
    arm: strike((call) => ({ kind: 'html', commit: isWrite(call) })),
  },
  {
    name: '429 with Retry-After',
    befalls: always,
    arm: strike({ kind: 'status', status: 429, headers: { 'retry-after': '1' }, body: {} }),
    costSeconds: () => 1,
  },
  {
    name: '429 without Retry-After',
    befalls: always,
    arm: strike(quotaWithoutATime),
    costSeconds: ({ system }) => UNTOLD_PAUSE_SECONDS[system],
  },
  { name: '503', befalls: always, arm: strike({ kind: 'status', status: 503, body: {} }) },
  {
    name: '401 in mid-run',
    befalls: always,
    passes: 'soon',
    arm: strike(unauthorized),
  },
  {
    name: '200 with errors',
    // The answer of a signed link is a file, whatever stands in it; `dealseat verify` knows its checksum.
    befalls: ({ call, system, method }) =>
      system === 'Salesforce'
        ? FALSE_SUCCESSES[call] !== undefined
        : method !== 'DELETE' && call !== 'open signed link',
    arm: strike(falseSuccess),
  },
  {
    name: 'repeated cursor',
    befalls: ({ call }) => ['list codes', LISTED, NEXT_PAGE].includes(call),
    arm: repeatCursor,
    changedAnswers: ({ ti }) => ti.state.changedAnswers.repeatCursorOnce,
  },
  {
    name: 'duplicate rows',
    befalls: ({ call }) => ['list codes', LISTED].includes(call),
    arm: duplicateRows,
    changedAnswers: ({ ti }) => ti.state.changedAnswers.duplicateRows,
  },
  {
    name: 'late listing',
    befalls: ({ call }) => ['list codes', 'look for code groups', 'search won deals'].includes(call),
    arm: listLate,
    changedAnswers: ({ ti }, { call }) =>
      ti.state.changedAnswers[call === 'list codes' ? 'listingDelayMs' : 'indexDelayMs'],
  },
  {
    name: '401 for a while',
    befalls: always,
    passes: 'soon',
    arm: strikeInTurn((call) => [unauthorized(call), unauthorized(call), unauthorized(call)]),
  },
  {
    name: '401 that stays',
    befalls: isHeardOf,
    passes: 'once heard of',
    arm: strikeOn(unauthorized),
  },
  {
    name: 'locked for a while (409, 423, in a trigger)',
    befalls: isWrite,
    passes: 'soon',
    arm: strikeInTurn(locks),
    // What HubSpot asks for after a 423.
    costSeconds: ({ system }) => (system === 'HubSpot' ? 2 : 0),
  },
  {
    name: 'locked, and stays so (409, in a trigger)',
    // A property whose creation answers 409 is there.
    befalls: (call) => isWrite(call) && !call.call.startsWith('create property'),
    passes: 'once heard of',
    arm: strikeOn(staysLocked),
  },
  {
    name: 'locked inside a success, and stays so (200, 201)',
    befalls: (call) => call.system === 'Salesforce' && FALSE_SUCCESSES[call.call] !== undefined,
    passes: 'once heard of',
    arm: strikeOn(falseSuccess),
  },
  {
    name: 'stopped for taking too long',
    befalls: (call) =>
      call.system === 'Salesforce' && (isWrite(call) || ['query', NEXT_PAGE].includes(call.call)),
    passes: 'soon',
    arm: strike(tooSlow),
  },
  {
    name: 'not shown yet (404, empty answer)',
    befalls: ({ call }) => ['read deal', LISTED, 'query', 'list codes'].includes(call),
    passes: 'soon',
    isFirst: true,
    arm: strikeInTurn((call) => [notShown(call), notShown(call)]),
  },
  {
    name: 'not shown, and stays so (404)',
    // A deal that never shows itself ends its run, and the sweep begins anew.
    befalls: ({ call }) => call === 'list codes',
    passes: 'once heard of',
    isFirst: true,
    arm: strikeOn(notShown),
  },
];

function repeatCursor(sandbox: Sandbox, call: RemoteCall): void {
  const { faults, ti } = sandbox;
  if (call.call === 'list codes') {
    Object.assign(ti.state.options, { codesPerPage: 1, repeatCursorOnce: true });
    return;
  }
  faults.add({
    ...requestsOf(call),
    kind: 'status',
    status: 200,
    times: 2,
    get body() {
      const path = faults.hits.at(-1)?.path ?? '';
      return call.call === LISTED
        ? { ...associationsAt(sandbox, path), paging: { next: { after: '1' } } }
        : { totalSize: 2, done: false, records: [], nextRecordsUrl: path };
    },
  });
}

function duplicateRows(sandbox: Sandbox, call: RemoteCall): void {
  const { faults, ti } = sandbox;
  if (call.call === 'list codes') {
    Object.assign(ti.state.options, { codesPerPage: 1, duplicateRows: true });
    return;
  }
  faults.add({
    ...requestsOf(call),
    kind: 'status',
    status: 200,
    times: Number.POSITIVE_INFINITY,
    get body() {
      const { results } = associationsAt(sandbox, faults.hits.at(-1)?.path ?? '');
      return { results: [...results, ...results] };
    },
  });
}

/** What the portal would list on this path. */
function associationsAt({ hubspot }: Sandbox, path: string) {
  const [, id = '', type = ''] = /\/deals\/(\d+)\/associations\/(\w+)$/.exec(path) ?? [];
  const linked = hubspot.state.associations.linked({ object: 'deals', id }, type as 'contacts');
  return {
    results: linked.map(({ id: toObjectId, types }) => ({
      toObjectId: Number(toObjectId),
      associationTypes: types.map(({ category, typeId, label }) => ({ category, typeId, label })),
    })),
  };
}

/** By what was asked and not by the clock: a machine may be slow enough to find everything listed. */
function listLate({ faults, ti, hubspot }: Sandbox, call: RemoteCall): void {
  switch (call.call) {
    case 'list codes':
      ti.state.options.listingDelayMs = Number.POSITIVE_INFINITY;
      faults.add({
        ...requestsOf(call),
        after: 1,
        kind: 'delay',
        // The second call finds one code in three, and all are listed once they are twice as old as they are then.
        get delayMs() {
          const ageMs = Date.now() - Math.min(...ti.state.groups.map(({ createdAtMs }) => createdAtMs));
          Object.assign(ti.state.options, { listingDelayMs: Math.max(1_500, 2 * ageMs), listingBatches: 3 });
          return 0;
        },
      });
      return;
    case 'look for code groups':
      // A group that is known is taken for there, whether or not the search ever finds it.
      if (ti.state.groups.length > 0) {
        ti.state.options.indexDelayMs = Number.POSITIVE_INFINITY;
        return;
      }
      // Only after a create in doubt does it matter when the search knows the group.
      ti.state.options.indexDelayMs = 1_000;
      faults.add({ system: 'ti', method: 'POST', path: /\/redemptionCodes$/, kind: 'dropAfterCommit' });
      return;
    default: {
      const { dealstage = '' } = hubspot.state.valuesOf('deals', '9001');
      hubspot.state.edit('deals', '9001', { dealstage: 'contractsent' });
      faults.add({
        ...requestsOf(call),
        kind: 'delay',
        // Won a moment before the search, which does not know of it yet.
        get delayMs() {
          hubspot.state.edit('deals', '9001', { dealstage });
          return 0;
        },
      });
    }
  }
}
