import { expect, jest, test } from '@jest/globals';
import { DealseatError } from '../../src/domain/failure.ts';
import type { OperationAsk } from '../../src/domain/seats/operation.ts';
import { type OperationRequest, requestOperation } from '../../src/store/request-operation.ts';
import { drive, unlessBusy } from '../support/drive-operation.ts';
import { ledgerFaults } from '../support/ledger.ts';
import { randomFrom } from '../support/random.ts';
import { learner, PRODUCT, sellSeats } from '../support/sold-seats.ts';
import { type OpenTestStore, onBothEngines, onPostgresql } from '../support/store.ts';
import { testVault } from '../support/test-vault.ts';

jest.setTimeout(120_000);

const AT = new Date('2026-11-30T10:00:00.000Z');

const WELL =
  'end with every seat in one state, no lost event, no double code, and one word for who came too late';

onPostgresql('200 acts at once on 50 seats', (open) => {
  test(WELL, () => race(open, { seatCount: 50, actCount: 200 }));
});

// One connection takes them one after another, between the steps of each.
onBothEngines('40 acts at once on 10 seats', (open) => {
  test(WELL, () => race(open, { seatCount: 10, actCount: 40 }));

  test('on one seat: one wins, and all others hear that', async () => {
    const store = { db: (await open()).db, vault: testVault };
    const [seat] = await sellSeats(store, {
      deal: { crm: 'hubspot', account: '62515', dealId: '7002' },
      codes: ['aaaa1111'],
      learners: [learner('ana@acme.example')],
      used: 1,
    });
    const asked = await Promise.allSettled(
      Array.from({ length: 20 }, (_, index) =>
        requestOperation(store, {
          kind: 'revoke',
          input: {},
          id: `act-${index}`,
          seatId: seat?.id ?? '',
          version: 1,
          actor: { kind: 'person', name: `Person ${index}` },
          reason: null,
          at: AT,
        }),
      ),
    );
    const winners = asked.filter(({ status }) => status === 'fulfilled');
    expect(winners).toHaveLength(1);
    const [won] = await store.db.selectFrom('operations').select('actor_name').execute();
    for (const one of asked) {
      if (one.status === 'fulfilled') continue;
      expect(one.reason.code).toBe('seat.busy');
      expect(one.reason.message).toContain(`${won?.actor_name} asked on 30 Nov 2026, 10:00 UTC`);
    }
  });
});

async function race(
  open: OpenTestStore,
  { seatCount, actCount }: { readonly seatCount: number; readonly actCount: number },
): Promise<void> {
  const store = { db: (await open()).db, vault: testVault };
  const seats = await sellSeats(store, {
    deal: { crm: 'hubspot', account: '62515', dealId: '7001' },
    codes: Array.from({ length: seatCount }, (_, index) => `code${String(index).padStart(4, '0')}`),
    learners: Array.from({ length: seatCount * 0.8 }, (_, index) =>
      learner(`person${index}@acme.example`, String(index)),
    ),
    used: seatCount * 0.4,
  });
  const orderId = seats[0]?.order_id ?? 0;
  const random = randomFrom(20_261_130);
  const pick = (count: number) => Math.floor(random() * count);
  const person = () => ({
    email: `person${pick(seatCount + 10)}@acme.example`,
    firstName: null,
    lastName: null,
    contactId: pick(2) === 0 ? null : `new${pick(seatCount + 10)}`,
  });
  const asks: readonly (() => OperationAsk)[] = [
    () => ({ kind: 'revoke', input: {} }),
    () => ({ kind: 'reassign', input: { to: person(), by: pick(2) === 0 ? 'code' : 'access' } }),
    () => ({ kind: 'extend', input: { until: '2028-01-01T00:00:00.000Z' } }),
    () => ({ kind: 'reissue', input: { how: pick(2) === 0 ? 'same_code' : 'new_code' } }),
    () => ({ kind: 'grant', input: { to: person() } }),
  ];
  const acts = Array.from({ length: actCount }, (_, index) => {
    const ask = asks[pick(asks.length)]?.() as OperationAsk;
    const seat = seats[pick(seatCount)];
    const request = {
      ...ask,
      id: `act-${index}`,
      ...(ask.kind === 'grant' && pick(2) === 0
        ? { freeOf: { orderId, productKey: PRODUCT } }
        : { seatId: seat?.id ?? '', version: 1 }),
      actor: { kind: 'person', name: `Person ${index}` },
      reason: null,
      at: AT,
    } as OperationRequest;
    return { request, answer: pick(4) === 0 ? ('refused' as const) : ('done' as const) };
  });
  const codes = new Map<string, number>();
  await Promise.all(
    acts.map(async ({ request, answer }) => {
      try {
        const { operation } = await unlessBusy(() => requestOperation(store, request));
        await drive(store, operation, { answer, at: AT });
        codes.set('carried out', (codes.get('carried out') ?? 0) + 1);
      } catch (error) {
        if (!(error instanceof DealseatError)) throw error;
        codes.set(error.code, (codes.get(error.code) ?? 0) + 1);
      }
    }),
  );
  expect([...codes.keys()].filter((code) => code !== 'carried out' && !code.startsWith('seat.'))).toEqual([]);
  expect(codes.get('carried out')).toBeGreaterThan(seatCount / 3);
  expect((codes.get('seat.changed') ?? 0) + (codes.get('seat.busy') ?? 0)).toBeGreaterThan(seatCount / 3);
  expect(await ledgerFaults(store, orderId, seatCount)).toEqual([]);
  const operations = await store.db.selectFrom('operations').select('state').execute();
  expect(operations).toHaveLength(codes.get('carried out') ?? 0);
  expect(operations.filter(({ state }) => state !== 'done' && state !== 'refused')).toEqual([]);
}
