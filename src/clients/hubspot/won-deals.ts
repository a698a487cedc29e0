import { z } from 'zod';
import type { DealTerms } from '../../domain/deal/catalog.ts';
import type { WonDeal, WonDealPage, WonDealQuery } from '../crm.ts';
import { RequestBudget } from '../request-budget.ts';
import type { Connection } from './connection.ts';
import { DEAL_PROPERTIES } from './fields.ts';
import { instantIn } from './instants.ts';
import { type DealStage, readDealStages } from './pipelines.ts';
import { chunksOf, MAX_HISTORY_BATCH, propertyOf, recordSchema } from './records.ts';
import { soughtStages } from './sought-stages.ts';
import { STAGE_PROPERTIES, standingOfRecord } from './standing.ts';

const MODIFIED = 'hs_lastmodifieddate';
const PAGE_SIZE = 200;
/** A search body may have 3,000 characters; this much is for the stage ids. */
const MAX_STAGE_CHARACTERS = 2_000;

/** HubSpot takes five searches a second of all tools of an account together; one of these is left to the others. */
const SEARCH_BUDGET = { requestsPerMinute: 240, burst: 1 };

/**
 * Narrows the window until a search is its own last page, and goes on behind it. HubSpot's offset would end at 10,000
 * results, and skip a deal when one before it changes meanwhile and leaves the window. The changes that a page shows
 * tell nothing of how far it reaches: the index finds and sorts by the change it knows, and returns the record as it
 * is now.
 */
export function createWonDealSearch(
  connection: Connection,
  terms: DealTerms,
): (query: WonDealQuery) => Promise<WonDealPage> {
  const budget = new RequestBudget(SEARCH_BUDGET);
  return (query) => findWonDeals({ connection, budget, query }, terms);
}

async function findWonDeals(
  search: Pick<Search, 'connection' | 'budget' | 'query'>,
  terms: DealTerms,
): Promise<WonDealPage> {
  const { connection, query } = search;
  const stages = await readDealStages(connection, query.signal);
  const { won, perhaps } = soughtStages(stages, terms);
  const pages: WonDealPage[] = [];
  for (const chunk of chunksOfStages(won)) pages.push(await find({ ...search, isWanted: isIn(chunk) }));
  for (const chunk of chunksOfStages(perhaps)) {
    const page = await find({ ...search, isWanted: isIn(chunk) });
    const counted = await countedDeals(search, page.deals, { stages, terms });
    pages.push({ ...page, deals: page.deals.filter(({ dealId }) => counted.has(dealId)) });
  }
  pages.push(await find({ ...search, isWanted: HAS_SEATS }));
  const asked = await find({ ...search, isWanted: HAS_ACTION });
  const onlyAsked = asked.deals.map((deal): WonDeal => ({ ...deal, isOnlyAsked: true }));
  // What was found in another way, too, is not found by that alone.
  pages.unshift({ ...asked, deals: onlyAsked });
  const deals = new Map(pages.flatMap((page) => page.deals.map((deal) => [deal.dealId, deal])));
  return {
    deals: [...deals.values()].sort((a, b) => Date.parse(a.changedAt) - Date.parse(b.changedAt)),
    next: pages.map(({ next }) => next).reduce(earlier, query.until),
    isComplete: pages.every(({ isComplete }) => isComplete),
  };
}

function isIn(stageIds: readonly string[]) {
  return { propertyName: 'dealstage', operator: 'IN', values: stageIds };
}

const historiesSchema = z.object({ results: z.array(recordSchema) });

/** Those that were won before they came to where they are. */
async function countedDeals(
  { connection, query }: Pick<Search, 'connection' | 'query'>,
  deals: readonly WonDeal[],
  { stages, terms }: { readonly stages: readonly DealStage[]; readonly terms: DealTerms },
): Promise<ReadonlySet<string>> {
  const counted = new Set<string>();
  for (const chunk of chunksOf(deals, MAX_HISTORY_BATCH)) {
    const inputs = chunk.map(({ dealId: id }) => ({ id }));
    const { results } = await connection.call(
      {
        name: `read the stages of ${chunk.length} deals`,
        effect: 'read',
        answer: historiesSchema,
        signal: query.signal,
      },
      (client) =>
        client.crm.deals.batchApi.read({
          inputs,
          properties: STAGE_PROPERTIES,
          propertiesWithHistory: STAGE_PROPERTIES,
        }),
    );
    for (const record of results) {
      const { isWon, wonIn } = standingOfRecord(record, stages, terms);
      const isCounted = terms.kinds.length === 0 || wonIn.some((id) => terms.kinds.includes(id));
      if (isWon && isCounted) counted.add(record.id);
    }
  }
  return counted;
}

/** Delivered deals, of which some have left the won stages. */
const HAS_SEATS = { propertyName: DEAL_PROPERTIES.seats.name, operator: 'GT', value: '0' } as const;

/** Deals on which people have set something to be done, in whatever stage. */
const HAS_ACTION = { propertyName: DEAL_PROPERTIES.action.name, operator: 'HAS_PROPERTY' } as const;

interface Search {
  readonly connection: Connection;
  readonly budget: RequestBudget;
  readonly query: WonDealQuery;
  readonly isWanted: object;
}

/** Epoch milliseconds; both ends belong to it. */
interface Window {
  readonly from: number;
  readonly to: number;
}

async function find(search: Search): Promise<WonDealPage> {
  const { since, until, limit } = search.query;
  const end = Date.parse(until) - 1;
  const found = new Map<string, WonDeal>();
  let window: Window = { from: Date.parse(since), to: end };
  while (window.from <= end) {
    const page = await searchPage(search, window, { sort: MODIFIED });
    if (!page.isLast && window.from < window.to) {
      window = { ...window, to: narrowed(window, page.deals) };
      continue;
    }
    const deals = page.isLast ? page.deals : await dealsOfInstant(search, window.from);
    for (const deal of deals) found.set(deal.dealId, deal);
    window = { from: window.to + 1, to: end };
    if (found.size >= limit) break;
  }
  return { deals: [...found.values()], next: iso(window.from), isComplete: window.from > end };
}

/** A guess that makes two searches of most pages: up to before the last result. Where that cannot be, half the window. */
function narrowed({ from, to }: Window, deals: readonly WonDeal[]): number {
  const last = deals.at(-1);
  const guess = last === undefined ? to : Math.max(from, Date.parse(last.changedAt) - 1);
  return guess < to ? guess : from + Math.floor((to - from) / 2);
}

/** More deals of one instant than a page holds, as an import leaves them: paged by record id. */
async function dealsOfInstant(search: Search, atMs: number): Promise<WonDeal[]> {
  const found: WonDeal[] = [];
  let afterId = '0';
  for (;;) {
    const window = { from: atMs, to: atMs };
    const { deals, isLast } = await searchPage(search, window, { sort: 'hs_object_id', after: afterId });
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

async function searchPage(
  { connection, budget, query, isWanted }: Search,
  changed: Window,
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
  await budget.turn({ maxWaitMs: Number.POSITIVE_INFINITY, signal: query.signal });
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
    changedAt: instantIn(propertyOf(record, MODIFIED)) ?? iso(changed.from),
  }));
  // A window in which nothing is found is not narrowed, whatever the answer says of a next page.
  return { deals, isLast: deals.length === 0 || !paging?.next };
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
