import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { DealReading } from '../../domain/deal/catalog.ts';
import type { LineItem } from '../../domain/deal/deal.ts';
import { toSalesforceId18 } from '../../domain/deal/salesforce-id.ts';
import type { SalesforceCall } from './call.ts';
import { type Connection, childPage } from './connection.ts';
import { contactRecord, instant, text } from './records.ts';
import { requireFieldNames } from './seat-fields.ts';
import { standingFields, standingRecord } from './standing.ts';

/** An opportunity as one query reads it, whole or for its print. */

const FIELDS = [
  'Id, Name, CloseDate, SystemModstamp, OwnerId, Owner.Email, Owner.IsActive, AccountId, Account.Name, Account.Website',
  'Dealseat_Status__c, Dealseat_Seats__c, Dealseat_Group_Label__c, Dealseat_Group_Id__c, Dealseat_Ledger__c, Dealseat_Claim__c, Dealseat_Action__c',
  'LastModifiedDate, LastModifiedById, LastModifiedBy.Name',
  '(SELECT Id, Quantity, ServiceDate, Product2Id, ProductCode, Product2.Name, LastModifiedDate FROM OpportunityLineItems)',
  '(SELECT Id, ContactId, Role, IsPrimary, LastModifiedDate, Contact.Id, Contact.Email, Contact.FirstName, Contact.LastName FROM OpportunityContactRoles)',
].join(', ');

/** What a print is made of. */
export function printedFields({ terms, seatFields }: DealReading): string {
  return [standingFields(terms), ...requireFieldNames(seatFields), FIELDS].join(', ');
}

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
  Dealseat_Action__c: text,
  LastModifiedDate: instant,
  LastModifiedById: z.string(),
  LastModifiedBy: z.object({ Name: text }).nullish(),
  OpportunityLineItems: childPage.optional(),
  OpportunityContactRoles: childPage.optional(),
  OpportunityHistories: childPage.optional(),
});

/** With the fields that the catalog names. */
export const dealRecord = opportunity.loose();

export type DealRecord = z.infer<typeof opportunity>;

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

export type RoleRow = z.infer<typeof contactRole>;

/** All of them: the record itself has only the first page of each list. */
export async function readChildren(
  connection: Connection,
  { OpportunityLineItems: items, OpportunityContactRoles: people }: DealRecord,
  call: SalesforceCall,
  signal?: AbortSignal,
): Promise<{ readonly lineItems: LineItem[]; readonly roles: RoleRow[] }> {
  return {
    lineItems: items ? await connection.rows(items, lineItem, call, signal) : [],
    roles: people ? await connection.rows(people, contactRole, call, signal) : [],
  };
}

/**
 * Changes with what people decide. What Dealseat writes, and the stamp that moves with it, are not in it; nor are pages of
 * children, whose rows are, nor the history of the stage, which is.
 */
export function printOf(
  record: DealRecord,
  { lineItems, roles }: { readonly lineItems: readonly object[]; readonly roles: readonly object[] },
): string {
  const decided = Object.entries(record).filter(
    ([name, value]) => !name.startsWith('Dealseat_') && !STAMPS.has(name) && !isPage(value),
  );
  return createHash('sha256')
    .update(JSON.stringify([decided, [...lineItems, ...roles]]))
    .digest('hex')
    .slice(0, 16);
}

const STAMPS = new Set(['SystemModstamp', 'LastModifiedDate', 'LastModifiedById', 'LastModifiedBy']);

function isPage(value: unknown): boolean {
  return childPage.safeParse(value).success;
}
