import { z } from 'zod';
import type { Actor, DealAction } from '../../domain/deal/action.ts';
import { DealseatError, IS_REPEATED } from '../../domain/failure.ts';
import type { SalesforceCall } from './call.ts';
import type { Connection } from './connection.ts';
import type { DealRecord } from './deal-record.ts';
import { DEAL_FIELDS } from './fields.ts';
import { instant, text } from './records.ts';
import { soqlString } from './soql.ts';

/** Keys of the catalog under which it names who may approve. */
export const APPROVER_KEYS = {
  users: 'salesforceUsers',
  profiles: 'salesforceProfiles',
  roles: 'salesforceRoles',
} as const;

const change = z.object({ NewValue: text, CreatedDate: instant, CreatedById: z.string() });

const named = z.object({ Name: text }).nullish();

const userRow = z.object({ Name: text, Email: text, Username: text, Profile: named, UserRole: named });

const NAMES = 'Name, Email, Username';

/** Asks who set it, only while it is set. An admin may have the field tracked; else the record tells its last editor alone. */
export async function actionOf(
  connection: Connection,
  record: DealRecord,
  signal?: AbortSignal,
): Promise<DealAction | null> {
  const action = record.Dealseat_Action__c;
  if (action === null) return null;
  const { userId: ownId } = await connection.token(signal);
  const set = await lastChange(connection, record.Id, signal);
  if (set !== null && set.NewValue === action) {
    const by = await userNamed(connection, set.CreatedById, signal);
    const isPerson = set.CreatedById !== ownId;
    return { text: action, setAt: set.CreatedDate, by: by && { ...by, isPerson, isProven: true } };
  }
  // What Dealseat wrote since hides who it was.
  if (record.LastModifiedById === ownId) return { text: action, setAt: null, by: null };
  const name = record.LastModifiedBy?.Name ?? `Salesforce user ${record.LastModifiedById}`;
  return {
    text: action,
    setAt: record.LastModifiedDate,
    by: { name, isPerson: true, isProven: false, knownAs: {} },
  };
}

/** Null: the field is not tracked, or its history is not ours to read. */
async function lastChange(
  connection: Connection,
  id: string,
  signal?: AbortSignal,
): Promise<z.infer<typeof change> | null> {
  const field = DEAL_FIELDS.action.apiName;
  const where = `OpportunityId = ${soqlString(id)} AND Field = ${soqlString(field)}`;
  const soql = `SELECT NewValue, CreatedDate, CreatedById FROM OpportunityFieldHistory WHERE ${where} ORDER BY CreatedDate DESC, Id DESC LIMIT 1`;
  const call: SalesforceCall = {
    name: `read who acted on opportunity ${id}`,
    effect: 'read',
    object: 'OpportunityFieldHistory',
  };
  const [latest] = await orNone(connection.query(soql, change, call, signal));
  return latest ?? null;
}

async function userNamed(
  connection: Connection,
  id: string,
  signal?: AbortSignal,
): Promise<Pick<Actor, 'name' | 'knownAs'> | null> {
  const call: SalesforceCall = { name: `read user ${id}`, effect: 'read', object: 'User' };
  const read = async (fields: string) => {
    const soql = `SELECT ${fields} FROM User WHERE Id = ${soqlString(id)}`;
    return (await orNone(connection.query(soql, userRow, call, signal)))[0];
  };
  // Roles and profiles may not be the integration user's to see.
  const user = (await read(`${NAMES}, Profile.Name, UserRole.Name`)) ?? (await read(NAMES));
  const all = (...names: readonly (string | null | undefined)[]) => names.flatMap((name) => name || []);
  return {
    name: user?.Name || `Salesforce user ${id}`,
    knownAs: {
      [APPROVER_KEYS.users]: all(user?.Email, user?.Username),
      [APPROVER_KEYS.profiles]: all(user?.Profile?.Name),
      [APPROVER_KEYS.roles]: all(user?.UserRole?.Name),
    },
  };
}

/** What is refused for good is as good as not there: it must not keep a deal from being read. */
async function orNone<T>(query: Promise<T[]>): Promise<T[]> {
  try {
    return await query;
  } catch (error) {
    if (error instanceof DealseatError && !error.mayPass && !IS_REPEATED[error.class]) return [];
    throw error;
  }
}
