import { z } from 'zod';
import type { Contact } from '../../domain/deal/deal.ts';
import { DealseatError } from '../../domain/failure.ts';
import type { Call } from './call.ts';
import type { SalesforceSession } from './connection.ts';
import { failureOfFault } from './failures.ts';
import type { SalesforceFault } from './faults.ts';
import { normalizeIdOf } from './ids.ts';
import { contactRecord, itemResults, text } from './records.ts';
import { soqlList, soqlString } from './soql.ts';

/** Salesforce's bound for one write of many records. */
const RECORDS_A_WRITE = 200;
/** Keeps the address of a query well under the 16,384 bytes that Salesforce takes. */
const IDS_A_QUERY = 400;

const linkRow = z.object({ Id: z.string(), Dealseat_Redeem_Link__c: text });

export async function readContact(
  session: SalesforceSession,
  contactId: string,
  signal?: AbortSignal,
): Promise<Contact> {
  const id = requireContactId(contactId);
  const call: Call = { what: `reading contact ${id}`, object: 'Contact' };
  const soql = `SELECT Id, Email, FirstName, LastName FROM Contact WHERE Id = ${soqlString(id)}`;
  const [contact] = await session.query(soql, contactRecord, call, signal);
  if (contact === undefined) throw noSuchContact(id, 'no contact has this id, or sharing hides it');
  return contact;
}

export async function readRedeemLinks(
  session: SalesforceSession,
  contactIds: readonly string[],
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const askedAs = new Map(contactIds.map((id) => [requireContactId(id), id]));
  const call: Call = { what: 'reading the redeem links of contacts', object: 'Contact', confidential: true };
  const links = new Map<string, string>();
  for (const ids of chunks([...askedAs.keys()], IDS_A_QUERY)) {
    const soql = `SELECT Id, Dealseat_Redeem_Link__c FROM Contact WHERE Id IN ${soqlList(ids)}`;
    for (const row of await session.query(soql, linkRow, call, signal)) {
      const link = row.Dealseat_Redeem_Link__c;
      if (link) links.set(askedAs.get(row.Id) ?? row.Id, link);
    }
  }
  return links;
}

/**
 * Overwrites, so a repeat after a partial failure writes the same again. What Salesforce refuses of one contact keeps
 * no other from being written; a contact that is gone has no link that could be emptied.
 */
export async function writeRedeemLinks(
  session: SalesforceSession,
  links: ReadonlyMap<string, string | null>,
  signal?: AbortSignal,
): Promise<void> {
  const records = [...links].map(([contactId, link]) => ({
    Id: requireContactId(contactId),
    Dealseat_Redeem_Link__c: link,
  }));
  const call: Call = { what: 'writing redeem links to contacts', object: 'Contact', confidential: true };
  const refused: Refused[] = [];
  for (const batch of chunks(records, RECORDS_A_WRITE)) {
    const results = await session.request(
      call,
      itemResults.length(batch.length),
      (connection) => connection.sobject('Contact').update(batch, { allOrNone: false }),
      signal,
    );
    for (const [index, { Id: contactId, Dealseat_Redeem_Link__c: link }] of batch.entries()) {
      const result = results[index];
      const fault = result?.success === false ? result.errors[0] : undefined;
      if (fault === undefined) continue;
      const what = `writing the redeem link of contact ${contactId}`;
      const failure = failureOfFault(fault, { ...call, what }, 200);
      if (link !== null || failure.code !== 'crm.not_found') refused.push({ contactId, fault, failure });
    }
  }
  if (refused.length > 0) throw partialFailure(refused, records.length);
}

interface Refused {
  readonly contactId: string;
  readonly fault: SalesforceFault;
  readonly failure: DealseatError;
}

const NAMED_CONTACTS = 20;

/** Names the refused contacts. A fault that a person must fix decides over one that passes by itself. */
function partialFailure(refused: readonly Refused[], total: number): DealseatError {
  const failures = refused.map(({ failure }) => failure);
  const decisive = failures.find((failure) => failure.class === 'attention') ?? failures[0];
  const named = refused.slice(0, NAMED_CONTACTS).map(({ contactId, fault }) => `${contactId} ${fault.code}`);
  const names = [...named, ...(refused.length > NAMED_CONTACTS ? ['…'] : [])].join(', ');
  return new DealseatError({
    code: decisive?.code ?? 'crm.invalid_request',
    message: `${decisive?.message} (${refused.length} of ${total} contacts refused: ${names})`,
    retryAfterMs: decisive?.retryAfterMs,
  });
}

function requireContactId(contactId: string): string {
  const id = normalizeIdOf('Contact', contactId);
  if (id === null) {
    throw noSuchContact(contactId.slice(0, 40), 'a contact id has 15 or 18 characters and starts with 003');
  }
  return id;
}

function noSuchContact(id: string, why: string): DealseatError {
  return new DealseatError({
    code: 'crm.not_found',
    message: `Salesforce: reading contact ${JSON.stringify(id)}: ${why}`,
  });
}

function* chunks<T>(items: readonly T[], size: number): Generator<T[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}
