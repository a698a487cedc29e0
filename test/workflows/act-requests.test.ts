import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { ACT_REQUESTS, type ActCase } from '../../scripts/docs/act-requests.ts';
import type { OperationAsk } from '../../src/domain/seats/operation.ts';
import type { SeatRow } from '../../src/store/change-seat.ts';
import type { OperationRequest } from '../../src/store/request-operation.ts';
import { openSeatStore } from '../support/seat-store.ts';
import { openSeatWorld, type SeatWorld } from '../support/seat-world.ts';
import { learner, SOLD_AT, sellAtPlatform } from '../support/sold-seats.ts';
import { WAIT_MS } from '../support/until.ts';

jest.setTimeout(WAIT_MS);

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

const NEWCOMER = 'newcomer@acme.example';
const to = { email: NEWCOMER, firstName: null, lastName: null, contactId: null };
const REVOKE: OperationAsk = { kind: 'revoke', input: {} };

interface Case {
  readonly ask: OperationAsk;
  /** Whether the holder of the seat has used the code; null: the seat is free. Default: true. */
  readonly isUsed?: boolean | null;
  /** No replacement code is left of an act before. */
  readonly hasNoSpare?: boolean;
  /** The newcomer is a user of the platform. */
  readonly isKnown?: boolean;
}

const CASES: Readonly<Record<ActCase, Case>> = {
  'revoke, in use': { ask: REVOKE },
  'revoke, handed out': { ask: REVOKE, isUsed: false },
  'revoke, new codes': { ask: REVOKE, hasNoSpare: true },
  'reassign, access': { ask: { kind: 'reassign', input: { to, by: 'access' } }, isKnown: true },
  'reassign, new user': { ask: { kind: 'reassign', input: { to, by: 'access' } } },
  'reassign, code': { ask: { kind: 'reassign', input: { to, by: 'code' } } },
  extend: { ask: { kind: 'extend', input: { until: '2028-12-31T23:59:59.000Z' } } },
  shorten: { ask: { kind: 'shorten', input: { until: '2026-12-31T23:59:59.000Z' } } },
  'reissue, same code': { ask: { kind: 'reissue', input: { how: 'same_code' } }, isUsed: false },
  'reissue, new code': { ask: { kind: 'reissue', input: { how: 'new_code' } }, isUsed: false },
  'reissue, new codes': {
    ask: { kind: 'reissue', input: { how: 'new_code' } },
    isUsed: false,
    hasNoSpare: true,
  },
  'grant, user': { ask: { kind: 'grant', input: { to } }, isUsed: null, isKnown: true },
  'grant, new user': { ask: { kind: 'grant', input: { to } }, isUsed: null },
};

/** Of a platform where nobody has anything yet. */
async function requestsOf({ ask, isUsed = true, hasNoSpare, isKnown }: Case): Promise<number> {
  const { users } = world.sandbox.ti.state;
  const name = randomUUID();
  const emails = [`first-${name}@acme.example`, `second-${name}@acme.example`];
  const { seats, codes } = await sellAtPlatform(world.store, world.lms, {
    deal: world.newDeal(),
    seats: 2,
    learners: emails.slice(0, isUsed === null ? 1 : 2).map((email) => learner(email)),
    used: isUsed === true ? 2 : 1,
  });
  world.sandbox.ti.state.redeem(codes[0] ?? '', emails[0]);
  if (isUsed === true) world.sandbox.ti.state.redeem(codes[1] ?? '', emails[1]);
  // Leaves spare codes behind.
  if (hasNoSpare !== true) await carryOut(REVOKE, seats[0]);
  const newcomer = { ...to, email: `new-${name}@acme.example` };
  if (isKnown === true) world.sandbox.ti.state.redeem(await someCode(), newcomer.email);
  const asked = 'to' in ask.input ? ({ ...ask, input: { ...ask.input, to: newcomer } } as OperationAsk) : ask;
  const before = countRequests();
  await carryOut(asked, seats[1]);
  expect(users.destroyed).toEqual([]);
  return countRequests() - before;
}

/** Of another deal. */
async function someCode(): Promise<string> {
  const { codes } = await sellAtPlatform(world.store, world.lms, { deal: world.newDeal(), seats: 1 });
  return codes[0] ?? '';
}

async function carryOut(ask: OperationAsk, seat: SeatRow | undefined): Promise<void> {
  const { operation } = await world.carryOut({
    ...ask,
    id: randomUUID(),
    seatId: seat?.id ?? '',
    actor: { kind: 'person', name: 'Kim Vale' },
    reason: 'left the company',
    at: new Date(SOLD_AT.getTime() + 3_600_000),
  } as OperationRequest);
  expect(operation).toMatchObject({ state: 'done', failure_code: null });
}

function countRequests(): number {
  return world.sandbox.exchanges.filter(({ system }) => system === 'ti').length;
}

test.each(Object.keys(ACT_REQUESTS) as ActCase[])(
  '%s asks the platform as often as docs/seats.md says',
  async (name) => {
    expect(await requestsOf(CASES[name])).toBe(ACT_REQUESTS[name].requests);
  },
);
