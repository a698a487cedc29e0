import { z } from 'zod';
import type { SalesforceCall } from './call.ts';
import { answerOf, type Part, type PartOutcome, queryPart } from './composite.ts';
import type { Connection, Page } from './connection.ts';
import { instant } from './records.ts';
import { soqlString } from './soql.ts';

/**
 * A line or role that is taken off an opportunity is seen nowhere but in the recycle bin, where its stamp tells when it
 * was deleted.
 */
const LINES: SalesforceCall = {
  name: 'look for removed products',
  effect: 'read',
  object: 'OpportunityLineItem',
};
const ROLES: SalesforceCall = {
  name: 'look for removed contact roles',
  effect: 'read',
  object: 'OpportunityContactRole',
};

const removed = z.object({ SystemModstamp: instant });

interface Removals<T> {
  readonly removedLines: T;
  readonly removedRoles: T;
}

export function removalParts(opportunityId: string): Removals<Part<Page>> {
  const part = (call: SalesforceCall) =>
    queryPart(
      `SELECT SystemModstamp FROM ${call.object} WHERE OpportunityId = ${soqlString(opportunityId)} AND IsDeleted = true ORDER BY SystemModstamp DESC LIMIT 1`,
      call,
      'queryAll',
    );
  return { removedLines: part(LINES), removedRoles: part(ROLES) };
}

/** ISO instant at which a line or role was last taken off; null: none was, as far as the recycle bin goes back. */
export async function lastRemoval(
  connection: Connection,
  { removedLines, removedRoles }: Removals<PartOutcome<Page>>,
  signal?: AbortSignal,
): Promise<string | null> {
  const rows = [
    ...(await connection.rows(answerOf(removedLines), removed, LINES, signal)),
    ...(await connection.rows(answerOf(removedRoles), removed, ROLES, signal)),
  ];
  const instants = rows.map(({ SystemModstamp }) => SystemModstamp).sort();
  return instants.at(-1) ?? null;
}
