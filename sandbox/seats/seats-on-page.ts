import {
  type DealOnPage,
  type OperationOnPage,
  type SeatAct,
  type SeatOnPage,
  type SeatService,
  SeatServiceRefusal,
} from './seat-service.ts';

type Answer = Awaited<ReturnType<SeatService['seatsOf']>>;

/** What the page knows of the seats of a deal: an answer, or a sentence that says why there is none. */
export type SeatsSeen = (Answer | { readonly missing: string }) & {
  /** What was asked for on the page, newest first. */
  readonly operations: readonly OperationOnPage[];
};

interface Kept {
  seen: SeatsSeen;
  at: number;
  reading: Promise<void> | undefined;
}

/** A view that somebody looks at is read again so often. The service lets one key ask 600 times a minute. */
const FRESH_MS = 1_500;
const KEPT_OPERATIONS = 3;
const NOT_READ: SeatsSeen = { missing: 'Dealseat is being asked …', operations: [] };

/** The seats of deals as the service answered last: a view is drawn at once, and again when the answer changes. */
export class SeatsOnPage {
  readonly #service: SeatService;
  readonly #deals = new Map<string, Kept>();

  constructor(service: SeatService) {
    this.#service = service;
  }

  /** As last read; asks again when that is old. */
  of(deal: DealOnPage): SeatsSeen {
    const kept = this.#keptOf(deal);
    if (Date.now() - kept.at > FRESH_MS) void this.read(deal);
    return kept.seen;
  }

  /** Reads them now. Fails never: what was wrong is what is seen. */
  read(deal: DealOnPage): Promise<void> {
    const kept = this.#keptOf(deal);
    kept.reading ??= this.#read(deal, kept).finally(() => {
      kept.reading = undefined;
      kept.at = Date.now();
    });
    return kept.reading;
  }

  /** A seat of the deal by its id. Throws what the service throws. */
  async seat(deal: DealOnPage, seatId: string): Promise<SeatOnPage | undefined> {
    const { seats, ended } = await this.#service.seatsOf(deal);
    return [...seats, ...ended].find(({ id }) => id === seatId);
  }

  async act(deal: DealOnPage, seat: SeatOnPage, act: SeatAct, reason: string): Promise<void> {
    const operation = await this.#service.act(seat, act, reason);
    const kept = this.#keptOf(deal);
    const operations = [operation, ...kept.seen.operations].slice(0, KEPT_OPERATIONS);
    kept.seen = { ...kept.seen, operations };
    kept.at = 0;
  }

  async settleLate(deal: DealOnPage, seatId: string, decision: string, reason: string): Promise<void> {
    await this.#service.settleLate(seatId, decision, reason);
    this.#keptOf(deal).at = 0;
  }

  /** The first of the codes that was that of the seat. */
  async codeOf(seatId: string, codes: readonly string[]): Promise<string | undefined> {
    for (const code of codes) if (await this.#service.isCodeOf(seatId, code)) return code;
    return undefined;
  }

  async #read(deal: DealOnPage, kept: Kept): Promise<void> {
    const answer = await this.#service.seatsOf(deal).catch((error: unknown) => ({ missing: whyNot(error) }));
    const operations = await Promise.all(
      kept.seen.operations.map((each) =>
        each.isOver ? each : this.#service.operation(each.id).catch(() => each),
      ),
    );
    // One that was asked for meanwhile is read the next time.
    const newer = kept.seen.operations.filter(({ id }) => !operations.some((each) => each.id === id));
    kept.seen = { ...answer, operations: [...newer, ...operations] };
  }

  #keptOf({ crm, dealId }: DealOnPage): Kept {
    const key = `${crm} ${dealId}`;
    const known = this.#deals.get(key);
    if (known) return known;
    const kept: Kept = { seen: NOT_READ, at: 0, reading: undefined };
    this.#deals.set(key, kept);
    return kept;
  }
}

function whyNot(error: unknown): string {
  if (!(error instanceof SeatServiceRefusal)) return 'Dealseat does not answer. Is `dealseat start` running?';
  return error.code === 'seats.unknown_deal'
    ? 'Dealseat keeps no seats of this deal yet: it keeps them from the delivery on.'
    : error.message;
}
