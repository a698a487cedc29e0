import { z } from 'zod';
import type { Approvers } from '../../domain/deal/action.ts';
import { DealseatError, IS_REPEATED } from '../../domain/failure.ts';
import { attempt, fine, type SetupCheck } from '../setup-check.ts';
import { judgeNames } from '../setup-names.ts';
import { APPROVER_KEYS } from './action.ts';
import type { SalesforceCall } from './call.ts';
import type { Connection } from './connection.ts';
import { DEAL_FIELDS } from './fields.ts';
import { text } from './records.ts';
import { CURES } from './setup-cures.ts';
import { soqlList, soqlString } from './soql.ts';

/** Names among which the nearest is sought; an org may have many thousands of users. */
const CANDIDATES = 2_000;

const APPROVERS = [
  {
    key: APPROVER_KEYS.users,
    object: 'User',
    fields: ['Email', 'Username'],
    where: 'IsActive = true',
    none: 'no active user has the e-mail address or user name',
    make: 'let the integration user see the user (Setup > Users)',
  },
  {
    key: APPROVER_KEYS.profiles,
    object: 'Profile',
    fields: ['Name'],
    where: null,
    none: 'no profile is called',
    make: 'let the integration user see the profile (Setup > Profiles)',
  },
  {
    key: APPROVER_KEYS.roles,
    object: 'UserRole',
    fields: ['Name'],
    where: null,
    none: 'no role is called',
    make: 'add the role (Setup > Roles)',
  },
] as const;

/** An approval of a user, profile or role that is misspelt in the catalog never counts, and no reading of a deal shows it. */
export async function checkApprovers(
  connection: Connection,
  approvers: Approvers,
  signal?: AbortSignal,
): Promise<SetupCheck[]> {
  const checks: SetupCheck[] = [];
  for (const { key, none, make, ...source } of APPROVERS) {
    const names = approvers[key] ?? [];
    if (names.length === 0) continue;
    const check = await attempt(`Salesforce approvers (${key})`, CURES, async () => {
      const read = (condition: string | null, limit?: number) =>
        readNames(connection, { ...source, conditions: [source.where, condition], limit }, signal);
      const advice = `Correct \`approval.by.${key}\` in the catalog, or ${make}.`;
      const exact = await read(
        `(${source.fields.map((each) => `${each} IN ${soqlList(names)}`).join(' OR ')})`,
      );
      const finding = judgeNames({ names, known: exact, none, advice });
      if (finding.state === 'ok') return finding;
      return judgeNames({ names, known: [...exact, ...(await read(null, CANDIDATES))], none, advice });
    });
    checks.push(check);
  }
  if (checks.length > 0) checks.push(await checkHistory(connection, signal));
  return checks;
}

/** Only the history of the field proves who approved. */
function checkHistory(connection: Connection, signal?: AbortSignal): Promise<SetupCheck> {
  const { apiName } = DEAL_FIELDS.action;
  return attempt(`Salesforce history of Opportunity.${apiName}`, CURES, async () => {
    const object = 'OpportunityFieldHistory';
    const soql = `SELECT Id FROM ${object} WHERE Field = ${soqlString(apiName)} LIMIT 1`;
    const call: SalesforceCall = { name: `read one ${object}`, effect: 'read', object };
    try {
      const rows = await connection.query(soql, z.unknown(), call, signal);
      return fine(rows.length > 0 ? 'is kept' : 'holds no change yet: approvals count only while it is kept');
    } catch (error) {
      if (!(error instanceof DealseatError) || error.mayPass || IS_REPEATED[error.class]) throw error;
      return {
        state: 'failed',
        found: 'no history of opportunities can be read, so no approval on a deal counts',
        advice:
          'Tick *Dealseat Action* in Setup > Object Manager > Opportunity > Fields & Relationships > Set History Tracking.',
      };
    }
  });
}

const row = z.looseObject({ Name: text, Email: text, Username: text });

async function readNames(
  connection: Connection,
  {
    object,
    fields,
    conditions,
    limit,
  }: {
    readonly object: string;
    readonly fields: readonly string[];
    readonly conditions: readonly (string | null)[];
    readonly limit: number | undefined;
  },
  signal?: AbortSignal,
): Promise<string[]> {
  const where = conditions.filter((each) => each !== null).join(' AND ');
  const soql = `SELECT ${fields.join(', ')} FROM ${object}${where && ` WHERE ${where}`}${limit ? ` LIMIT ${limit}` : ''}`;
  const call: SalesforceCall = { name: `read names of ${object}`, effect: 'read', object };
  const rows = await connection.query(soql, row, call, signal);
  return rows.flatMap(({ Name, Email, Username }) => [Name ?? [], Email ?? [], Username ?? []].flat());
}
