import { DealseatError } from '../../domain/failure.ts';
import type { RedemptionEvent, Redemptions, RedemptionsRead, RedemptionWindow } from '../learners.ts';
import type { TiCall } from './call.ts';
import { unreadable } from './failures.ts';
import { layersOf } from './layers.ts';
import { nextPage, type PageLink, withPage } from './pages.ts';
import { parseRedeemEvent } from './redeem-event.ts';
import type { Sender } from './send.ts';

/** How a tenant wants dates in queries: the vendor's pages name both. */
export type DateForm = 'ms' | 'iso';

/** Events come in pages of 100, and a lane of runs shares the budget: a page waits longer than a single call. */
const MAX_WAIT_MS = 60_000;

/**
 * Reads the feed backwards, as the platform hands it out. A wrong form of date may be ignored, refused, or find nothing,
 * so a form is believed only once a page of events lay inside the window that it named.
 */
export function createRedemptions(sender: Sender, firstForm: DateForm): Redemptions {
  /** Null: neither form keeps to a window, so pages are followed by cursor and sifted here. */
  let form: DateForm | null = firstForm;
  let isProven = false;

  async function firstPage(window: RedemptionWindow, read: ReadPage): Promise<FeedPage> {
    if (form === null) return read(null, null);
    const page = await tried(form, window, read);
    if (isPage(page) && (isProven || page.events.length > 0)) return believe(form, page);
    const other = form === 'ms' ? 'iso' : 'ms';
    const again = await tried(other, window, read);
    if (isPage(again) && again.events.length > 0) return believe(other, again);
    if (isPage(page)) return page;
    if (page instanceof DealseatError) {
      if (again instanceof DealseatError) throw page;
      if (isPage(again)) {
        form = other;
        return again;
      }
    }
    // The one form is not heeded. That the other finds nothing proves nothing.
    if (!isPage(again)) form = null;
    return read(null, null);
  }

  function believe(dates: DateForm, page: FeedPage): FeedPage {
    form = dates;
    if (page.events.length > 0) isProven = true;
    return page;
  }

  return {
    async events(asked, signal) {
      const window = inFull(asked);
      let calls = 0;
      const read: ReadPage = async (dates, link) => {
        calls += 1;
        return readPage(sender, { since: window.since, dates, link }, signal);
      };
      const collected = new Map<string, RedemptionEvent>();
      const followed = new Set<string>();
      let page = await firstPage(window, read);
      for (;;) {
        const before = collected.size;
        for (const event of page.events) if (isInside(event.at, window)) collected.set(keyOf(event), event);
        const oldest = page.events.at(-1)?.at ?? null;
        const isPast = oldest !== null && oldest < window.since;
        if (!page.hasMore || oldest === null || isPast) return complete(collected, window);
        if (calls >= window.maxPages) return cutOff(collected, window, oldest);
        page = await nextOf(page, { oldest, hasGrown: collected.size > before, followed, read });
      }
    },
  };

  /**
   * The window up to the oldest event goes on where the page ended and repeats the millisecond there: the cursor is a
   * point in time and may skip events that share it. Where a page brought nothing new, only the cursor leads further.
   */
  async function nextOf({ link }: FeedPage, { oldest, hasGrown, followed, read }: Onward): Promise<FeedPage> {
    if (form !== null && hasGrown) return read({ form, until: oldest }, null);
    const key = `${link?.parameter}=${link?.value}`;
    if (link === null || followed.has(key)) return END;
    followed.add(key);
    return read(form === null ? null : { form, until: oldest }, link);
  }
}

/** What came of a form of date: a page, the platform's refusal of it, or events from outside of the window. */
type Tried = FeedPage | DealseatError | 'unheeded';

async function tried(dates: DateForm, window: RedemptionWindow, read: ReadPage): Promise<Tried> {
  try {
    const page = await read({ form: dates, until: window.until }, null);
    return page.events.every(({ at }) => isInside(at, window)) ? page : 'unheeded';
  } catch (error) {
    if (error instanceof DealseatError && error.code === 'lms.rejected') return error;
    throw error;
  }
}

function isPage(result: Tried): result is FeedPage {
  return result !== 'unheeded' && !(result instanceof DealseatError);
}

type Dates = { readonly form: DateForm; readonly until: string } | null;
type ReadPage = (dates: Dates, link: PageLink | null) => Promise<FeedPage>;

interface Onward {
  readonly oldest: string;
  readonly hasGrown: boolean;
  readonly followed: Set<string>;
  readonly read: ReadPage;
}

interface FeedPage {
  /** Newest first. */
  readonly events: readonly RedemptionEvent[];
  readonly hasMore: boolean;
  readonly link: PageLink | null;
}

const END: FeedPage = { events: [], hasMore: false, link: null };

async function readPage(
  sender: Sender,
  { since, dates, link }: { readonly since: string; readonly dates: Dates; readonly link: PageLink | null },
  signal?: AbortSignal,
): Promise<FeedPage> {
  const query =
    dates === null
      ? ''
      : `?${new URLSearchParams({ startDate: inForm(since, dates.form), endDate: inForm(dates.until, dates.form) })}`;
  const call: TiCall = {
    name: 'list redemptions',
    effect: 'read',
    secrets: 'all',
    method: 'GET',
    target: withPage(`/events/redemptionCodeRedeem${query}`, link),
  };
  const body = await sender.send(call, { signal, maxWaitMs: MAX_WAIT_MS });
  const rows = layersOf(body)
    .map(({ events }) => events)
    .find(Array.isArray);
  if (rows === undefined) throw unreadable(call, 'the answer has no list events');
  const events = rows.map((row, index) => {
    const event = parseRedeemEvent(row);
    // Left out, it would be a seat whose use is never seen.
    if (event === null) throw unreadable(call, `row ${index + 1} has no redemptionCode or no timestamp`);
    return event;
  });
  return { events: events.sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0)), ...nextPage(body) };
}

function inForm(instant: string, form: DateForm): string {
  return form === 'ms' ? String(Date.parse(instant)) : new Date(instant).toISOString();
}

/** All instants in one spelling, so that they compare as texts. */
function inFull({ since, until, maxPages }: RedemptionWindow): RedemptionWindow {
  return { since: new Date(since).toISOString(), until: new Date(until).toISOString(), maxPages };
}

function isInside(at: string, { since, until }: RedemptionWindow): boolean {
  return at >= since && at <= until;
}

/** What two reports of one redemption have in common: the platform gives it no id. */
function keyOf({ code, groupLabel, at, userId }: RedemptionEvent): string {
  return JSON.stringify([code, groupLabel, at, userId]);
}

function complete(
  collected: ReadonlyMap<string, RedemptionEvent>,
  { since }: RedemptionWindow,
): RedemptionsRead {
  return { events: [...collected.values()], isComplete: true, readUpTo: since };
}

function cutOff(
  collected: ReadonlyMap<string, RedemptionEvent>,
  { since, until }: RedemptionWindow,
  oldest: string,
): RedemptionsRead {
  const readUpTo = oldest > until ? until : oldest < since ? since : oldest;
  return { events: [...collected.values()], isComplete: false, readUpTo };
}
