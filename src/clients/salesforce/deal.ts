import { z } from 'zod';
import type { Company, Deal, DealContact, DealMark, LineItem, Owner } from '../../domain/deal/deal.ts';
import { parseLedger } from '../../domain/deal/ledger.ts';
import { DealseatError } from '../../domain/failure.ts';
import type { Call } from './call.ts';
import { childPage, type SalesforceSession } from './connection.ts';
import { CUT } from './fields.ts';
import { normalizeIdOf } from './ids.ts';
import { contactRecord, text } from './records.ts';
import { soqlString } from './soql.ts';
import type { WonStageNames } from './won-stages.ts';

const FIELDS = [
  'Id, Name, StageName, IsWon, CloseDate, OwnerId, Owner.Email, Owner.IsActive, AccountId, Account.Name, Account.Website',
  'Dealseat_Status__c, Dealseat_Seats__c, Dealseat_Group_Label__c, Dealseat_Group_Id__c, Dealseat_Ledger__c, Dealseat_Claim__c',
  '(SELECT Id, Quantity, Product2Id, ProductCode, Product2.Name FROM OpportunityLineItems)',
  '(SELECT Id, ContactId, Role, IsPrimary, Contact.Id, Contact.Email, Contact.FirstName, Contact.LastName FROM OpportunityContactRoles)',
  '(SELECT StageName, CreatedDate FROM OpportunityHistories)',
].join(', ');

const opportunity = z.object({
  Id: z.string(),
  Name: z.string(),
  StageName: z.string(),
  IsWon: z.boolean(),
  CloseDate: text,
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
  })
  .transform(
    (record): LineItem => ({
      id: record.Id,
      name: record.Product2?.Name ?? record.ProductCode ?? `line item ${record.Id}`,
      quantity: record.Quantity ?? null,
      sku: record.ProductCode,
      productId: record.Product2Id,
    }),
  );

const contactRole = z.object({
  Role: text,
  IsPrimary: z.boolean(),
  /** Null when the contact is hidden from the integration user. */
  Contact: contactRecord.nullish(),
});

const stageEntry = z.object({ StageName: text, CreatedDate: z.coerce.date() });

interface Org {
  readonly session: SalesforceSession;
  readonly account: string;
  readonly wonStageNames: WonStageNames;
}

/** One query for the whole deal, so that line items and contacts are of the same moment. */
export async function readDeal(
  { session, account, wonStageNames }: Org,
  dealId: string,
  signal?: AbortSignal,
): Promise<Deal> {
  const id = opportunityId(dealId);
  const call: Call = { what: `reading opportunity ${id}`, object: 'Opportunity' };
  const soql = `SELECT ${FIELDS} FROM Opportunity WHERE Id = ${soqlString(id)}`;
  const [record] = await session.query(soql, opportunity, call, signal);
  if (record === undefined) throw noSuchDeal(id, 'no opportunity has this id, or sharing hides it');

  const lineItems = record.OpportunityLineItems
    ? await session.rows(record.OpportunityLineItems, lineItem, call, signal)
    : [];
  const roles = record.OpportunityContactRoles
    ? await session.rows(record.OpportunityContactRoles, contactRole, call, signal)
    : [];
  const history = record.OpportunityHistories
    ? await session.rows(record.OpportunityHistories, stageEntry, call, signal)
    : [];
  // Its own stage is a won one, even where that is newer than what we know of the stages.
  const wonStages = async () => new Set([...(await wonStageNames(signal)), record.StageName]);
  const wonAt = record.IsWon ? since(await wonStages(), history) : null;
  const { instanceUrl } = await session.token(signal);
  return {
    crm: 'salesforce',
    account,
    dealId: record.Id,
    name: record.Name,
    url: `${instanceUrl}/lightning/r/Opportunity/${record.Id}/view`,
    isWon: record.IsWon,
    wonAt,
    stage: record.StageName,
    closeDate: record.CloseDate,
    owner: ownerOf(record),
    company: companyOf(record),
    lineItems,
    contacts: contactsOf(roles),
    mergedDealIds: [],
    mark: markOf(record),
    claim: record.Dealseat_Claim__c,
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
    message: `Salesforce: reading opportunity ${JSON.stringify(dealId.slice(0, 40))}: ${why}`,
  });
}

/** Who has left the company keeps their deals, and Salesforce takes no task for them. */
function ownerOf({ OwnerId: id, Owner: user }: z.infer<typeof opportunity>): Owner | null {
  if (id === null || user?.IsActive === false) return null;
  return { id, email: user?.Email ?? null };
}

function companyOf(record: z.infer<typeof opportunity>): Company | null {
  if (record.AccountId === null || !record.Account) return null;
  return { id: record.AccountId, name: record.Account.Name, domain: domainOf(record.Account.Website) };
}

/** `Website` is free text: `https://www.Acme.com/about`, `acme.com`, or a sentence. */
export function domainOf(website: string | null): string | null {
  const trimmed = website?.trim() ?? '';
  const url = /^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed) ? trimmed : `https://${trimmed}`;
  if (!URL.canParse(url)) return null;
  const { hostname, username } = new URL(url);
  // An e-mail address in there reads as user and host.
  if (username !== '') return null;
  const host = hostname
    .toLowerCase()
    .replace(/^www\./, '')
    .replace(/\.$/, '');
  return /^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/.test(host) ? host : null;
}

/** A contact may hold several roles of one deal: one row each in Salesforce, one contact here. */
function contactsOf(rows: readonly z.infer<typeof contactRole>[]): DealContact[] {
  const contacts = new Map<string, DealContact>();
  for (const { Contact: contact, Role: role, IsPrimary: isPrimary } of rows) {
    if (!contact) continue;
    const known = contacts.get(contact.id);
    contacts.set(contact.id, {
      ...contact,
      roles: [...(known?.roles ?? []), ...(role === null ? [] : [role])],
      isPrimary: isPrimary || (known?.isPrimary ?? false),
    });
  }
  return [...contacts.values()];
}

/** Start of the latest unbroken stay in the stages. The history also has a row for each new amount or close date. */
function since(
  stages: ReadonlySet<string | null>,
  history: readonly z.infer<typeof stageEntry>[],
): string | null {
  let start: Date | null = null;
  for (const entry of [...history].sort((a, b) => +b.CreatedDate - +a.CreatedDate)) {
    if (!stages.has(entry.StageName)) break;
    start = entry.CreatedDate;
  }
  return start?.toISOString() ?? null;
}

function markOf(record: z.infer<typeof opportunity>): DealMark | null {
  const status = record.Dealseat_Status__c;
  const ledger = parseLedger(record.Dealseat_Ledger__c);
  if (status === null && ledger === null) return null;
  return {
    status: status ?? '',
    ledger,
    groupIds: splitList(record.Dealseat_Group_Id__c),
    groupLabels: splitList(record.Dealseat_Group_Label__c),
    seatCount: record.Dealseat_Seats__c ?? null,
  };
}

function splitList(joined: string | null): string[] {
  return (joined ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '' && part !== CUT);
}
