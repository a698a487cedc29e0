import { z } from 'zod';
import type { DealTerms } from '../../domain/deal/catalog.ts';
import { isSameName } from '../../domain/names.ts';
import type { WonDeal, WonDealPage, WonDealQuery } from '../crm.ts';
import type { SalesforceCall } from './call.ts';
import { type Connection, childPage } from './connection.ts';
import { DEAL_FIELDS } from './fields.ts';
import { instant } from './records.ts';
import { soqlList } from './soql.ts';
import type { SpelledTerms } from './spelled-terms.ts';
import {
  historyRow,
  isCountedKind,
  leftOut,
  STAGE_HISTORY,
  standingFields,
  standingOfRecord,
  standingRecord,
} from './standing.ts';
import type { WonStages } from './won-stages.ts';

const CALL: SalesforceCall = { name: 'find won opportunities', effect: 'read', object: 'Opportunity' };
/** Salesforce's bound on one page of an answer. */
const PAGE_SIZE = 2_000;

const wonOpportunity = z.object({ Id: z.string(), SystemModstamp: instant });

interface Org {
  readonly connection: Connection;
  readonly wonStages: WonStages;
  readonly terms: DealTerms;
}

interface SearchedOrg extends Pick<Org, 'wonStages'> {
  readonly spelledTerms: SpelledTerms;
}

const foundOpportunity = z.looseObject({ ...wonOpportunity.shape, ...standingRecord.shape });

/** One way to be found, and what the rows that it finds come to. */
interface Search<Row> {
  readonly fields: string;
  readonly where: string;
  readonly row: z.ZodType<Row>;
  readonly select: (
    rows: readonly Row[],
    signal?: AbortSignal,
  ) => Promise<readonly (Row & Pick<WonDeal, 'isOnlyAsked'>)[]>;
}

export function createWonDealSearch(
  connection: Connection,
  { wonStages, spelledTerms }: SearchedOrg,
): (query: WonDealQuery) => Promise<WonDealPage> {
  return async (query) => {
    const terms = await spelledTerms(query.signal);
    const org = { connection, wonStages, terms };
    const won = await findPage(org, query, inWonStages(terms));
    if (terms.afterWon.length === 0) return won;
    return merged(query.until, [won, await findPage(org, query, movedOn(org))]);
  };
}

/**
 * Won, or delivered and perhaps not won any more, or with something that people have set to be done. `IsWon` instead of a stage name: several stages may be won ones.
 * `SystemModstamp` also moves with imports.
 */
function inWonStages(terms: DealTerms): Search<z.infer<typeof foundOpportunity>> {
  const named = terms.wonStages.length === 0 ? [] : [`StageName IN ${soqlList(terms.wonStages)}`];
  const isWon = ['IsWon = true', ...named].join(' OR ');
  const kind = isCountedKind(terms);
  const isCounted = kind === null ? isWon : `((${isWon}) AND ${kind})`;
  return {
    fields: `Id, SystemModstamp, ${standingFields(terms)}, ${DEAL_FIELDS.seats.apiName}`,
    where: `(${isCounted} OR ${DEAL_FIELDS.seats.apiName} > 0 OR ${DEAL_FIELDS.action.apiName} != null)`,
    row: foundOpportunity,
    select: async (rows) =>
      rows.map((row) => (isFoundOtherwise(row, terms) ? row : { ...row, isOnlyAsked: true })),
  };
}

/** In another way than by its action. */
function isFoundOtherwise(row: z.infer<typeof foundOpportunity>, terms: DealTerms): boolean {
  if (Number(row[DEAL_FIELDS.seats.apiName] ?? 0) > 0) return true;
  const isWon = row.IsWon || terms.wonStages.some((name) => isSameName(name, row.StageName));
  return isWon && leftOut(row, terms).leftOut === undefined;
}

const movedOpportunity = wonOpportunity.extend({
  ...standingRecord.shape,
  OpportunityHistories: childPage.nullish(),
});

/** In a stage that follows the win, where only the history tells whether there was one. */
function movedOn({ connection, wonStages: stages, terms }: Org): Search<z.infer<typeof movedOpportunity>> {
  const kind = isCountedKind(terms);
  const where = `StageName IN ${soqlList(terms.afterWon)}`;
  return {
    fields: `Id, SystemModstamp, ${standingFields(terms)}, ${STAGE_HISTORY}`,
    where: kind === null ? where : `${where} AND ${kind}`,
    row: movedOpportunity,
    async select(rows, signal) {
      const wonStages = await stages.names(signal);
      const counted: (typeof rows)[number][] = [];
      for (const row of rows) {
        const page = row.OpportunityHistories;
        const history = page ? await connection.rows(page, historyRow, CALL, signal) : [];
        if (standingOfRecord(row, history, { wonStages, terms }).isWon) counted.push(row);
      }
      return counted;
    },
  };
}

async function findPage<Row extends z.infer<typeof wonOpportunity>>(
  { connection }: Org,
  { since, until, limit: wanted, signal }: WonDealQuery,
  { fields, where: isWanted, row, select }: Search<Row>,
): Promise<WonDealPage> {
  const limit = Math.min(wanted, PAGE_SIZE);
  const find = (where: string, end: string) => {
    const soql = `SELECT ${fields} FROM Opportunity WHERE ${isWanted} AND ${where} ${end}`;
    return connection.query(soql, row, CALL, signal);
  };
  const rows = await find(
    `SystemModstamp >= ${literal(since)} AND SystemModstamp < ${literal(until)}`,
    `ORDER BY SystemModstamp, Id LIMIT ${limit}`,
  );
  const last = rows.at(-1);
  if (rows.length < limit || last === undefined) {
    return { deals: (await select(rows, signal)).map(toDeal), next: until, isComplete: true };
  }
  // The limit may cut through a transaction, whose records all carry one stamp: the rest of it is fetched whole.
  const sameInstant = await find(`SystemModstamp = ${literal(last.SystemModstamp)}`, 'ORDER BY Id');
  const whole = new Map([...rows, ...sameInstant].map((found) => [found.Id, found]));
  return {
    deals: (await select([...whole.values()], signal)).map(toDeal),
    next: new Date(Date.parse(last.SystemModstamp) + 1).toISOString(),
    isComplete: false,
  };
}

function toDeal({
  Id,
  SystemModstamp,
  isOnlyAsked,
}: z.infer<typeof wonOpportunity> & Pick<WonDeal, 'isOnlyAsked'>): WonDeal {
  return { dealId: Id, changedAt: SystemModstamp, ...(isOnlyAsked ? { isOnlyAsked } : {}) };
}

/** As far as each of them reaches: what one has seen beyond that comes again. */
function merged(until: string, pages: readonly WonDealPage[]): WonDealPage {
  const deals = new Map(pages.flatMap((page) => page.deals.map((deal) => [deal.dealId, deal])));
  return {
    deals: [...deals.values()].sort((a, b) => Date.parse(a.changedAt) - Date.parse(b.changedAt)),
    next: pages.map(({ next }) => next).reduce((a, b) => (Date.parse(a) <= Date.parse(b) ? a : b), until),
    isComplete: pages.every(({ isComplete }) => isComplete),
  };
}

/** A date-time literal stands without quotes. */
function literal(iso: string): string {
  return new Date(iso).toISOString();
}
