import { z } from 'zod';
import type { WonDeal, WonDealPage, WonDealQuery } from '../crm.ts';
import type { SalesforceCall } from './call.ts';
import type { Connection } from './connection.ts';
import { DEAL_FIELDS } from './fields.ts';
import { instant } from './records.ts';

const CALL: SalesforceCall = { name: 'find won opportunities', effect: 'read', object: 'Opportunity' };
/** Salesforce's bound on one page of an answer. */
const PAGE_SIZE = 2_000;

const wonOpportunity = z
  .object({ Id: z.string(), SystemModstamp: instant })
  .transform((record): WonDeal => ({ dealId: record.Id, changedAt: record.SystemModstamp }));

/** Won, or delivered and perhaps not won any more. */
const IS_WANTED = `(IsWon = true OR ${DEAL_FIELDS.seats.apiName} > 0)`;

/** `IsWon` instead of a stage name: several stages may be won ones. `SystemModstamp` also moves with imports. */
export async function findWonDeals(connection: Connection, query: WonDealQuery): Promise<WonDealPage> {
  const { until, signal } = query;
  const limit = Math.min(query.limit, PAGE_SIZE);
  const find = (where: string, end: string) => {
    const soql = `SELECT Id, SystemModstamp FROM Opportunity WHERE ${IS_WANTED} AND ${where} ${end}`;
    return connection.query(soql, wonOpportunity, CALL, signal);
  };
  const rows = await find(
    `SystemModstamp >= ${literal(query.since)} AND SystemModstamp < ${literal(until)}`,
    `ORDER BY SystemModstamp, Id LIMIT ${limit}`,
  );
  const last = rows.at(-1);
  if (rows.length < limit || last === undefined) return { deals: rows, next: until, isComplete: true };
  // The limit may cut through a transaction, whose records all carry one stamp: the rest of it is fetched whole.
  const sameInstant = await find(`SystemModstamp = ${literal(last.changedAt)}`, 'ORDER BY Id');
  const deals = new Map([...rows, ...sameInstant].map((deal) => [deal.dealId, deal]));
  const next = new Date(Date.parse(last.changedAt) + 1).toISOString();
  return { deals: [...deals.values()], next, isComplete: false };
}

/** A date-time literal stands without quotes. */
function literal(iso: string): string {
  return new Date(iso).toISOString();
}
