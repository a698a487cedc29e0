import { createHmac } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { createTiSandbox, type TiSandbox } from '../../sandbox/thought-industries/index.ts';
import type { WebhookModes, WebhookStyle } from '../../sandbox/thought-industries/webhooks.ts';
import type { RedemptionEvent } from '../../src/clients/learners.ts';
import { parseRedeemEvent } from '../../src/clients/thought-industries/redeem-event.ts';
import { Secret } from '../../src/config/secret.ts';
import { parseRedemptionNotice } from '../../webhooks/thought-industries/notice.ts';
import { thoughtIndustriesProbe } from '../../webhooks/thought-industries/probe.ts';
import { createRig, NOW, PUBLIC_URL, type Rig, TI_WEBHOOK_ENV } from './fixture.ts';

const { TI_WEBHOOK_SECRET: SECRET, TI_WEBHOOK_SIGNING_SECRET: SIGNING } = TI_WEBHOOK_ENV;
const PATH = `/webhooks/thought-industries/${SECRET}`;
/** Stands for a code: it must never come out of the server. */
const CANARY = 'canary7f3k';

const RECORD = {
  event: 'redemptionCodeRedeem',
  timestamp: '2026-11-22T10:00:00.000Z',
  redemptionCode: CANARY,
  redemptionCodeGroupLabel: 'acme-lead-d0123456789abcde',
  user: 'lee@acme.example',
  userDetail: { id: 'u-1', email: 'lee@acme.example' },
};
const REDEMPTION: RedemptionEvent = {
  code: CANARY,
  groupLabel: 'acme-lead-d0123456789abcde',
  at: '2026-11-22T10:00:00.000Z',
  userId: 'u-1',
  email: 'lee@acme.example',
};
const { event, timestamp, ...DATA } = RECORD;

interface Taken {
  readonly rig: Rig;
  readonly taken: RedemptionEvent[];
}

function rigWith(
  options: { signed?: boolean; take?: (events: readonly RedemptionEvent[]) => Promise<void> } = {},
): Taken {
  const taken: RedemptionEvent[] = [];
  const rig = createRig({
    env: {
      TI_WEBHOOK_SECRET: SECRET,
      ...(options.signed === false ? {} : { TI_WEBHOOK_SIGNING_SECRET: SIGNING }),
    },
    limits: { budgetMs: { 'thought-industries': 200 } },
    onRedemptions: async (events) => {
      await options.take?.(events);
      taken.push(...events);
    },
  });
  return { rig, taken };
}

function sign(body: string, secret = SIGNING): string {
  return createHmac('sha256', secret).update(body).digest('hex');
}

function post(rig: Rig, body: string, headers: Record<string, string> = {}, url = PATH) {
  return rig.app.inject({
    method: 'POST',
    url,
    headers: { 'content-type': 'application/json', ...headers },
    payload: body,
  });
}

describe('a message', () => {
  test.each([
    ['in an envelope', { event, timestamp, data: DATA }],
    ['in an envelope under a dotted name', { event: 'redemption_code.redeemed', timestamp, data: DATA }],
    ['as the bare event', RECORD],
    ['in a list', [RECORD]],
  ])('is taken %s', async (_, message) => {
    const { rig, taken } = rigWith();
    const body = JSON.stringify(message);
    const response = await post(rig, body, { 'x-ti-signature': sign(body) });
    expect(response.statusCode).toBe(200);
    expect(response.json()).toEqual({ taken: 1 });
    expect(taken).toEqual([REDEMPTION]);
    expect(await rig.events()).toEqual({ 'thought-industries started': 1 });
  });

  test.each([
    ['with a prefix', (body: string) => `sha256=${sign(body)}`],
    ['in capitals', (body: string) => sign(body).toUpperCase()],
  ])('is proven by a signature %s', async (_, signature) => {
    const { rig, taken } = rigWith();
    const body = JSON.stringify(RECORD, null, 2);
    expect((await post(rig, body, { 'x-ti-signature': signature(body) })).statusCode).toBe(200);
    expect(taken).toHaveLength(1);
  });

  test.each([
    ['without a signature', {}],
    ['with an empty one', { 'x-ti-signature': '' }],
    [
      'with one of another secret',
      { 'x-ti-signature': sign(JSON.stringify(RECORD), 'another-secret-0123456789') },
    ],
    ['with one over other bytes', { 'x-ti-signature': sign(JSON.stringify(RECORD, null, 2)) }],
    ['with half of one', { 'x-ti-signature': sign(JSON.stringify(RECORD)).slice(0, 32) }],
  ])('%s is refused where the platform signs', async (_, headers) => {
    const { rig, taken } = rigWith();
    const response = await post(rig, JSON.stringify(RECORD), headers);
    expect(response.statusCode).toBe(401);
    expect(response.json().code).toBe('webhook.signature_invalid');
    expect(taken).toEqual([]);
  });

  test('needs no signature where the platform does not sign', async () => {
    const { rig, taken } = rigWith({ signed: false });
    expect((await post(rig, JSON.stringify(RECORD))).statusCode).toBe(200);
    expect(taken).toHaveLength(1);
  });

  test('under another path is refused, whatever its signature', async () => {
    const { rig, taken } = rigWith();
    const body = JSON.stringify(RECORD);
    const response = await post(
      rig,
      body,
      { 'x-ti-signature': sign(body) },
      '/webhooks/thought-industries/guessed-0123456789',
    );
    expect(response.statusCode).toBe(401);
    expect(response.json().code).toBe('webhook.unauthorized');
    expect(taken).toEqual([]);
  });

  test.each([
    ['another event', { event: 'course.completed', timestamp, data: { course: 'c' } }, 'other_event'],
    ['no event at all', 7, 'other_event'],
    ['a redemption without a code', { ...RECORD, redemptionCode: null }, 'malformed'],
  ])('about %s is answered and counted', async (_, message, outcome) => {
    const { rig, taken } = rigWith({ signed: false });
    const response = await post(rig, JSON.stringify(message));
    expect(response.json()).toEqual({ taken: 0 });
    expect(taken).toEqual([]);
    expect(await rig.events()).toEqual({ [`thought-industries ${outcome}`]: 1 });
  });

  test('that is no JSON is refused', async () => {
    const { rig } = rigWith({ signed: false });
    expect((await post(rig, '{')).json().code).toBe('webhook.malformed');
    const xml = await post(rig, '<a/>', { 'content-type': 'text/xml' });
    expect(xml.statusCode).toBe(415);
  });
});

describe('a success', () => {
  test('is answered only after the redemptions are kept', async () => {
    let release = (): void => {};
    const kept = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { rig } = rigWith({ signed: false, take: () => kept });
    let isAnswered = false;
    const answer = post(rig, JSON.stringify(RECORD)).then((response) => {
      isAnswered = true;
      return response;
    });
    await new Promise(setImmediate);
    expect(isAnswered).toBe(false);
    release();
    expect((await answer).statusCode).toBe(200);
  });

  test.each([
    ['fail', () => Promise.reject(new Error(`cannot keep ${CANARY}`)), 500],
    ['take too long', () => new Promise<void>(() => {}), 503],
  ])('is not answered when they %s', async (_, take, status) => {
    const { rig } = rigWith({ signed: false, take });
    expect((await post(rig, JSON.stringify(RECORD))).statusCode).toBe(status);
    expect(await rig.events()).toEqual({ 'thought-industries failed': 1 });
  });

  test('is not answered while nothing keeps them', async () => {
    const rig = createRig({ env: { TI_WEBHOOK_SECRET: SECRET } });
    const response = await post(rig, JSON.stringify(RECORD));
    expect(response.statusCode).toBe(503);
    expect(response.json().code).toBe('webhook.not_taken');
  });
});

test('without TI_WEBHOOK_SECRET there is no such address', async () => {
  const rig = createRig();
  expect((await post(rig, JSON.stringify(RECORD))).statusCode).toBe(404);
});

test('neither codes, addresses nor secrets are logged or answered', async () => {
  const { rig } = rigWith();
  const body = JSON.stringify(RECORD);
  const answers = [await post(rig, body, { 'x-ti-signature': sign(body) }), await post(rig, body)];
  const shown = rig.log() + answers.map((answer) => answer.body).join('');
  for (const secret of [CANARY, 'lee@acme.example', SECRET, SIGNING]) expect(shown).not.toContain(secret);
});

test('the OpenAPI document has the route', async () => {
  const { rig } = rigWith();
  const { paths } = (await rig.app.inject('/openapi.json')).json();
  expect(paths['/webhooks/thought-industries/{secret}'].post.operationId).toBe('thoughtIndustriesEvents');
});

test.each([true, false])(
  'the message of `doctor` is proven and takes nothing (signed: %s)',
  async (signed) => {
    const { rig, taken } = rigWith({ signed });
    const signingSecrets = signed ? [new Secret(SIGNING)] : null;
    const probe = thoughtIndustriesProbe({ secrets: [new Secret(SECRET)], signingSecrets }, PUBLIC_URL, NOW);
    if (probe === null) throw new Error('there is a probe');
    const response = await post(rig, probe.body, { ...probe.headers }, probe.url.slice(PUBLIC_URL.length));
    expect(probe.isTaken({ status: response.statusCode, text: response.body })).toBe(true);
    expect(probe.shownPath).not.toContain(SECRET);
    expect(taken).toEqual([]);
  },
);

test('while the signing secret rotates, either one counts', () => {
  const body = Buffer.from(JSON.stringify(RECORD));
  const terms = {
    signingSecrets: [new Secret('old-secret-0123456789'), new Secret(SIGNING)],
    readEvent: parseRedeemEvent,
  };
  for (const secret of ['old-secret-0123456789', SIGNING]) {
    const notice = parseRedemptionNotice(body, { 'x-ti-signature': sign(body.toString(), secret) }, terms);
    expect(notice).toMatchObject({ redemptions: [REDEMPTION] });
  }
});

describe('the sender of the stand-in', () => {
  async function tenantFor(
    rig: Rig,
    { style, secret = SIGNING }: { style: WebhookStyle; secret?: string | null },
  ): Promise<TiSandbox> {
    const sandbox = createTiSandbox({ now: () => NOW });
    const { catalog } = sandbox.state.options;
    sandbox.state.addGroup({
      label: 'acme-lead-d0123456789abcde',
      totalCodesCount: 3,
      codeLength: 12,
      expirationDate: null,
      accessDays: null,
      accessExpirationDate: null,
      client: null,
      targets: { courses: catalog.courses, learningPaths: [], bundles: [], licenses: [] },
    });
    const address = await rig.app.listen({ host: '127.0.0.1', port: 0 });
    sandbox.webhooks.target = { url: address + PATH, style, secret };
    return sandbox;
  }

  async function redeemAll({ state, webhooks }: TiSandbox, modes: WebhookModes): Promise<void> {
    webhooks.modes = modes;
    for (const [number, { code }] of state.codes.entries()) state.redeem(code, `l${number}@acme.example`);
    await webhooks.release();
    await webhooks.settled();
    webhooks.stop();
  }

  test.each<[string, WebhookStyle, WebhookModes]>([
    ['in an envelope', 'enveloped', {}],
    ['bare', 'bare', {}],
    ['with a prefixed signature', 'enveloped', { signature: 'prefixed' }],
    ['out of order', 'bare', { hold: true, shuffle: true }],
    ['twice', 'enveloped', { duplicate: true }],
  ])('reports every redemption %s', async (_, style, modes) => {
    const { rig, taken } = rigWith();
    try {
      const sandbox = await tenantFor(rig, { style });
      await redeemAll(sandbox, modes);
      expect(taken).toHaveLength(modes.duplicate ? 6 : 3);
      expect(new Set(taken.map(({ code }) => code))).toEqual(
        new Set(sandbox.state.codes.map(({ code }) => code)),
      );
      if (modes.shuffle)
        expect(taken.map(({ code }) => code)).toEqual(sandbox.state.codes.map(({ code }) => code).reverse());
    } finally {
      await rig.app.close();
    }
  });

  test.each<WebhookModes>([{ signature: 'bad' }, { signature: 'missing' }])(
    'is not believed: %o',
    async (modes) => {
      const { rig, taken } = rigWith();
      try {
        const sandbox = await tenantFor(rig, { style: 'enveloped' });
        await redeemAll(sandbox, modes);
        expect(taken).toEqual([]);
        expect(new Set(sandbox.webhooks.deliveries.map(({ status }) => status))).toEqual(new Set([401]));
      } finally {
        await rig.app.close();
      }
    },
  );

  test('sends again what was not taken', async () => {
    let failures = 2;
    const { rig, taken } = rigWith({
      signed: false,
      take: async () => {
        failures -= 1;
        if (failures >= 0) throw new Error('not now');
      },
    });
    try {
      const sandbox = await tenantFor(rig, { style: 'bare', secret: null });
      await redeemAll(sandbox, {});
      expect(new Set(taken.map(({ code }) => code)).size).toBe(3);
      expect(sandbox.webhooks.deliveries.some(({ attempt }) => attempt > 1)).toBe(true);
    } finally {
      await rig.app.close();
    }
  });
});
