import { z } from 'zod';
import type { WonDeal, WonDealPage, WonDealQuery } from '../crm.ts';
import type { Connection } from './connection.ts';
import { readWonStageIds } from './pipelines.ts';
import { DEAL_PROPERTIES } from './properties.ts';
import { propertyOf, recordSchema } from './records.ts';

const MODIFIED = 'hs_lastmodifieddate';
const PAGE_SIZE = 200;
/** A search body may have 3,000 characters; this much is for the stage ids. */
const MAX_STAGE_CHARACTERS = 2_000;

/**
 * Pages by moving the start of the window to the last change seen, never by HubSpot's offset: an offset ends at
 * 10,000 results, and skips a deal when one before it changes meanwhile and leaves the window.
 */
export async function findWonDeals(connection: Connection, query: WonDealQuery): Promise<WonDealPage> {
  const stageIds = await readWonStageIds(connection, query.signal);
  const pages: WonDealPage[] = [];
  for (const stages of chunksOfStages([...stageIds].sort())) {
    pages.push(
      await find({
        connection,
        query,
        isWanted: { propertyName: 'dealstage', operator: 'IN', values: stages },
      }),
    );
  }
  pages.push(await find({ connection, query, isWanted: HAS_SEATS }));
  const deals = new Map(pages.flatMap((page) => page.deals.map((deal) => [deal.dealId, deal])));
  return {
    deals: [...deals.values()].sort((a, b) => Date.parse(a.changedAt) - Date.parse(b.changedAt)),
    next: pages.map(({ next }) => next).reduce(earlier, query.until),
    isComplete: pages.every(({ isComplete }) => isComplete),
  };
}

/** Delivered deals, of which some have left the won stages. */
const HAS_SEATS = { propertyName: DEAL_PROPERTIES.seats.name, operator: 'GT', value: '0' } as const;

interface Window {
  readonly connection: Connection;
  readonly query: WonDealQuery;
  readonly isWanted: object;
}

async function find(window: Window): Promise<WonDealPage> {
  const { until, limit } = window.query;
  const untilMs = Date.parse(until);
  const deals = new Map<string, WonDeal>();
  let sinceMs = Date.parse(window.query.since);
  while (sinceMs < untilMs) {
    const page = await search(window, { from: sinceMs, to: untilMs - 1 }, { sort: MODIFIED });
    for (const deal of page.deals) deals.set(deal.dealId, deal);
    if (page.isLast) break;
    const reachedMs = lastIndexedChange(page.deals, untilMs);
    if (reachedMs === null) return { deals: [...deals.values()], next: iso(sinceMs), isComplete: false };
    if (reachedMs > sinceMs) {
      sinceMs = reachedMs;
    } else {
      for (const deal of await dealsOfInstant(window, sinceMs)) deals.set(deal.dealId, deal);
      sinceMs += 1;
    }
    if (deals.size >= limit) return { deals: [...deals.values()], next: iso(sinceMs), isComplete: false };
  }
  return { deals: [...deals.values()], next: until, isComplete: true };
}

/**
 * The index finds and sorts by the change it knows, and returns the record as it is now. So a deal that shows a
 * change after the window says nothing of how far the page reaches; null when no deal does.
 */
function lastIndexedChange(deals: readonly WonDeal[], untilMs: number): number | null {
  const changes = deals.map(({ changedAt }) => Date.parse(changedAt)).filter((at) => at < untilMs);
  return changes.length === 0 ? null : Math.max(...changes);
}

/** More deals of one instant than a page holds, as an import leaves them: paged by record id. */
async function dealsOfInstant(window: Window, atMs: number): Promise<WonDeal[]> {
  const found: WonDeal[] = [];
  let afterId = '0';
  for (;;) {
    const { deals, isLast } = await search(
      window,
      { from: atMs, to: atMs },
      { sort: 'hs_object_id', after: afterId },
    );
    found.push(...deals);
    const last = deals.at(-1);
    if (isLast || last === undefined) return found;
    afterId = last.dealId;
  }
}

const searchSchema = z.object({
  results: z.array(recordSchema),
  paging: z.object({ next: z.object({ after: z.coerce.string() }).nullish() }).nullish(),
});

async function search(
  { connection, query, isWanted }: Window,
  changed: { readonly from: number; readonly to: number },
  order: { readonly sort: string; readonly after?: string },
): Promise<{ deals: WonDeal[]; isLast: boolean }> {
  const filters = [
    isWanted,
    {
      propertyName: MODIFIED,
      operator: 'BETWEEN',
      value: String(changed.from),
      highValue: String(changed.to),
    },
    ...(order.after === undefined
      ? []
      : [{ propertyName: 'hs_object_id', operator: 'GT', value: order.after }]),
  ];
  const { results, paging } = await connection.request(
    { name: 'search won deals', effect: 'read', answer: searchSchema, signal: query.signal },
    {
      method: 'POST',
      path: '/crm/v3/objects/deals/search',
      body: {
        filterGroups: [{ filters }],
        sorts: [{ propertyName: order.sort, direction: 'ASCENDING' }],
        properties: [MODIFIED],
        limit: PAGE_SIZE,
      },
    },
  );
  const deals = results.map((record) => ({
    dealId: record.id,
    changedAt: instantOf(propertyOf(record, MODIFIED)) ?? iso(changed.from),
  }));
  return { deals, isLast: !paging?.next };
}

/** ISO text or epoch milliseconds, as HubSpot writes either. */
function instantOf(value: string | null): string | null {
  if (value === null) return null;
  const date = new Date(/^\d+$/.test(value) ? Number(value) : value);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}

/** As few searches as the bound on a search's body allows. */
function chunksOfStages(stageIds: readonly string[]): string[][] {
  const chunks: string[][] = [];
  let room = 0;
  for (const stageId of stageIds) {
    const characters = JSON.stringify(stageId).length + 1;
    if (characters > room) {
      chunks.push([]);
      room = MAX_STAGE_CHARACTERS;
    }
    chunks.at(-1)?.push(stageId);
    room -= characters;
  }
  return chunks;
}

function earlier(a: string, b: string): string {
  return Date.parse(a) <= Date.parse(b) ? a : b;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
