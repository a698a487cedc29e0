import type { Selectable } from 'kysely';
import { canonicalJson } from '../domain/canonical-json.ts';
import { DealseatError } from '../domain/failure.ts';
import {
  ALLOWED_IN,
  holderColumns,
  OPEN_OPERATION,
  type OperationAsk,
  personProblem,
  type SeatPerson,
  WAITS_IN,
} from '../domain/seats/operation.ts';
import { askedInWords, stateInWords, whatIsAsked } from '../domain/seats/operation-words.ts';
import type { Actor } from '../domain/seats/seat-state.ts';
import { countOf } from '../domain/words.ts';
import { requireFittingEnd, requireLivingCodes } from './access-terms.ts';
import { changeSeat, type SeatRow, type StoreTransaction } from './change-seat.ts';
import { lastEventAfter } from './last-event.ts';
import { OperationsRefused, type Refusal } from './operations-refused.ts';
import { idUsed, requireSoundId } from './request-id.ts';
import type { OperationsTable } from './schema.ts';
import type { SeatStore } from './seat-store.ts';
import { inTransaction } from './transaction.ts';

export type OperationRow = Selectable<OperationsTable>;

export type OperationRequest = OperationAsk & {
  /** The caller's idempotency key: the same id with the same content is the same operation. 1 to 100 characters of `[A-Za-z0-9._:-]`. */
  readonly id: string;
  /** Absent for a grant that may take any free seat of `freeOf`. */
  readonly seatId?: string;
  /** As the caller saw the seat; absent: as it is. */
  readonly version?: number;
  readonly freeOf?: { readonly orderId: number; readonly productKey: string };
  readonly actor: Actor;
  readonly reason: string | null;
  readonly at: Date;
};

export interface AskedOperation {
  readonly operation: OperationRow;
  /** As it is now: it waits for the end of the operation. */
  readonly seat: SeatRow;
  /** It was asked for before. */
  readonly isRepeat: boolean;
}

/**
 * Writes down that something is to be done to a seat, and keeps the seat for it: the row is the outbox of the workflow.
 * Throws a `seat.*` failure that says who did what and when, and changes nothing then.
 */
export async function requestOperation(
  store: Pick<SeatStore, 'db'>,
  request: OperationRequest,
): Promise<AskedOperation> {
  const [asked] = await requestOperations(store, [request]);
  if (asked === undefined) throw new Error('A request of one operation came to nothing');
  return asked;
}

/** All of them or none, in one transaction. In the order of `requests`. Throws `OperationsRefused` with every one that cannot be. */
export async function requestOperations(
  { db }: Pick<SeatStore, 'db'>,
  requests: readonly OperationRequest[],
): Promise<readonly AskedOperation[]> {
  for (const request of requests) requireSoundRequest(request);
  return await inTransaction(db, async (trx) => {
    const orders = await unlessRefused(requests, (request) => orderOf(trx, request));
    // In one order, so that two requests never wait for each other.
    const inOrder = [...new Set(orders)].sort((a, b) => a - b);
    for (const orderId of inOrder) await lockOrder(trx, orderId);
    return await unlessRefused(requests, (request, index) => ask(trx, orders[index] ?? 0, request));
  });
}

/** What the work gives for each request, one after another. Throws one refusal as it is, and several together. */
async function unlessRefused<T>(
  requests: readonly OperationRequest[],
  work: (request: OperationRequest, index: number) => Promise<T>,
): Promise<readonly T[]> {
  const done: T[] = [];
  const refusals: Refusal[] = [];
  for (const [index, request] of requests.entries()) {
    try {
      done.push(await work(request, index));
    } catch (error) {
      // A refusal is no error of the database, so the transaction may go on to the others.
      const isRefusal = error instanceof DealseatError && error.code.startsWith('seat.');
      if (!isRefusal || requests.length === 1) throw error;
      refusals.push({ index, code: error.code, message: error.message });
    }
  }
  const [first, ...others] = refusals;
  if (first !== undefined) throw new OperationsRefused([first, ...others]);
  return done;
}

/** First of all locks: who has it is alone with the seats of the order. */
export async function lockOrder(trx: StoreTransaction, orderId: number): Promise<void> {
  await trx.selectFrom('orders').select('id').where('id', '=', orderId).forUpdate().executeTakeFirstOrThrow();
}

async function orderOf(trx: StoreTransaction, { seatId, freeOf }: OperationRequest): Promise<number> {
  if (seatId === undefined) return freeOf?.orderId ?? 0;
  return (await readSeat(trx, seatId)).order_id;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

async function readSeat(trx: StoreTransaction, seatId: string): Promise<SeatRow> {
  const seat = UUID.test(seatId)
    ? await trx.selectFrom('seats').selectAll().where('id', '=', seatId).executeTakeFirst()
    : undefined;
  if (seat !== undefined) return seat;
  throw new DealseatError({ code: 'seat.not_found', message: `No seat has the id "${seatId}"` });
}

async function ask(
  trx: StoreTransaction,
  orderId: number,
  request: OperationRequest,
): Promise<AskedOperation> {
  const known = await trx
    .selectFrom('operations')
    .selectAll()
    .where('id', '=', request.id)
    .executeTakeFirst();
  if (known !== undefined) return repeat(trx, request, known);
  const seat =
    request.seatId === undefined ? await freeSeat(trx, request) : await readSeat(trx, request.seatId);
  if (seat.order_id !== orderId) throw new Error('A seat was moved to another order while it was asked for');
  await requireAllowed(trx, seat, request);
  const row = await trx
    .insertInto('operations')
    .values({
      id: request.id,
      kind: request.kind,
      order_id: seat.order_id,
      seat_id: seat.id,
      input: contentOf(request),
      came_from: seat.state,
      state: 'asked',
      actor_kind: request.actor.kind,
      actor_name: request.actor.name,
      reason: request.reason,
      asked_at: request.at,
    })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .returningAll()
    .executeTakeFirst();
  // Under the lock of another order.
  if (row === undefined) throw idUsed(request.id);
  return { operation: row, seat: await keepFor(trx, seat, request), isRepeat: false };
}

/** The seat waits for the end of the operation, and lets no other one begin. */
async function keepFor(trx: StoreTransaction, seat: SeatRow, request: OperationRequest): Promise<SeatRow> {
  const { id, kind, actor, reason, at } = request;
  const state = WAITS_IN[kind];
  const set = {
    operation_id: id,
    ...(state === undefined ? {} : { state }),
    ...(kind === 'grant' ? holderColumns(request.input.to) : {}),
  };
  const event = state === 'removing' ? 'removing' : state === 'granting' ? 'granting' : 'asked';
  const kept = await changeSeat(trx, {
    kind: event,
    actor,
    reason,
    at,
    seatId: seat.id,
    version: seat.version,
    set,
  });
  if (kept === null) throw new Error('A seat of a locked order was changed by somebody else');
  return kept;
}

async function repeat(
  trx: StoreTransaction,
  request: OperationRequest,
  known: OperationRow,
): Promise<AskedOperation> {
  const isSame =
    known.kind === request.kind &&
    (request.seatId === undefined || known.seat_id === request.seatId) &&
    canonicalJson(known.input) === canonicalJson(JSON.parse(contentOf(request)));
  if (!isSame) throw idUsed(request.id);
  return { operation: known, seat: await readSeat(trx, known.seat_id), isRepeat: true };
}

/** `freeOf` is part of what was asked: the seat that was chosen for it is not. */
function contentOf({ input, freeOf }: OperationRequest): string {
  return JSON.stringify(freeOf === undefined ? input : { ...input, freeOf });
}

async function freeSeat(trx: StoreTransaction, { freeOf }: OperationRequest): Promise<SeatRow> {
  const { orderId = 0, productKey = '' } = freeOf ?? {};
  const ofProduct = trx
    .selectFrom('seats')
    .where('order_id', '=', orderId)
    .where('product_key', '=', productKey)
    .where('state', '<>', 'ended');
  const free = await ofProduct
    .selectAll()
    .where('state', '=', 'free')
    .where('operation_id', 'is', null)
    .orderBy('created_at')
    .orderBy('id')
    .executeTakeFirst();
  if (free !== undefined) return free;
  const { count } = await ofProduct
    .select((select) => select.fn.countAll<string>().as('count'))
    .executeTakeFirstOrThrow();
  throw new DealseatError({
    code: 'seat.none_free',
    message: `The order has ${countOf(Number(count), 'seat')} of product "${productKey}", and none of them is free`,
  });
}

async function requireAllowed(
  trx: StoreTransaction,
  seat: SeatRow,
  request: OperationRequest,
): Promise<void> {
  const { kind, version } = request;
  if (seat.operation_id !== null) throw await busy(trx, seat);
  if (version !== undefined && version !== seat.version) {
    throw new DealseatError({
      code: 'seat.changed',
      message: `The seat is at version ${seat.version}, you saw version ${version}: ${await lastEventAfter(trx, seat.id, version)}`,
    });
  }
  if (!ALLOWED_IN[kind].includes(seat.state)) {
    throw new DealseatError({
      code: 'seat.wrong_state',
      message: `The seat ${stateInWords(seat.state)}, so Dealseat cannot ${whatIsAsked(kind)}: ${await lastEventAfter(trx, seat.id, 0)}`,
    });
  }
  if (kind === 'grant' || kind === 'reassign') await requireSeatless(trx, seat, request.input.to);
  if (kind === 'extend' || kind === 'shorten') await requireFittingEnd(trx, seat, request);
  if (
    (kind === 'reassign' && request.input.by === 'code') ||
    (kind === 'reissue' && request.input.how === 'new_code')
  ) {
    await requireLivingCodes(trx, seat, request.at);
  }
}

async function busy(trx: StoreTransaction, seat: SeatRow): Promise<DealseatError> {
  const { kind, actor_kind, actor_name, asked_at } = await trx
    .selectFrom('operations')
    .select(['kind', 'actor_kind', 'actor_name', 'asked_at'])
    .where('id', '=', seat.operation_id)
    .executeTakeFirstOrThrow();
  const actor = { kind: actor_kind, name: actor_name };
  return new DealseatError({
    code: 'seat.busy',
    message: `The seat is being changed: ${askedInWords(kind, actor, asked_at)}, and that is under way`,
  });
}

/** Neither has the person one now, nor is another operation about to bring one. */
async function requireSeatless(trx: StoreTransaction, seat: SeatRow, to: SeatPerson): Promise<void> {
  const { learner_key } = holderColumns(to);
  const held = await trx
    .selectFrom('seats')
    .select(['id', 'state'])
    .where('order_id', '=', seat.order_id)
    .where('product_key', '=', seat.product_key)
    .where('learner_key', '=', learner_key)
    .where('state', '<>', 'ended')
    .executeTakeFirst();
  if (held !== undefined) {
    throw new DealseatError({
      code: 'seat.learner_has_one',
      message:
        held.id === seat.id
          ? 'The person has this very seat'
          : `The person has seat ${held.id} of the same product, which ${stateInWords(held.state)}`,
    });
  }
  const coming = await trx
    .selectFrom('operations')
    .innerJoin('seats', 'seats.id', 'operations.seat_id')
    .select([
      'operations.input',
      'operations.kind',
      'operations.actor_kind',
      'operations.actor_name',
      'operations.asked_at',
    ])
    .where('operations.order_id', '=', seat.order_id)
    .where('operations.kind', '=', 'reassign')
    .where('operations.state', 'in', [...OPEN_OPERATION])
    .where('seats.product_key', '=', seat.product_key)
    .execute();
  for (const { input, kind, actor_kind, actor_name, asked_at } of coming) {
    if (holderColumns(input.to as SeatPerson).learner_key !== learner_key) continue;
    const actor = { kind: actor_kind, name: actor_name };
    throw new DealseatError({
      code: 'seat.learner_has_one',
      message: `The person is about to get another seat of the same product: ${askedInWords(kind, actor, asked_at)}`,
    });
  }
}

function requireSoundRequest(request: OperationRequest): void {
  const { id, kind, seatId, freeOf } = request;
  requireSoundId(id);
  if (seatId === undefined && (kind !== 'grant' || freeOf === undefined)) {
    throw new DealseatError({ code: 'seat.not_found', message: 'The request names no seat' });
  }
  const problem = kind === 'grant' || kind === 'reassign' ? personProblem(request.input.to) : null;
  if (problem !== null) {
    throw new DealseatError({
      code: 'seat.bad_person',
      message: `For the person who is to get the seat ${problem}`,
    });
  }
}
