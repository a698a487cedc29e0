import type { DealRef } from '../domain/deal/deal.ts';
import type { NudgePolicy } from '../domain/seats/nudge-standing.ts';
import { SEAT_STATES } from '../domain/seats/seat-state.ts';
import { writeSeatsCsv } from '../roster/seats-csv.ts';
import { decideLateRedemption } from '../store/decide-late.ts';
import { carryOnErasure } from '../store/erasure.ts';
import { exportSeats, exportSeatsWithCodes } from '../store/export-seats.ts';
import { findSeatsByCode, findSeatsByEmail } from '../store/find-seats.ts';
import { readNudgeStandings } from '../store/nudge-standings.ts';
import { OperationsRefused, type Refusal } from '../store/operations-refused.ts';
import { readPerson } from '../store/people.ts';
import { readOpenFindings } from '../store/read-findings.ts';
import { readOpenOperations, readOperation } from '../store/read-operation.ts';
import { type ReadOrder, readOrder, readOrdersByLabel, readOrdersByName } from '../store/read-orders.ts';
import { readPreviousSeatId, readSeatEvents } from '../store/read-seat-events.ts';
import { type ReadSeat, readOrderSeats, readSeatsBeginning } from '../store/read-seats.ts';
import { closeRebuildFindings } from '../store/rebuild-findings.ts';
import type { AskedOperation, OperationRequest } from '../store/request-operation.ts';
import { type RotationBounds, rotateKeys } from '../store/rotate-keys.ts';
import type { SeatStore } from '../store/seat-store.ts';
import { showLink } from '../store/show-link.ts';
import { cursorOf, readCursor } from './cursor.ts';
import {
  DEFAULT_PAGE,
  type FindQuery,
  MAX_PAGE,
  type PageOptions,
  type SeatAsk,
  type SeatDesk,
  type SeatExport,
  type SeatExportOptions,
  type SeatListOptions,
} from './desk.ts';
import { SeatRequestError } from './seat-request-error.ts';
import { csvRow, eventView, findingView, nudgeView, operationView, orderView, seatView } from './to-view.ts';
import {
  FIND_KINDS,
  type FindingsView,
  type FindKind,
  type FoundView,
  type NudgeView,
  type OperationPageView,
  type OperationsView,
  type OperationView,
  type SeatHistoryView,
  type SeatPageView,
} from './views.ts';

const UUID = /^[0-9a-f-]{36}$/;
const NUMBER = /^\d{1,9}$/;
const INSTANT = /^\d{4}-[\d-]+T[\d:.]+Z$/;

const LIVE_STATES = SEAT_STATES.filter((state) => state !== 'ended');

/** Writes down what is asked of seats, and starts it: `createSeatOperations`. */
export interface Operations {
  ask(requests: readonly OperationRequest[]): Promise<readonly AskedOperation[]>;
  retry(operationId: string): Promise<unknown>;
}

export interface StoreDeskOptions {
  /** What else has the data of a person who was erased, such as copies of the database. */
  readonly onErased?: () => Promise<void>;
  /** Absent: what a caller has the patience for. */
  readonly rotation?: RotationBounds;
  readonly operations: Operations;
  /** Null: it is not known here. */
  readonly nudgePolicy?: () => Promise<NudgePolicy | null>;
  readonly now: () => number;
}

/** The desk of a process that has the store open. */
export function createStoreDesk(
  { db, vault }: SeatStore,
  { operations, now, onErased, rotation, nudgePolicy = async () => null }: StoreDeskOptions,
): SeatDesk {
  return {
    seatsOf: (deal, options = {}) => seatsOf(deal, options),
    find: (query) => find(query),
    history: (seatId) => history(seatId),
    ask: (request) => ask(request),
    askMany: ({ id, asks }) => askMany(asks.map((one, index) => ({ ...one, id: `${id}:${index + 1}` }))),
    operation: (id) => operation(id),
    operations: (options = {}) => openOperations(options),
    retryOperation: async (id) => {
      await operation(id);
      await operations.retry(id);
      return operation(id);
    },
    showLink: async ({ seatId: beginning, ...asked }) => {
      const { id: seatId } = await oneSeat(beginning);
      const link = await showLink({ db, vault }, { ...asked, seatId, at: new Date(now()) });
      return { seatId, link };
    },
    settleLate: async ({ seatId: beginning, ...decided }) => {
      const { id: seatId } = await oneSeat(beginning);
      await decideLateRedemption({ db, vault }, { ...decided, seatId, at: new Date(now()) });
      return history(seatId);
    },
    exportSeats: (deal, options = {}) => exportOf(deal, options),
    findings: (options = {}) => findings(options),
    closeFindings: async (closing) => {
      await closeRebuildFindings({ db, vault }, { ...closing, at: new Date(now()) });
      return findings({ deal: closing.deal });
    },
    person: (email) => readPerson({ db }, email),
    erase: ({ id, email, by }) => {
      const request = { id, email, actor: { kind: 'person', name: by }, at: new Date(now()) } as const;
      return carryOnErasure({ db, vault }, request, onErased);
    },
    rotateKeys: ({ id }) => rotateKeys({ db, vault }, { id, at: new Date(now()) }, rotation),
  };

  async function seatsOf(deal: DealRef, options: SeatListOptions): Promise<SeatPageView> {
    const order = await readOrder(db, deal);
    if (order === null) throw unknownDeal(deal);
    const limit = limitOf(options);
    const [productKey = '', seatId = ''] = readCursor(options.cursor, [/^/, UUID]) ?? [];
    const seats = await readOrderSeats(db, {
      orderId: order.order.id,
      limit: limit + 1,
      states: options.states ?? LIVE_STATES,
      ...(options.productKey === undefined ? {} : { productKey: options.productKey }),
      ...(options.cursor === undefined ? {} : { after: { productKey, seatId } }),
    });
    const page = pageOf(seats, limit, ({ product_key, id }) => [product_key, id]);
    return {
      order: orderView(order),
      seats: page.rows.map(seatView),
      nudges: await nudgesOf(order),
      next: page.next,
    };
  }

  async function nudgesOf({ order }: ReadOrder): Promise<NudgeView[]> {
    const standings = await readNudgeStandings(db, order, { policy: await nudgePolicy(), now: now() });
    return standings.map(nudgeView);
  }

  async function find(query: FindQuery): Promise<FoundView> {
    const text = query.text.trim();
    for (const by of text === '' ? [] : kindsFor(query)) {
      const found = await findBy(by, text, query);
      if (found.seats.length > 0 || found.orders.length > 0) return found;
    }
    return { by: null, seats: [], orders: [], next: null };
  }

  async function findBy(by: FindKind, text: string, query: FindQuery): Promise<FoundView> {
    const limit = limitOf(query);
    if (by === 'email' || by === 'code') {
      const [createdAt = '', seatId = ''] = readCursor(query.cursor, [INSTANT, UUID]) ?? [];
      const search = {
        limit: limit + 1,
        ...(query.cursor === undefined ? {} : { before: { createdAt, seatId } }),
      };
      const seats = await (by === 'email'
        ? findSeatsByEmail(db, text, search)
        : findSeatsByCode(db, vault, text, search));
      return seatsFound(by, seats, limit);
    }
    const [before] = readCursor(query.cursor, [NUMBER]) ?? [];
    const search = { limit: limit + 1, ...(before === undefined ? {} : { before: Number(before) }) };
    const orders = await (by === 'label'
      ? readOrdersByLabel(db, text, search)
      : readOrdersByName(db, text, search));
    return ordersFound(by, orders, limit);
  }

  async function history(beginning: string): Promise<SeatHistoryView> {
    const seat = await oneSeat(beginning);
    const [events, previousSeatId] = await Promise.all([
      readSeatEvents(db, seat.id),
      readPreviousSeatId(db, seat.id),
    ]);
    return { seat: seatView(seat), previousSeatId, events: events.map(eventView) };
  }

  async function oneSeat(beginning: string): Promise<ReadSeat> {
    const [seat, another] = await readSeatsBeginning(db, beginning);
    if (seat === undefined) {
      throw new SeatRequestError(
        'seats.unknown_seat',
        'The store has no seat with that id; expected the id of a seat, or at least its first 4 characters.',
      );
    }
    if (another === undefined) return seat;
    throw new SeatRequestError(
      'seats.ambiguous_seat',
      'The ids of several seats begin so; expected more characters of the id.',
    );
  }

  async function ask(request: SeatAsk): Promise<OperationView> {
    await operations.ask([await requestOf(request)]);
    return operation(request.id);
  }

  async function askMany(asks: readonly SeatAsk[]): Promise<OperationsView> {
    await operations.ask(await allRequestsOf(asks));
    const asked: OperationView[] = [];
    for (const { id } of asks) asked.push(await operation(id));
    return { operations: asked };
  }

  /** Throws one that names no seat as it is, and several together. */
  async function allRequestsOf(asks: readonly SeatAsk[]): Promise<readonly OperationRequest[]> {
    const requests: OperationRequest[] = [];
    const refusals: Refusal[] = [];
    for (const [index, one] of asks.entries()) {
      try {
        requests.push(await requestOf(one));
      } catch (error) {
        if (!(error instanceof SeatRequestError) || asks.length === 1) throw error;
        refusals.push({ index, code: 'seat.not_found', message: error.message });
      }
    }
    const [first, ...others] = refusals;
    if (first !== undefined) throw new OperationsRefused([first, ...others]);
    return requests;
  }

  async function requestOf({ id, act, seat, actor, reason }: SeatAsk): Promise<OperationRequest> {
    const about = { ...act, id, actor, reason, at: new Date(now()) };
    if ('deal' in seat) {
      const order = await readOrder(db, seat.deal);
      if (order === null) throw unknownDeal(seat.deal);
      const freeOf = { orderId: order.order.id, productKey: seat.productKey };
      return { ...about, freeOf };
    }
    const { id: seatId } = await oneSeat(seat.id);
    const { version } = seat;
    return { ...about, seatId, ...(version === undefined ? {} : { version }) };
  }

  async function operation(id: string): Promise<OperationView> {
    const found = await readOperation(db, id);
    if (found !== undefined) return operationView(found);
    throw new SeatRequestError('seats.unknown_operation', 'The store has no operation with that id.');
  }

  async function openOperations({
    isWaiting = false,
    ...options
  }: { readonly isWaiting?: boolean } & PageOptions): Promise<OperationPageView> {
    const limit = limitOf(options);
    const [askedAt = '', id = ''] = readCursor(options.cursor, [INSTANT, /^/]) ?? [];
    const rows = await readOpenOperations(db, {
      limit: limit + 1,
      isWaiting,
      ...(options.cursor === undefined ? {} : { after: { askedAt, id } }),
    });
    const page = pageOf(rows, limit, ({ asked_at, id: last }) => [asked_at.toISOString(), last]);
    return { operations: page.rows.map(operationView), next: page.next };
  }

  async function exportOf(
    deal: DealRef,
    { states, productKey, codes }: SeatExportOptions,
  ): Promise<SeatExport> {
    const order = await readOrder(db, deal);
    if (order === null) throw unknownDeal(deal);
    const options = {
      orderId: order.order.id,
      states: states ?? LIVE_STATES,
      ...(productKey === undefined ? {} : { productKey }),
    };
    const { seats, exposedCount } =
      codes === undefined
        ? { seats: await exportSeats(db, options), exposedCount: 0 }
        : await exportSeatsWithCodes({ db, vault }, options, { ...codes, at: new Date(now()) });
    return {
      csv: writeSeatsCsv(seats.map(csvRow)),
      seatCount: seats.length,
      codeCount: seats.filter(({ code }) => code !== null).length,
      exposedCount,
    };
  }

  async function findings(options: { readonly deal?: DealRef } & PageOptions): Promise<FindingsView> {
    const limit = limitOf(options);
    const [before] = readCursor(options.cursor, [NUMBER]) ?? [];
    const rows = await readOpenFindings(db, {
      limit: limit + 1,
      ...(options.deal === undefined ? {} : { deal: options.deal }),
      ...(before === undefined ? {} : { before: Number(before) }),
    });
    const page = pageOf(rows, limit, ({ id }) => [id]);
    return { findings: page.rows.map(findingView), next: page.next };
  }
}

/** A later page is one of the same kind as the page before. */
function kindsFor({ text, by, cursor }: FindQuery): readonly FindKind[] {
  if (by !== undefined) return [by];
  if (cursor !== undefined) {
    throw new SeatRequestError('seats.cursor_invalid', 'A cursor goes with "by", as the page before has it.');
  }
  return text.includes('@') ? FIND_KINDS : FIND_KINDS.filter((kind) => kind !== 'email');
}

function seatsFound(by: FindKind, seats: readonly ReadSeat[], limit: number): FoundView {
  const page = pageOf(seats, limit, ({ created_at, id }) => [created_at.toISOString(), id]);
  return { by, seats: page.rows.map(seatView), orders: [], next: page.next };
}

function ordersFound(by: FindKind, orders: readonly ReadOrder[], limit: number): FoundView {
  const page = pageOf(orders, limit, ({ order }) => [order.id]);
  return { by, seats: [], orders: page.rows.map(orderView), next: page.next };
}

/** One row more than the page was read, to see whether another page follows. */
function pageOf<Row>(
  rows: readonly Row[],
  limit: number,
  keyOf: (row: Row) => readonly (string | number)[],
): { readonly rows: readonly Row[]; readonly next: string | null } {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return { rows: shown, next: rows.length > limit && last !== undefined ? cursorOf(keyOf(last)) : null };
}

function limitOf({ limit = DEFAULT_PAGE }: PageOptions): number {
  return Math.min(MAX_PAGE, Math.max(1, limit));
}

function unknownDeal({ crm, dealId }: DealRef): SeatRequestError {
  return new SeatRequestError(
    'seats.unknown_deal',
    `The store has no seats of ${crm} ${dealId}: Dealseat has not delivered it, or delivered it before it kept seats.`,
  );
}
