import type { DealReading } from '../../domain/deal/catalog.ts';
import type { Deal, DealContact, Owner, UnseenContact, WrittenFields } from '../../domain/deal/deal.ts';
import { toSalesforceId18 } from '../../domain/deal/salesforce-id.ts';
import { DealseatError } from '../../domain/failure.ts';
import { hostNameIn } from '../host-name.ts';
import { entriesOf } from '../joined-list.ts';
import { actionOf } from './action.ts';
import type { SalesforceCall } from './call.ts';
import { answerOf, makeTogether, queryPart } from './composite.ts';
import type { Connection } from './connection.ts';
import {
  type DealRecord,
  dealRecord,
  printedFields,
  printOf,
  type RoleRow,
  readChildren,
} from './deal-record.ts';
import { normalizeIdOf } from './ids.ts';
import { lastRemoval, removalParts } from './removals.ts';
import { seatFieldsIn } from './seat-fields.ts';
import { soqlString } from './soql.ts';
import { historyRow, leftOut, STAGE_HISTORY, standingOfRecord } from './standing.ts';
import type { WonStages } from './won-stages.ts';

interface Org {
  readonly connection: Connection;
  readonly account: string;
  readonly wonStages: WonStages;
  readonly reading: DealReading;
}

/** One query for the whole deal, so that line items and contacts are of the same moment; one call with all around it. */
export async function readDeal(
  { connection, account, wonStages: stages, reading }: Org,
  dealId: string,
  signal?: AbortSignal,
): Promise<Deal> {
  const id = opportunityId(dealId);
  const call: SalesforceCall = { name: `read opportunity ${id}`, effect: 'read', object: 'Opportunity' };
  const { terms } = reading;
  const fields = [printedFields(reading), STAGE_HISTORY].join(', ');
  const soql = `SELECT ${fields} FROM Opportunity WHERE Id = ${soqlString(id)}`;
  const asked = { deal: queryPart(soql, call), ...removalParts(id), stages: stages.part };
  const found = await makeTogether(connection, asked, signal);
  const [record] = await connection.rows(answerOf(found.deal), dealRecord, call, signal);
  if (record === undefined) throw noSuchDeal(id, 'no opportunity has this id, or sharing hides it');

  const children = await readChildren(connection, record, call, signal);
  const history = record.OpportunityHistories
    ? await connection.rows(record.OpportunityHistories, historyRow, call, signal)
    : [];
  const removedAt = await lastRemoval(connection, found, signal);
  const wonStages = await stages.namesIn(found.stages, signal);
  const { wonIn: _, ...standing } = standingOfRecord(record, history, { wonStages, terms });
  const { instanceUrl } = await connection.token(signal);
  return {
    crm: 'salesforce',
    account,
    dealId: record.Id,
    name: record.Name,
    url: `${instanceUrl}/lightning/r/Opportunity/${record.Id}/view`,
    ...standing,
    ...leftOut(record, terms),
    stage: record.StageName,
    closeDate: record.CloseDate,
    owner: ownerOf(record),
    ...companyOf(record),
    lineItems: children.lineItems,
    ...seatFieldsIn(record, reading.seatFields),
    ...contactsOf(children.roles),
    mergedDealIds: [],
    written: writtenOn(record),
    action: await actionOf(connection, record, signal),
    ...(removedAt === null ? {} : { writtenAt: removedAt }),
    changedAt: record.SystemModstamp,
    print: printOf(record, children),
  };
}

/** The 18-character id of an opportunity. Throws `crm.deal_not_found` for what cannot be one. */
export function opportunityId(dealId: string): string {
  const id = normalizeIdOf('Opportunity', dealId);
  if (id === null) throw noSuchDeal(dealId, 'an opportunity id has 15 or 18 characters and starts with 006');
  return id;
}

export function noSuchDeal(dealId: string, why: string): DealseatError {
  return new DealseatError({
    code: 'crm.deal_not_found',
    message: `Salesforce: read opportunity ${JSON.stringify(dealId.slice(0, 40))}: ${why}`,
  });
}

/** Who has left the company keeps their deals, and Salesforce takes no task for them. */
function ownerOf({ OwnerId: id, Owner: user }: DealRecord): Owner | null {
  if (id === null || user?.IsActive === false) return null;
  return { id, email: user?.Email ?? null };
}

function companyOf({ AccountId, Account: account }: DealRecord): Pick<Deal, 'company' | 'unseenCompany'> {
  if (AccountId === null) return { company: null, unseenCompany: null };
  const id = toSalesforceId18(AccountId) ?? AccountId;
  // Sharing hides the account's fields, and Salesforce names the account all the same.
  if (!account) return { company: null, unseenCompany: { id, why: 'hidden' } };
  return { company: { id, name: account.Name, domain: hostNameIn(account.Website) }, unseenCompany: null };
}

/**
 * A contact may hold several roles of one deal: one row each in Salesforce, one contact here. The row of a contact that
 * is deleted goes with it, so one without its contact is the row of a hidden one.
 */
function contactsOf(rows: readonly RoleRow[]): Pick<Deal, 'contacts' | 'unseenContacts'> {
  const contacts = new Map<string, DealContact>();
  const unseen = new Map<string, UnseenContact>();
  for (const row of rows) {
    const { Contact: contact, Role: role, LastModifiedDate: at } = row;
    const id = contact?.id ?? row.ContactId ?? `of role ${row.Id}`;
    const known = contacts.get(id) ?? unseen.get(id);
    const part = {
      roles: [...(known?.roles ?? []), ...(role === null ? [] : [role])],
      isPrimary: row.IsPrimary || (known?.isPrimary ?? false),
      writtenAt: known?.writtenAt && known.writtenAt > at ? known.writtenAt : at,
    };
    if (contact) contacts.set(id, { ...contact, ...part, formerIds: [] });
    else unseen.set(id, { id, why: 'hidden', ...part });
  }
  return { contacts: [...contacts.values()], unseenContacts: [...unseen.values()] };
}

function writtenOn(record: DealRecord): WrittenFields {
  return {
    status: record.Dealseat_Status__c,
    seats: record.Dealseat_Seats__c ?? null,
    groupLabels: entriesOf(record.Dealseat_Group_Label__c),
    groupIds: entriesOf(record.Dealseat_Group_Id__c),
    ledger: record.Dealseat_Ledger__c,
    hold: record.Dealseat_Claim__c,
  };
}
