import { beforeAll, describe, expect, test } from '@jest/globals';
import { MAX_ASKS, type SeatDesk } from '../../src/seats/desk.ts';
import { createHttpDesk } from '../../src/seats/http-desk.ts';
import {
  foundView,
  operationPageView,
  operationsView,
  operationView,
  seatHistoryView,
  seatPageView,
} from '../../src/seats/views.ts';
import { problemBody } from '../../webhooks/server/schemas.ts';
import { ACME, deskOf, FILLED_CODES, fillStore, INITECH } from '../support/filled-store.ts';
import { onceOnEmbedded } from '../support/store.ts';
import { createRig, MANUAL_KEY, type Rig } from './fixture.ts';

const SEATS_KEY = 'sandbox-seats-key-0123456789';
const env = { MANUAL_API_KEYS: `acme:${MANUAL_KEY},support:${SEATS_KEY}:seats` };

onceOnEmbedded('the HTTP interface of seats', (open) => {
  let desk: SeatDesk;

  beforeAll(async () => {
    desk = deskOf(await fillStore(await open()));
  });

  function get(rig: Rig, url: string, key: string | null = SEATS_KEY) {
    return rig.app.inject({ url, ...(key === null ? {} : { headers: { authorization: `Bearer ${key}` } }) });
  }

  function find(rig: Rig, body: unknown) {
    return rig.app.inject({
      method: 'POST',
      url: '/api/seats/find',
      headers: { authorization: `Bearer ${SEATS_KEY}`, 'content-type': 'application/json' },
      payload: JSON.stringify(body),
    });
  }

  test('lists the seats of a deal page by page, as the document describes them', async () => {
    const rig = createRig({ env, desk });
    const first = seatPageView.parse((await get(rig, '/api/seats?crm=hubspot&dealId=9001&limit=5')).json());
    expect(first.order.counts.sold).toBe(8);
    const url = `/api/seats?crm=hubspot&dealId=9001&limit=5&cursor=${first.next}`;
    const second = seatPageView.parse((await get(rig, url)).json());
    expect(new Set([...first.seats, ...second.seats].map(({ id }) => id)).size).toBe(8);
    expect(second.next).toBeNull();
  });

  test('finds by address and code, and neither stands in a log line or an address', async () => {
    const rig = createRig({ env, desk });
    const byCode = await find(rig, { text: 'ACME-LEAD-1' });
    expect(foundView.parse(byCode.json())).toMatchObject({ by: 'code', seats: [{ state: 'exposed' }] });
    const byEmail = await find(rig, { text: 'ana@example.com', by: 'email' });
    expect(byEmail.json().seats).toHaveLength(2);
    expect(byCode.body + byEmail.body + rig.log()).not.toMatch(FILLED_CODES);
    expect(rig.log()).not.toContain('ana@example.com');
  });

  test('shows the history of a seat by the beginning of its id', async () => {
    const rig = createRig({ env, desk });
    const { seats } = await desk.seatsOf(ACME);
    const answer = await get(rig, `/api/seats/${seats[0]?.id.slice(0, 8)}`);
    expect(seatHistoryView.parse(answer.json()).events).toMatchObject([{ kind: 'created' }]);
  });

  test('shows what is open to be looked at', async () => {
    expect((await get(createRig({ env, desk }), '/api/seats/findings')).json()).toEqual({
      findings: [],
      next: null,
    });
  });

  test.each(['/api/people/export', '/api/people/erase', '/api/keys/rotate'])(
    '%s asks for the scope admin',
    async (url) => {
      const rig = createRig({ env, desk });
      const answer = await rig.app.inject({
        method: 'POST',
        url,
        headers: { authorization: `Bearer ${SEATS_KEY}`, 'content-type': 'application/json' },
        payload: JSON.stringify({ email: 'kim@example.com', by: 'bo' }),
      });
      expect([answer.statusCode, answer.json().code]).toEqual([403, 'webhook.forbidden']);
    },
  );

  test.each([
    ['/api/seats?crm=hubspot', 400, 'webhook.malformed'],
    ['/api/seats?crm=hubspot&dealId=9001&state=lost', 400, 'webhook.malformed'],
    ['/api/seats?crm=hubspot&dealId=9001&limit=5000', 400, 'webhook.malformed'],
    ['/api/seats?crm=hubspot&dealId=9001&code=X', 400, 'webhook.malformed'],
    ['/api/seats?crm=hubspot&dealId=9001&cursor=x', 400, 'seats.cursor_invalid'],
    ['/api/seats?crm=hubspot&dealId=90x1', 400, 'webhook.malformed'],
    ['/api/seats?crm=sugar&dealId=9001', 422, 'webhook.crm_off'],
    ['/api/seats?crm=hubspot&dealId=4711', 404, 'seats.unknown_deal'],
    ['/api/seats/findings?crm=hubspot', 400, 'webhook.malformed'],
    ['/api/seats/ffffffff', 404, 'seats.unknown_seat'],
  ])('answers %s with %i %s', async (url, status, code) => {
    const answer = await get(createRig({ env, desk }), url);
    expect([answer.statusCode, problemBody.parse(answer.json()).code]).toEqual([status, code]);
  });

  test.each([
    ['no key', null, 401, 'webhook.unauthorized'],
    ['a wrong key', 'canary-key-0123456789', 401, 'webhook.unauthorized'],
    ['a key for provisioning', MANUAL_KEY, 403, 'webhook.forbidden'],
  ])('refuses %s', async (_, key, status, code) => {
    const answer = await get(createRig({ env, desk }), '/api/seats?crm=hubspot&dealId=9001', key);
    expect([answer.statusCode, answer.json().code]).toEqual([status, code]);
    expect(answer.body).not.toContain('canary');
  });

  test('a key for seats opens no provisioning', async () => {
    const answer = await get(createRig({ env, desk }), '/provisionings/provision:hubspot:62515:9001');
    expect([answer.statusCode, answer.json().code]).toEqual([403, 'webhook.forbidden']);
  });

  test('answers 503 with the cure where no store is open', async () => {
    const answer = await get(createRig({ env }), '/api/seats?crm=hubspot&dealId=9001');
    expect([answer.statusCode, answer.json().code]).toEqual([503, 'webhook.no_store']);
    expect(answer.json().detail).toContain('Set DATABASE_URL');
  });

  test('has a limit of look-ups for each key', async () => {
    const rig = createRig({ env, desk, limits: { lookUpsPerMinute: 1 } });
    const statuses = [];
    for (let call = 0; call < 2; call += 1) statuses.push((await get(rig, '/api/seats/findings')).statusCode);
    expect(statuses).toEqual([200, 429]);
  });

  describe('an operation', () => {
    const to = { email: 'newcomer@example.com' };

    function ask(rig: Rig, body: unknown, { key = SEATS_KEY, id = 'order-66' as string | null } = {}) {
      return rig.app.inject({
        method: 'POST',
        url: '/api/seat-operations',
        headers: {
          authorization: `Bearer ${key}`,
          'content-type': 'application/json',
          ...(id === null ? {} : { 'idempotency-key': id }),
        },
        payload: JSON.stringify(body),
      });
    }

    test('is answered 202 with where to follow it, and is the same one when it is sent again', async () => {
      const rig = createRig({ env, desk });
      const body = {
        kind: 'grant',
        crm: 'hubspot',
        dealId: '9001',
        product: 'manager-path',
        to,
        reason: 'signed up',
      };
      const first = await ask(rig, { ...body, onBehalfOf: 'Kim' });
      expect(first.statusCode).toBe(202);
      const operation = operationView.parse(first.json());
      expect(operation).toMatchObject({ kind: 'grant', state: 'asked', askedBy: 'Kim, support (by API)' });
      const self = new URL(String(first.headers.location));
      expect((await get(rig, self.pathname)).json()).toEqual(operation);
      const again = await ask(rig, { ...body, onBehalfOf: 'Kim' });
      expect(again.json()).toEqual(operation);
      const other = await ask(rig, { ...body, to: { email: 'other@example.com' } });
      expect([other.statusCode, other.json().code]).toEqual([422, 'seat.id_used']);
      const busy = await ask(
        rig,
        { kind: 'revoke', seatId: operation.seatId, reason: 'x' },
        { id: 'order-67' },
      );
      expect([busy.statusCode, busy.json().code]).toEqual([409, 'seat.busy']);
      expect(rig.log()).not.toContain('newcomer@example.com');
    });

    test('is one of several that are asked for at once, all or none, each with an id of its own', async () => {
      const rig = createRig({ env, desk });
      const seats = (await desk.seatsOf(ACME, { productKey: 'leadership-essentials' })).seats;
      const grant = (name: string, product = 'leadership-essentials') => ({
        kind: 'grant',
        crm: 'hubspot',
        dealId: '9001',
        product,
        to: { email: `${name}@example.com` },
        reason: 'signed up',
      });
      const batch = (operations: object[], id: string) =>
        rig.app.inject({
          method: 'POST',
          url: '/api/seat-operations/batch',
          headers: {
            authorization: `Bearer ${SEATS_KEY}`,
            'content-type': 'application/json',
            'idempotency-key': id,
          },
          payload: JSON.stringify({ operations }),
        });
      const free = seats.filter(({ state }) => state === 'free').at(-1)?.id ?? '';
      const wrong = { kind: 'reissue', how: 'new_code', seatId: free, reason: 'x' };
      const refused = await batch([grant('row1'), wrong, grant('kim')], 'list-1');
      expect([refused.statusCode, refused.json()]).toEqual([
        409,
        expect.objectContaining({
          code: 'seat.wrong_state',
          detail: 'Nothing was asked for, because 2 rows cannot be done',
          errors: [
            { field: 'operations.1', message: expect.stringMatching(/^seat\.wrong_state: The seat is free/) },
            { field: 'operations.2', message: expect.stringMatching(/^seat\.learner_has_one: /) },
          ],
        }),
      ]);
      expect((await desk.seatsOf(ACME, { states: ['granting'] })).seats).toHaveLength(1);
      const asked = await batch([grant('row1'), grant('row2')], 'list-1');
      expect(asked.statusCode).toBe(202);
      const [one, two] = operationsView.parse(asked.json()).operations;
      expect([one?.state, two?.state, one?.id === two?.id]).toEqual(['asked', 'asked', false]);
      const again = await batch([grant('row1'), grant('row2')], 'list-1');
      expect([again.statusCode, again.body]).toEqual([202, asked.body]);
      const long = Array.from({ length: MAX_ASKS + 1 }, (_, index) => grant(`n${index}`));
      expect((await batch(long, 'list-2')).statusCode).toBe(400);
      const unknown = { ...wrong, seatId: '00000000' };
      const gone = await batch([grant('row3'), unknown], 'list-3');
      expect([gone.statusCode, gone.json().errors?.length]).toEqual([404, 1]);
    });

    test.each([
      [
        'no id of the request',
        { kind: 'revoke', seatId: 'abcd', reason: 'x' },
        null,
        400,
        'webhook.malformed',
      ],
      ['no reason', { kind: 'revoke', seatId: 'abcd' }, 'k', 400, 'webhook.malformed'],
      ['an unknown kind', { kind: 'delete', seatId: 'abcd', reason: 'x' }, 'k', 400, 'webhook.malformed'],
      [
        'no day',
        { kind: 'extend', seatId: 'abcd', until: 'soon', reason: 'x' },
        'k',
        400,
        'webhook.malformed',
      ],
      ['no seat', { kind: 'grant', crm: 'hubspot', to, reason: 'x' }, 'k', 400, 'webhook.malformed'],
      [
        'a seat that is not there',
        { kind: 'revoke', seatId: '00000000', reason: 'x' },
        'k',
        404,
        'seats.unknown_seat',
      ],
    ])('with %s is refused', async (_, body, id, status, code) => {
      const answer = await ask(createRig({ env, desk }), body, { id });
      expect([answer.statusCode, answer.json().code]).toEqual([status, code]);
    });

    test('needs a key for seats, and one that is asked for must be there', async () => {
      const rig = createRig({ env, desk });
      const answer = await ask(rig, { kind: 'revoke', seatId: 'abcd', reason: 'x' }, { key: MANUAL_KEY });
      expect([answer.statusCode, answer.json().code]).toEqual([403, 'webhook.forbidden']);
      const { operations } = operationPageView.parse((await get(rig, '/api/seat-operations?limit=1')).json());
      expect(operations).toMatchObject([{ kind: 'grant', isOver: false }]);
      const waiting = await get(rig, '/api/seat-operations?waiting=true');
      expect(waiting.json()).toEqual({ operations: [], next: null });
      const gone = await get(rig, '/api/seat-operations/nothing');
      expect([gone.statusCode, gone.json().code]).toEqual([404, 'seats.unknown_operation']);
    });
  });

  describe('an export', () => {
    test('is a CSV file without codes', async () => {
      const answer = await get(
        createRig({ env, desk }),
        '/api/seats/export?crm=hubspot&dealId=9001&state=exposed',
      );
      expect(answer.headers['content-type']).toBe('text/csv; charset=utf-8');
      expect(answer.body).toMatch(/^\ufeffcode,redeem_url/);
      expect(answer.headers['x-seat-count']).toBe('2');
      expect(answer.body).not.toMatch(FILLED_CODES);
    });

    test('with codes needs a key with the scope codes, and a reason', async () => {
      const codesKey = 'sandbox-codes-key-0123456789';
      const rig = createRig({
        env: { MANUAL_API_KEYS: `${env.MANUAL_API_KEYS},boss:${codesKey}:codes` },
        desk,
      });
      const post = (key: string, body: object) =>
        rig.app.inject({
          method: 'POST',
          url: '/api/seats/export',
          headers: {
            authorization: `Bearer ${key}`,
            'content-type': 'application/json',
            'idempotency-key': 'k',
          },
          payload: JSON.stringify({ crm: 'hubspot', dealId: '9001', state: 'exposed', ...body }),
        });
      expect((await post(SEATS_KEY, { reason: 'lost' })).statusCode).toBe(403);
      expect((await post(codesKey, {})).statusCode).toBe(400);
      const answer = await post(codesKey, { reason: 'lost' });
      expect([answer.statusCode, answer.headers['x-code-count']]).toEqual([200, '2']);
      expect(answer.body).toMatch(FILLED_CODES);
      expect(rig.log()).not.toMatch(FILLED_CODES);
    });
  });

  describe('a desk over it', () => {
    test('answers as the store does, failures too', async () => {
      const rig = createRig({ env, desk, localKey: 'a-key-of-this-process' });
      const url = await rig.app.listen({ host: '127.0.0.1', port: 0 });
      try {
        const remote = createHttpDesk({ url, token: 'a-key-of-this-process' });
        const options = { states: ['free', 'exposed'], productKey: 'manager-path', limit: 2 } as const;
        expect(await remote.seatsOf(ACME, options)).toEqual(await desk.seatsOf(ACME, options));
        expect(await remote.find({ text: 'kim@example.com' })).toEqual(
          await desk.find({ text: 'kim@example.com' }),
        );
        const [seat] = (await desk.seatsOf(ACME)).seats;
        expect(await remote.history(seat?.id ?? '')).toEqual(await desk.history(seat?.id ?? ''));
        expect(await remote.findings({ deal: ACME })).toEqual({ findings: [], next: null });
        const by = { kind: 'person', name: 'kim' } as const;
        expect(
          await remote.closeFindings({ id: 'close-1', deal: ACME, actor: by, reason: 'asked the buyer' }),
        ).toEqual({
          findings: [],
          next: null,
        });
        await expect(remote.seatsOf({ ...ACME, dealId: '4711' })).rejects.toMatchObject({
          code: 'seats.unknown_deal',
        });
        const to = { email: 'lee@example.com', firstName: 'Lee', lastName: null, contactId: null };
        const ask = {
          id: 'op-of-a-command',
          act: { kind: 'reassign', input: { to, by: 'access' } },
          seat: { id: (await desk.find({ text: 'kim@example.com' })).seats[0]?.id ?? '' },
          actor: { kind: 'person', name: 'kim' },
          reason: 'takes over',
        } as const;
        const asked = await remote.ask(ask);
        expect(asked).toEqual(await desk.operation('op-of-a-command'));
        expect([await desk.ask(ask), await remote.retryOperation(asked.id)]).toEqual([asked, asked]);
        await expect(remote.ask({ ...ask, id: 'another' })).rejects.toMatchObject({ code: 'seat.busy' });
        const link = {
          id: 'k1',
          seatId: (await desk.seatsOf(INITECH)).seats[0]?.id ?? '',
          actor: { kind: 'person', name: 'kim' },
          reason: 'lost',
        } as const;
        expect((await remote.showLink(link)).link).toMatch(FILLED_CODES);
        expect(rig.log()).not.toMatch(FILLED_CODES);
        expect(await remote.exportSeats(ACME)).toEqual(await desk.exportSeats(ACME));
        expect(await remote.person('kim@example.com')).toEqual(await desk.person('kim@example.com'));
        const rotated = { isOver: true, resealed: 0, checked: 9, total: 9 };
        expect(await remote.rotateKeys({ id: 'k2' })).toEqual(rotated);
        const erasure = { id: 'k3', email: 'nobody@example.com', by: 'bo' };
        expect(await remote.erase(erasure)).toMatchObject({ isOver: false, done: 1 });
        await expect(remote.history('0000')).rejects.toMatchObject({ code: 'seats.unknown_seat' });
      } finally {
        await rig.app.close();
      }
    });

    test('says what to do when the service does not answer', async () => {
      const remote = createHttpDesk({ url: 'http://127.0.0.1:1', token: 'x' });
      await expect(remote.find({ text: 'kim@example.com' })).rejects.toThrow(
        'does not answer. Look at its log',
      );
    });
  });
});
