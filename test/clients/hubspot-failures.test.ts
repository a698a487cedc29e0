import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Fault } from '../../sandbox/faults.ts';
import type { Notice } from '../../src/clients/crm.ts';
import { createHubSpotCrm, type HubSpotCrm } from '../../src/clients/hubspot/crm.ts';
import { DealseatError, type FailureCode } from '../../src/domain/failure.ts';
import { failureOf, type HubSpotAccount, openHubSpotAccount } from './hubspot-account.ts';
import { FIRST, MESSAGE, SEQUENCE } from './hubspot-mail-tools.ts';

let account: HubSpotAccount;

beforeEach(async () => {
  account = await openHubSpotAccount();
});

afterEach(() => account.close());

const NOTICE: Notice = {
  dealId: '9001',
  ownerId: '8001',
  key: 'k',
  subject: 's',
  text: 't',
  priority: 'high',
};

/** One call of each effect, and of each way out: the client's, and ours for what the client does not know. */
const CALLS = {
  read: {
    path: /objects\/contacts\/6001$/,
    run: (crm: HubSpotCrm) => crm.readContact('6001'),
  },
  'plain read': {
    path: /account-info/,
    run: (crm: HubSpotCrm) => crm.ping(),
  },
  overwrite: {
    path: /objects\/deals\/9001$/,
    run: (crm: HubSpotCrm) => crm.writeDealFields('9001', { status: 'Planning' }),
  },
  create: {
    path: /objects\/tasks$/,
    run: (crm: HubSpotCrm) => crm.notify(NOTICE),
  },
  'plain create': {
    path: /enrollments$/,
    run: async (crm: HubSpotCrm) => {
      const outcome = await crm.mailTool(SEQUENCE).deliver(MESSAGE, FIRST);
      // The mail tools return what others throw.
      if (outcome.is === 'refused') throw new DealseatError(outcome.problem);
    },
  },
} as const;

type CallName = keyof typeof CALLS;

interface Variant {
  readonly name: string;
  readonly fault: Omit<Fault, 'system' | 'path'>;
  /** For every call; or for reads and overwrites apart from creates. `done`: the create is found to have happened. */
  readonly code: FailureCode | { readonly repeatable: FailureCode; readonly create: FailureCode | 'done' };
  readonly retryAfterMs?: number;
  readonly says?: RegExp;
}

const body = (fields: object) => ({ status: 'error', correlationId: 'c0ffee', ...fields });
/** HubSpot carried it out: a create is in doubt too, and reading back settles it. */
const carriedOut = (repeatable: FailureCode) => ({ repeatable, create: 'done' }) as const;
const inDoubt = (repeatable: FailureCode) => ({ repeatable, create: 'crm.outcome_unknown' }) as const;
const status = (code: number, fields: object = {}, headers: Record<string, string> = {}) =>
  ({ kind: 'status', status: code, body: body(fields), headers }) as const;
const SECOND = 1_000;

const VARIANTS: readonly Variant[] = [
  {
    name: '401',
    fault: status(401, {
      category: 'INVALID_AUTHENTICATION',
      message: 'Authentication credentials not found.',
    }),
    code: 'crm.unauthorized',
    says: /401 INVALID_AUTHENTICATION: Authentication credentials not found \(correlation id c0ffee\)/,
  },
  {
    name: '403 with missing scopes',
    fault: status(403, {
      category: 'MISSING_SCOPES',
      message: "This app hasn't been granted all required scopes.",
      errors: [{ message: 'One or more', context: { requiredGranularScopes: ['scope.one', 'scope.two'] } }],
    }),
    code: 'crm.forbidden',
    says: /scope\.one, scope\.two/,
  },
  {
    name: '403 for another reason',
    fault: status(403, { message: 'Not in your tier' }),
    code: 'crm.forbidden',
  },
  { name: '409', fault: status(409, { category: 'CONFLICT' }), code: 'crm.conflict' },
  { name: '423 (locked)', fault: status(423), code: 'crm.conflict', retryAfterMs: 2 * SECOND },
  {
    name: '429 of the ten-second window',
    fault: { kind: 'rateLimit' },
    code: 'crm.rate_limited',
    retryAfterMs: 10 * SECOND,
    says: /TEN_SECONDLY_ROLLING/,
  },
  {
    name: '429 of the day',
    fault: status(429, { policyName: 'DAILY', message: 'You have reached your daily limit.' }),
    code: 'crm.rate_limited',
    retryAfterMs: 3600 * SECOND,
  },
  {
    name: '429 with Retry-After',
    fault: status(429, { policyName: 'DAILY' }, { 'retry-after': '7' }),
    code: 'crm.rate_limited',
    retryAfterMs: 7 * SECOND,
  },
  {
    name: '477 (portal moves)',
    fault: status(477, {}, { 'retry-after': '90' }),
    code: 'crm.unavailable',
    retryAfterMs: 90 * SECOND,
  },
  {
    name: '477 for a day, which is longer than a run repeats its calls',
    fault: status(477, {}, { 'retry-after': '86400' }),
    code: 'crm.unavailable',
    retryAfterMs: 3600 * SECOND,
    says: /moving to another data centre/,
  },
  {
    name: '488 (portal elsewhere)',
    fault: status(488, {
      message: 'Hub 62515 is unknown to this Hublet, but it appears to exist in Hublet eu1',
      correctHublet: 'eu1',
    }),
    code: 'crm.unavailable',
    retryAfterMs: 300 * SECOND,
    says: /lives in data centre eu1, .* make a new access token in HubSpot, or set HUBSPOT_BASE_URL to https:\/\/api-eu1\.hubapi\.com/,
  },
  {
    name: '400 of a data centre that does not know the portal',
    fault: status(400, { message: 'Hub 62515 is unknown to this Hublet', correctHublet: 'eu1' }),
    code: 'crm.unavailable',
    retryAfterMs: 300 * SECOND,
    says: /lives in data centre eu1/,
  },
  {
    name: '488 that names no data centre of HubSpot',
    fault: status(488, { correctHublet: 'evil.example/' }),
    code: 'crm.unavailable',
    retryAfterMs: 300 * SECOND,
    says: /lives in another data centre, .* make a new access token in HubSpot, and restart/,
  },
  { name: '521 (never reached HubSpot)', fault: status(521), code: 'crm.unavailable' },
  { name: '500', fault: status(500), code: inDoubt('crm.unavailable') },
  { name: '503', fault: status(503), code: inDoubt('crm.unavailable') },
  { name: '524', fault: status(524), code: inDoubt('crm.unavailable') },
  { name: 'an HTML page of the gateway', fault: { kind: 'html' }, code: inDoubt('crm.unavailable') },
  {
    name: 'an error without content type',
    fault: { kind: 'status', status: 502, body: 'Bad gateway' },
    code: inDoubt('crm.unavailable'),
  },
  {
    name: 'an error with broken JSON',
    fault: {
      kind: 'status',
      status: 502,
      body: '{"status":',
      headers: { 'content-type': 'application/json' },
    },
    code: inDoubt('crm.unavailable'),
  },
  {
    name: 'a connection closed before the call',
    fault: { kind: 'dropBefore' },
    code: inDoubt('crm.unavailable'),
  },
  { name: 'an answer cut off half way', fault: { kind: 'truncate' }, code: carriedOut('crm.unavailable') },
  { name: 'an answer that stalls half way', fault: { kind: 'stall' }, code: carriedOut('crm.unavailable') },
  {
    name: 'a success that is an HTML page',
    fault: { kind: 'html', status: 200 },
    code: inDoubt('crm.bad_response'),
  },
  {
    name: 'a success without content type',
    fault: { kind: 'status', status: 200, body: '' },
    code: inDoubt('crm.bad_response'),
  },
  {
    name: 'a success with broken JSON',
    fault: { kind: 'status', status: 201, body: '{"id":', headers: { 'content-type': 'application/json' } },
    code: inDoubt('crm.bad_response'),
  },
];

const table = Object.keys(CALLS).flatMap((call) =>
  VARIANTS.map((variant) => ({ call: call as CallName, variant, name: variant.name })),
);

describe('a failing HubSpot call', () => {
  test.each(table)('$call answered by $name is one failure of our taxonomy', async ({ call, variant }) => {
    const { path, run } = CALLS[call];
    const isCreate = call.endsWith('create');
    account.fail({ ...variant.fault, path, times: Number.POSITIVE_INFINITY });
    // A create is looked for after its time is up, by calls that have no more of it.
    const stallMs = isCreate ? 2_000 : 150;
    const crm = account.connect({ timeoutMs: variant.fault.kind === 'stall' ? stallMs : 5_000 });
    const { code } = variant;
    const expected = typeof code === 'string' ? code : isCreate ? code.create : code.repeatable;
    if (expected === 'done') {
      await run(crm);
      expect(account.faults.hits).toHaveLength(1);
      return;
    }
    const failure = await failureOf(run(crm));
    expect({ code: failure.code, retryAfterMs: failure.retryAfterMs }).toEqual({
      code: expected,
      retryAfterMs: variant.retryAfterMs,
    });
    expect(failure.message).toMatch(variant.says ?? /^HubSpot: /);
    expect(failure.message).not.toMatch(/Bearer|sandbox-hubspot-token|<html|retry-after/i);
  });

  test('leaves no trace of the client, its headers or the body in the cause', async () => {
    account.fail({ path: /contacts\/6001/, ...status(400, { message: 'nope' }, { 'x-secret': 'CANARY' }) });
    const failure = await failureOf(account.crm.readContact('6001'));
    expect(failure.cause).toBeUndefined();
    expect(JSON.stringify(failure, Object.getOwnPropertyNames(failure))).not.toContain('CANARY');
  });

  test("shortens HubSpot's message", async () => {
    account.fail({ path: /contacts\/6001/, ...status(400, { message: 'x'.repeat(5_000) }) });
    expect((await failureOf(account.crm.readContact('6001'))).message.length).toBeLessThan(500);
  });

  test('is made once: nothing repeats it behind our back', async () => {
    account.fail({ path: /contacts\/6001/, ...status(500), times: Number.POSITIVE_INFINITY });
    await failureOf(account.crm.readContact('6001'));
    expect(account.faults.hits).toHaveLength(1);
  });

  test('refused for the quota holds the next call back, unsent', async () => {
    account.fail({ path: /contacts\/6001/, kind: 'rateLimit' });
    const crm = account.connect({ maxQueueMs: 0 });
    await failureOf(crm.readContact('6001'));
    const second = await failureOf(crm.readContact('6002'));
    expect(second.code).toBe('crm.rate_limited');
    expect(second.retryAfterMs).toBeGreaterThan(5_000);
    expect(account.requests).toEqual([]);
  });

  test('is slowed down before HubSpot has to refuse it', async () => {
    const scarce = await openHubSpotAccount({ rateLimit: { burst: 10 } });
    try {
      const crm = scarce.connect({ maxQueueMs: 0 });
      const failures: DealseatError[] = [];
      for (let n = 0; n < 20; n += 1) await crm.readContact('6001').catch((error) => failures.push(error));
      expect(failures.length).toBeGreaterThan(0);
      // Each of them was kept back by us: HubSpot never had to say no.
      expect(failures.filter(({ message }) => !message.includes('not sent'))).toEqual([]);
    } finally {
      await scarce.close();
    }
  });

  test('is kept back for a minute at most, whatever an answer says of the quota', async () => {
    const headers = {
      'x-hubspot-ratelimit-max': '100',
      'x-hubspot-ratelimit-remaining': '0',
      'x-hubspot-ratelimit-interval-milliseconds': '99999999999',
    };
    account.fail({ path: /contacts\/6001/, ...status(500), headers });
    const crm = account.connect({ maxQueueMs: 0 });
    await failureOf(crm.readContact('6001'));
    const second = await failureOf(crm.readContact('6002'));
    expect(second).toMatchObject({ code: 'crm.rate_limited', message: expect.stringContaining('not sent') });
    expect(second.retryAfterMs).toBeLessThanOrEqual(60_000);
  });

  test('to nobody who listens was never sent, so a create may be repeated', async () => {
    const crm = createHubSpotCrm({
      accessToken: 't',
      portalId: '62515',
      baseUrl: 'http://127.0.0.1:1',
    });
    const failure = await failureOf(crm.readContact('6001'));
    expect(failure).toMatchObject({
      code: 'crm.unavailable',
      message: expect.stringContaining('no connection'),
    });
  });

  test('names the value that HubSpot refused', async () => {
    const message = `Property values were not valid: ${JSON.stringify([
      { isValid: false, message: 'was not one of', error: 'INVALID_OPTION', name: 'dealstage' },
    ])}`;
    account.fail({ path: /deals\/9001$/, ...status(400, { category: 'VALIDATION_ERROR', message }) });
    const failure = await failureOf(account.crm.writeDealFields('9001', { status: 'x' }));
    expect(failure).toMatchObject({
      code: 'crm.invalid_request',
      message: expect.stringContaining('property "dealstage": INVALID_OPTION'),
    });
  });
});

describe('a success code that HubSpot does not document', () => {
  test('on a field write counts as done once the fields read back', async () => {
    account.fail({
      method: 'PATCH',
      path: /deals\/9001$/,
      kind: 'status',
      status: 202,
      body: {},
      commit: true,
    });
    await account.crm.writeDealFields('9001', { status: 'Planning' });
    expect(account.state.valuesOf('deals', '9001').dealseat_status).toBe('Planning');
  });

  test('on a field write that did not happen is no success', async () => {
    account.fail({ method: 'PATCH', path: /deals\/9001$/, kind: 'status', status: 202, body: {} });
    const failure = await failureOf(account.crm.writeDealFields('9001', { status: 'Planning' }));
    expect(failure.code).toBe('crm.outcome_unknown');
  });

  test('on redeem links counts as done once the links read back', async () => {
    account.fail({ path: /contacts\/batch\/update$/, kind: 'status', status: 202, body: {}, commit: true });
    await account.crm.writeRedeemLinks(new Map([['6001', 'https://learn.example/redeem/A']]));
    expect(account.state.valuesOf('contacts', '6001').dealseat_redeem_link).toContain('/redeem/A');
  });

  test('on a task counts as done, and makes no second one', async () => {
    account.state.okInsteadOfCreated = /./;
    await account.crm.notify(NOTICE);
    await account.crm.notify(NOTICE);
    expect(account.state.engagementsOf('tasks', { object: 'deals', id: '9001' })).toHaveLength(1);
  });
});

describe('a HubSpot that does not answer', () => {
  test.each(['read', 'plain read', 'overwrite'] as const)(
    'a %s ends at its deadline and closes the socket',
    async (call) => {
      await using silent = await openSilentServer();
      const crm = createHubSpotCrm({ ...silent.options, timeoutMs: 1_000 });
      const failure = await failureOf(CALLS[call].run(crm));
      expect(failure).toMatchObject({
        code: 'crm.unavailable',
        message: expect.stringContaining('within 1000 ms'),
      });
      await silent.everySocketClosed();
    },
  );

  test.each(['read', 'plain read'] as const)(
    'a %s ends at once with the reason of the caller who cancels it, and closes the socket',
    async (call) => {
      await using silent = await openSilentServer();
      const crm = createHubSpotCrm({ ...silent.options, timeoutMs: 60_000 });
      const cancel = new AbortController();
      const running = call === 'read' ? crm.readContact('6001', cancel.signal) : crm.ping(cancel.signal);
      const ended = failureOf(running);
      await silent.connected();
      const reason = new Error('the run was cancelled');
      cancel.abort(reason);
      expect(await ended).toBe(reason);
      await silent.everySocketClosed();
    },
  );

  test('is not even called when the caller has cancelled before', async () => {
    const reason = new Error('cancelled before');
    expect(await failureOf(account.crm.readContact('6001', AbortSignal.abort(reason)))).toBe(reason);
    expect(account.requests).toEqual([]);
  });
});

describe('a HubSpot whose answer does not end', () => {
  test.each(['read', 'plain read', 'overwrite'] as const)(
    'a %s leaves it at 16 MiB, and closes the socket',
    async (call) => {
      await using endless = await openServer(answerWithoutEnd);
      const crm = createHubSpotCrm({ ...endless.options, timeoutMs: 60_000 });
      const failure = await failureOf(CALLS[call].run(crm));
      expect(failure).toMatchObject({
        code: 'crm.bad_response',
        message: expect.stringContaining('more than 16777216 bytes'),
      });
      await endless.everySocketClosed();
    },
  );

  test('a create that may have happened is an unknown outcome then', async () => {
    const body = { padding: 'x'.repeat(17 * 1024 * 1024) };
    account.fail({ method: 'POST', path: CALLS['plain create'].path, kind: 'status', status: 200, body });
    const failure = await failureOf(CALLS['plain create'].run(account.crm));
    expect(failure.code).toBe('crm.outcome_unknown');
  });
});

const SOME = Buffer.from(`"${'x'.repeat(64 * 1024 - 4)}",\n`);

function answerWithoutEnd(socket: Socket): void {
  const more = () => {
    while (socket.writable && socket.write(SOME));
  };
  socket.once('data', () => {
    socket.write('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n[');
    socket.on('drain', more);
    more();
  });
}

/** Accepts connections and says nothing. */
function openSilentServer() {
  return openServer((socket) => {
    socket.resume();
  });
}

async function openServer(converse: (socket: Socket) => void) {
  const sockets = new Set<Socket>();
  const closings: Promise<unknown>[] = [];
  const server = createServer((socket) => {
    sockets.add(socket);
    closings.push(new Promise((resolve) => socket.once('close', resolve)));
    socket.on('error', () => {});
    converse(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    options: { accessToken: 't', portalId: '62515', baseUrl: `http://127.0.0.1:${address.port}` },
    connected: async () => {
      if (sockets.size === 0) await once(server, 'connection');
    },
    everySocketClosed: async () => {
      expect(sockets.size).toBeGreaterThan(0);
      await Promise.all(closings);
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
