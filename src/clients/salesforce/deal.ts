import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { DealReading } from '../../domain/deal/catalog.ts';
import type {
  Deal,
  DealContact,
  LineItem,
  Owner,
  UnseenContact,
  WrittenFields,
} from '../../domain/deal/deal.ts';
import { toSalesforceId18 } from '../../domain/deal/salesforce-id.ts';
import { DealseatError } from '../../domain/failure.ts';
import type { DealPrint } from '../crm.ts';
import { hostNameIn } from '../host-name.ts';
import { entriesOf } from '../joined-list.ts';
import type { SalesforceCall } from './call.ts';
import { queryPart } from './composite.ts';
import { type Connection, childPage } from './connection.ts';
import { normalizeIdOf } from './ids.ts';
import { contactRecord, instant, text } from './records.ts';
import { requireFieldNames, seatFieldsIn } from './seat-fields.ts';
import { soqlString } from './soql.ts';
import {
  historyRow,
  leftOut,
  STAGE_HISTORY,
  standingFields,
  standingOfRecord,
  standingRecord,
} from './standing.ts';
import type { WonStages } from './won-stages.ts';

const FIELDS = [
  'Id, Name, CloseDate, SystemModstamp, OwnerId, Owner.Email, Owner.IsActive, AccountId, Account.Name, Account.Website',
  'Dealseat_Status__c, Dealseat_Seats__c, Dealseat_Group_Label__c, Dealseat_Group_Id__c, Dealseat_Ledger__c, Dealseat_Claim__c',
  '(SELECT Id, Quantity, ServiceDate, Product2Id, ProductCode, Product2.Name, LastModifiedDate FROM OpportunityLineItems)',
  '(SELECT Id, ContactId, Role, IsPrimary, LastModifiedDate, Contact.Id, Contact.Email, Contact.FirstName, Contact.LastName FROM OpportunityContactRoles)',
  STAGE_HISTORY,
].join(', ');

const opportunity = standingRecord.extend({
  Id: z.string(),
  Name: z.string(),
  CloseDate: text,
  SystemModstamp: instant,
  OwnerId: text,
  Owner: z.object({ Email: text, IsActive: z.boolean().nullish() }).nullish(),
  AccountId: text,
  Account: z.object({ Name: z.string(), Website: text }).nullish(),
  Dealseat_Status__c: text,
  Dealseat_Seats__c: z.number().nullish(),
  Dealseat_Group_Label__c: text,
  Dealseat_Group_Id__c: text,
  Dealseat_Ledger__c: text,
  Dealseat_Claim__c: text,
  OpportunityLineItems: childPage.optional(),
  OpportunityContactRoles: childPage.optional(),
  OpportunityHistories: childPage.optional(),
});

const lineItem = z
  .object({
    Id: z.string(),
    Quantity: z.number().nullish(),
    ServiceDate: text,
    Product2Id: text,
    ProductCode: text,
    Product2: z.object({ Name: text }).nullish(),
    LastModifiedDate: instant,
  })
  .transform(
    (record): LineItem => ({
      id: record.Id,
      name: record.Product2?.Name ?? record.ProductCode ?? `line item ${record.Id}`,
      quantity: record.Quantity ?? null,
      sku: record.ProductCode,
      productId: record.Product2Id && (toSalesforceId18(record.Product2Id) ?? record.Product2Id),
      ...(record.ServiceDate === null ? {} : { startsOn: record.ServiceDate }),
      writtenAt: record.LastModifiedDate,
    }),
  );

const contactRole = z.object({
  Id: z.string(),
  ContactId: text,
  Role: text,
  IsPrimary: z.boolean(),
  /** Of the role, not of the contact. */
  LastModifiedDate: instant,
  /** Null when the contact is hidden from the integration user. */
  Contact: contactRecord.nullish(),
});

interface Org {
  readonly connection: Connection;
  readonly account: string;
  readonly wonStages: WonStages;
  readonly reading: DealReading;
}

/** One query for the whole deal, so that line items and contacts are of the same moment, in one call. */
export async function readDeal(
  { connection, account, wonStages: stages, reading: { terms, seatFields } }: Org,
  dealId: string,
  signal?: AbortSignal,
): Promise<Deal> {
  const id = opportunityId(dealId);
  const call: SalesforceCall = { name: `read opportunity ${id}`, effect: 'read', object: 'Opportunity' };
  const fields = [standingFields(terms), ...requireFieldNames(seatFields), FIELDS].join(', ');
  const soql = `SELECT ${fields} FROM Opportunity WHERE Id = ${soqlString(id)}`;
  const { answer, names: wonStages } = await stages.namesWith(queryPart(soql, call), signal);
  const [record] = await connection.rows(answer, opportunity.loose(), call, signal);
  if (record === undefined) throw noSuchDeal(id, 'no opportunity has this id, or sharing hides it');

  const lineItems = record.OpportunityLineItems
    ? await connection.rows(record.OpportunityLineItems, lineItem, call, signal)
    : [];
  const roles = record.OpportunityContactRoles
    ? await connection.rows(record.OpportunityContactRoles, contactRole, call, signal)
    : [];
  const history = record.OpportunityHistories
    ? await connection.rows(record.OpportunityHistories, historyRow, call, signal)
    : [];
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
    lineItems,
    ...seatFieldsIn(record, seatFields),
    ...contactsOf(roles),
    mergedDealIds: [],
    written: writtenOn(record),
    changedAt: record.SystemModstamp,
    print: printOf(record, [...lineItems, ...roles]),
  };
}

/** One query reads all of an opportunity anyway. */
export async function readPrint(org: Org, dealId: string, signal?: AbortSignal): Promise<DealPrint> {
  const { print, changedAt } = await readDeal(org, dealId, signal);
  return { print, changedAt };
}

/** What Dealseat writes, and the stamp that moves with it, are not in it; nor are pages of children, whose rows are. */
function printOf(record: object, rows: readonly object[]): string {
  const decided = Object.entries(record).filter(
    ([name, value]) => !name.startsWith('Dealseat_') && name !== 'SystemModstamp' && !isPage(value),
  );
  return createHash('sha256')
    .update(JSON.stringify([decided, rows]))
    .digest('hex')
    .slice(0, 16);
}

function isPage(value: unknown): boolean {
  return childPage.safeParse(value).success;
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
function ownerOf({ OwnerId: id, Owner: user }: z.infer<typeof opportunity>): Owner | null {
  if (id === null || user?.IsActive === false) return null;
  return { id, email: user?.Email ?? null };
}

function companyOf({
  AccountId,
  Account: account,
}: z.infer<typeof opportunity>): Pick<Deal, 'company' | 'unseenCompany'> {
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
function contactsOf(rows: readonly z.infer<typeof contactRole>[]): Pick<Deal, 'contacts' | 'unseenContacts'> {
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

function writtenOn(record: z.infer<typeof opportunity>): WrittenFields {
  return {
    status: record.Dealseat_Status__c,
    seats: record.Dealseat_Seats__c ?? null,
    groupLabels: entriesOf(record.Dealseat_Group_Label__c),
    groupIds: entriesOf(record.Dealseat_Group_Id__c),
    ledger: record.Dealseat_Ledger__c,
    hold: record.Dealseat_Claim__c,
  };
}
