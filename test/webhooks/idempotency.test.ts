import { beforeAll, expect, test } from '@jest/globals';
import type { SeatDesk } from '../../src/seats/desk.ts';
import { createStoreDesk } from '../../src/seats/store-desk.ts';
import type { SeatStore } from '../../src/store/seat-store.ts';
import { ACME, deskOf, fillStore } from '../support/filled-store.ts';
import { onceOnEmbedded } from '../support/store.ts';
import { createRig, type Rig } from './fixture.ts';

const KEY = 'sandbox-admin-key-0123456789';
const env = { MANUAL_API_KEYS: `boss:${KEY}:seats+codes+admin` };

interface Write {
  readonly url: string;
  readonly body: object;
  /** Another request of the same kind; absent: there is none. */
  readonly other?: { readonly url?: string; readonly body?: object };
}

onceOnEmbedded('a write over HTTP', (open) => {
  let store: SeatStore;
  let desk: SeatDesk;
  let writes: Readonly<Record<string, Write>>;

  beforeAll(async () => {
    store = await fillStore(await open());
    desk = deskOf(store);
    const { seats } = await desk.seatsOf(ACME, { states: ['exposed'] });
    const [seat, another] = seats.map(({ id }) => id);
    const at = new Date();
    for (const [index, seat_id] of [seat, another].entries()) {
      const finding = { key: `late-redemption:${index}`, seat_id, kind: 'late_redemption' };
      const texts = { text: 'A learner redeemed a code', cure: 'Settle it.', found_at: at, seen_at: at };
      await store.db
        .insertInto('findings')
        .values({ ...finding, ...texts })
        .execute();
    }
    const reason = 'lost the mail';
    const deal = { crm: 'hubspot', dealId: '9001' };
    writes = {
      'late redemption': {
        url: `/api/seats/${seat}/late-redemption`,
        body: { decision: 'keep', reason },
        other: { url: `/api/seats/${another}/late-redemption` },
      },
      'closed findings': {
        url: '/api/seats/findings/close',
        body: { ...deal, reason },
        other: { body: { crm: 'salesforce', dealId: '0065Y00001Suvw6QAB', reason } },
      },
      link: {
        url: `/api/seats/${seat}/link`,
        body: { reason },
        other: { url: `/api/seats/${another}/link` },
      },
      export: {
        url: '/api/seats/export',
        body: { ...deal, state: 'free', reason },
        other: { body: { ...deal, reason } },
      },
      operation: {
        url: '/api/seat-operations',
        body: { kind: 'reissue', how: 'same_code', seatId: seat, reason },
        other: { body: { kind: 'revoke', seatId: seat, reason } },
      },
      batch: {
        url: '/api/seat-operations/batch',
        body: { operations: [{ kind: 'reissue', how: 'same_code', seatId: another, reason }] },
        other: { body: { operations: [{ kind: 'revoke', seatId: another, reason }] } },
      },
      erasure: {
        url: '/api/people/erase',
        body: { email: 'lee@example.com', by: 'bo' },
        other: { body: { email: 'kim@example.com', by: 'bo' } },
      },
      rotation: { url: '/api/keys/rotate', body: {} },
    };
  });

  function post(rig: Rig, { url, body }: Write, key: string | null) {
    return rig.app.inject({
      method: 'POST',
      url,
      headers: {
        authorization: `Bearer ${KEY}`,
        'content-type': 'application/json',
        ...(key === null ? {} : { 'idempotency-key': key }),
      },
      payload: JSON.stringify(body),
    });
  }

  const isAsked = (kind: string) => kind === 'operation' || kind === 'batch';

  async function untilOver(rig: Rig, write: Write, key: string) {
    for (;;) {
      const answer = await post(rig, write, key);
      if (answer.statusCode !== 202 || write.url.startsWith('/api/seat-operations')) return answer;
    }
  }

  test.each(['late redemption', 'link', 'export', 'operation', 'batch', 'erasure', 'rotation'])(
    '(%s) needs a key, answers the repeat as the first, and refuses the key with other content',
    async (kind) => {
      const rig = createRig({ env, desk });
      const write = writes[kind] as Write;
      const key = `order-${kind.replace(' ', '-')}`;
      const keyless = await post(rig, write, null);
      expect([keyless.statusCode, keyless.json().code]).toEqual([400, 'webhook.malformed']);
      const first = await untilOver(rig, write, key);
      expect(first.statusCode).toBe(isAsked(kind) ? 202 : 200);
      const again = await post(rig, write, key);
      expect([again.statusCode, again.body]).toEqual([first.statusCode, first.body]);
      if (write.other === undefined) return;
      const other = await post(rig, { ...write, ...write.other }, key);
      expect([other.statusCode, other.json().code]).toEqual([422, 'seat.id_used']);
    },
  );

  test('of another decision than the first is refused with who decided what', async () => {
    const rig = createRig({ env, desk });
    const write = writes['late redemption'] as Write;
    const other = await post(rig, { ...write, body: { decision: 'end', reason: 'x' } }, 'another');
    expect([other.statusCode, other.json().code]).toEqual([409, 'seat.wrong_state']);
    expect(other.json().detail).toMatch(/^boss decided on .* that the learner keeps the access$/);
  });

  test('that takes long is answered 202 with how far it is, until it is over', async () => {
    const parts = createStoreDesk(store, {
      operations: { ask: async () => [], retry: async () => undefined },
      now: Date.now,
      rotation: { atMost: 4, batch: 2 },
    });
    const rig = createRig({ env, desk: parts });
    const rotate = () => post(rig, writes.rotation as Write, 'in-parts');
    const answers = [await rotate(), await rotate(), await rotate(), await rotate()];
    expect(answers.map((answer) => [answer.statusCode, answer.json().checked, answer.json().total])).toEqual([
      [202, 4, 9],
      [202, 8, 9],
      [200, 9, 9],
      [200, 9, 9],
    ]);
    const erase = () => post(rig, writes.erasure as Write, 'erased-in-parts');
    const first = await erase();
    expect([first.statusCode, first.json()]).toEqual([
      202,
      { isOver: false, done: 1, steps: expect.any(Number), rows: expect.any(Object) },
    ]);
    const last = await untilOver(rig, writes.erasure as Write, 'erased-in-parts');
    expect([last.statusCode, last.json().done]).toEqual([200, first.json().steps]);
  });

  test('stands in the document with its key, and what has none changes nothing, or may be repeated', async () => {
    const { app } = createRig({ env, desk });
    const { paths } = (await app.inject({ url: '/openapi.json' })).json() as {
      paths: Record<string, { post?: { parameters?: { name: string }[] } }>;
    };
    const keyless = Object.entries(paths).filter(
      ([path, { post: one }]) =>
        path.startsWith('/api/') &&
        one !== undefined &&
        !one.parameters?.some(({ name }) => name === 'Idempotency-Key'),
    );
    expect(keyless.map(([path]) => path).sort()).toEqual([
      '/api/people/export',
      '/api/seat-operations/{id}/retry',
      '/api/seats/find',
    ]);
  });
});
