import { z } from 'zod';
import type {
  Company,
  Deal,
  DealContact,
  LineItem,
  Owner,
  StageEntry,
  WrittenFields,
} from '../../domain/deal/deal.ts';
import { DealseatError } from '../../domain/failure.ts';
import { entriesOf } from '../joined-list.ts';
import type { SalesforceCall } from './call.ts';
import { type Connection, childPage } from './connection.ts';
import { normalizeIdOf } from './ids.ts';
import { contactRecord, instant, text } from './records.ts';
import { soqlString } from './soql.ts';
import type { WonStageNames } from './won-stages.ts';

const FIELDS = [
  'Id, Name, StageName, IsWon, CloseDate, SystemModstamp, OwnerId, Owner.Email, Owner.IsActive, AccountId, Account.Name, Account.Website',
  'Dealseat_Status__c, Dealseat_Seats__c, Dealseat_Group_Label__c, Dealseat_Group_Id__c, Dealseat_Ledger__c, Dealseat_Claim__c',
  '(SELECT Id, Quantity, Product2Id, ProductCode, Product2.Name, LastModifiedDate FROM OpportunityLineItems)',
  '(SELECT Id, ContactId, Role, IsPrimary, LastModifiedDate, Contact.Id, Contact.Email, Contact.FirstName, Contact.LastName FROM OpportunityContactRoles)',
  '(SELECT StageName, CreatedDate FROM OpportunityHistories)',
].join(', ');

const opportunity = z.object({
  Id: z.string(),
  Name: z.string(),
  StageName: z.string(),
  IsWon: z.boolean(),
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
      productId: record.Product2Id,
      writtenAt: record.LastModifiedDate,
    }),
  );

const contactRole = z.object({
  Role: text,
  IsPrimary: z.boolean(),
  /** Of the role, not of the contact. */
  LastModifiedDate: instant,
  /** Null when the contact is hidden from the integration user. */
  Contact: contactRecord.nullish(),
});

const historyRow = z.object({ StageName: text, CreatedDate: instant });

interface Org {
  readonly connection: Connection;
  readonly account: string;
  readonly wonStageNames: WonStageNames;
}

/** One query for the whole deal, so that line items and contacts are of the same moment. */
export async function readDeal(
  { connection, account, wonStageNames }: Org,
  dealId: string,
  signal?: AbortSignal,
): Promise<Deal> {
  const id = opportunityId(dealId);
  const call: SalesforceCall = { name: `read opportunity ${id}`, effect: 'read', object: 'Opportunity' };
  const soql = `SELECT ${FIELDS} FROM Opportunity WHERE Id = ${soqlString(id)}`;
  const [record] = await connection.query(soql, opportunity, call, signal);
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
  const wonStages = await wonStageNames(signal);
  const { instanceUrl } = await connection.token(signal);
  return {
    crm: 'salesforce',
    account,
    dealId: record.Id,
    name: record.Name,
    url: `${instanceUrl}/lightning/r/Opportunity/${record.Id}/view`,
    isWon: record.IsWon,
    stageHistory: history.map((row) => stageEntryOf(row, record, wonStages)),
    stage: record.StageName,
    closeDate: record.CloseDate,
    owner: ownerOf(record),
    company: companyOf(record),
    lineItems,
    contacts: contactsOf(roles),
    mergedDealIds: [],
    written: writtenOn(record),
    changedAt: record.SystemModstamp,
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
function ownerOf({ OwnerId: id, Owner: user }: z.infer<typeof opportunity>): Owner | null {
  if (id === null || user?.IsActive === false) return null;
  return { id, email: user?.Email ?? null };
}

function companyOf(record: z.infer<typeof opportunity>): Company | null {
  if (record.AccountId === null || !record.Account) return null;
  return { id: record.AccountId, name: record.Account.Name, website: record.Account.Website };
}

/** A contact may hold several roles of one deal: one row each in Salesforce, one contact here. */
function contactsOf(rows: readonly z.infer<typeof contactRole>[]): DealContact[] {
  const contacts = new Map<string, DealContact>();
  for (const { Contact: contact, Role: role, IsPrimary: isPrimary, LastModifiedDate: at } of rows) {
    if (!contact) continue;
    const known = contacts.get(contact.id);
    contacts.set(contact.id, {
      ...contact,
      roles: [...(known?.roles ?? []), ...(role === null ? [] : [role])],
      isPrimary: isPrimary || (known?.isPrimary ?? false),
      writtenAt: known?.writtenAt && known.writtenAt > at ? known.writtenAt : at,
    });
  }
  return [...contacts.values()];
}

/** The history also has a row for each new amount or close date. What we know of the stages may be older than a row. */
function stageEntryOf(
  { StageName, CreatedDate }: z.infer<typeof historyRow>,
  deal: Pick<z.infer<typeof opportunity>, 'StageName' | 'IsWon'>,
  wonStages: ReadonlySet<string>,
): StageEntry {
  const isOwnStage = StageName === deal.StageName;
  return {
    isWon: isOwnStage ? deal.IsWon : StageName !== null && wonStages.has(StageName),
    since: CreatedDate,
  };
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
