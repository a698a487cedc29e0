import { log } from '@temporalio/activity';
import type { RedemptionEvent } from '../src/clients/learners.ts';
import type { EventsRead, SeatSyncActivities } from '../src/contracts/seat-sync.ts';
import { type HeardRedemption, recordRedemptions } from '../src/store/record-redemptions.ts';
import type { SeatStore } from '../src/store/seat-store.ts';
import { readPosition, type SyncPosition, savePosition } from '../src/store/sync-positions.ts';
import { platformOf } from './deps.ts';
import { cancellationSignal } from './earlier-attempts.ts';
import type { SeatSyncDeps } from './seat-sync-deps.ts';

/** A window that could not be read to its beginning; the list is read backwards. UTC instants. */
interface OpenWindow {
  readonly since: string;
  /** Everything from here to `until` has been read. */
  readonly next: string;
  readonly until: string;
}

/** Events of one call of the platform. */
const EVENTS_PER_PAGE = 100;

/**
 * Reads what was redeemed since the last look. The mark moves only when a window was read whole; one that was not goes on
 * where it stopped, before anything newer is read.
 */
export function readRedemptions(deps: SeatSyncDeps): SeatSyncActivities['readRedemptions'] {
  return async ({ platform, overlapMs, maxPages }): Promise<EventsRead> => {
    const { seats } = deps;
    const name = `redemptions:${platform}`;
    const at = new Date(deps.now());
    const position = await readPosition<OpenWindow>(seats.db, name);
    const window = openWindow(position) ?? (await newWindow(seats, position, { at, overlapMs }));
    const { events, isComplete, readUpTo } = await platformOf(deps, platform).redemptions.events(
      { since: window.since, until: window.next, maxPages },
      cancellationSignal(),
    );
    const heard = events.map((event) => heardOf(event, { platform, from: 'event' }));
    const counts = await recordRedemptions(seats, heard, at);
    await savePosition<OpenWindow>(seats.db, name, after(position, window, { isComplete, readUpTo }), at);
    const requests = Math.max(1, Math.ceil(events.length / EVENTS_PER_PAGE));
    const { recorded, late, foreign } = counts;
    return { events: events.length, recorded, late, foreign, requests, isComplete };
  };
}

export function heardOf(
  { code, at, userId, email }: RedemptionEvent,
  source: Pick<HeardRedemption, 'platform' | 'from'>,
): HeardRedemption {
  return { ...source, code, redeemedAt: at, userId, email };
}

function openWindow({ state: { since, next, until } }: SyncPosition<OpenWindow>): OpenWindow | null {
  return since === undefined || next === undefined || until === undefined ? null : { since, next, until };
}

async function newWindow(
  { db }: SeatStore,
  { readUpTo }: SyncPosition<OpenWindow>,
  { at, overlapMs }: { readonly at: Date; readonly overlapMs: number },
): Promise<OpenWindow> {
  const { first } = await db
    .selectFrom('orders')
    .select(({ fn }) => fn.min('filled_at').as('first'))
    .executeTakeFirstOrThrow();
  // No code of the store was redeemed before it had one.
  const from = readUpTo ?? (first as Date | null) ?? at;
  const until = at.toISOString();
  return { since: new Date(from.getTime() - overlapMs).toISOString(), next: until, until };
}

function after(
  { readUpTo: readBefore }: SyncPosition<OpenWindow>,
  { since, next, until }: OpenWindow,
  read: { readonly isComplete: boolean; readonly readUpTo: string },
): SyncPosition<OpenWindow> {
  if (read.isComplete) return { readUpTo: new Date(until), state: {} };
  if (Date.parse(read.readUpTo) < Date.parse(next)) {
    return { readUpTo: readBefore, state: { since, next: read.readUpTo, until } };
  }
  // More of one millisecond than one look can hold: the counters of the groups find the rest.
  log.warn('Too many redemptions share one millisecond; some are left to the counters of groups', { next });
  const earlier = new Date(Date.parse(next) - 1).toISOString();
  return { readUpTo: readBefore, state: { since, next: earlier, until } };
}
