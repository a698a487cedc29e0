import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import type { OperationRequest } from '../../src/store/request-operation.ts';
import { openSeatStore } from '../support/seat-store.ts';
import { openSeatWorld, type SeatWorld } from '../support/seat-world.ts';
import { learner, SOLD_AT, sellAtPlatform } from '../support/sold-seats.ts';

jest.setTimeout(60_000);

let world: SeatWorld;
let closeStore: () => Promise<void>;

beforeAll(async () => {
  const store = await openSeatStore();
  closeStore = () => store.close();
  world = await openSeatWorld({ store });
});

afterAll(async () => {
  await world.close();
  await closeStore();
});

const KIM = { kind: 'person', name: 'Kim Vale' } as const;

function request(ask: Pick<OperationRequest, 'kind' | 'input'>, seatId: string): OperationRequest {
  return {
    ...ask,
    id: randomUUID(),
    seatId,
    actor: KIM,
    reason: 'left the company',
    at: new Date(SOLD_AT.getTime() + 3_600_000),
  } as OperationRequest;
}

const seatOf = (id: string) =>
  world.store.db.selectFrom('seats').selectAll().where('id', '=', id).executeTakeFirstOrThrow();

test('a seat in use is taken back: access ends, the code is retired, and a free seat with a new code takes its place', async () => {
  const deal = world.newDeal();
  const { seats, codes } = await sellAtPlatform(world.store, world.lms, {
    deal,
    seats: 1,
    learners: [learner('ana@acme.example')],
    used: 1,
  });
  world.sandbox.ti.state.redeem(codes[0] ?? '', 'ana@acme.example');
  const [seat] = seats;
  const { result, operation } = await world.carryOut(request({ kind: 'revoke', input: {} }, seat?.id ?? ''));
  expect(result).toMatchObject({ state: 'done', failureCode: null });
  expect(operation.outcome).toBe('The seat was taken back and is free again.');
  const ended = await seatOf(seat?.id ?? '');
  expect(ended).toMatchObject({ state: 'ended', ended_why: 'revoked', operation_id: null });
  const next = await seatOf(ended.next_seat_id ?? '');
  expect(next).toMatchObject({ state: 'free', learner_key: null });
  expect(next.code_id).not.toBe(ended.code_id);
  const user = world.sandbox.ti.state.users.find('ana@acme.example');
  expect(user?.access.filter(({ isOver }) => !isOver)).toEqual([]);
  expect(world.sandbox.ti.state.users.destroyed).toEqual([]);
  await world.replayAll();
});
