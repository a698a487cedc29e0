import { z } from 'zod';
import type { Contact } from '../../domain/deal/deal.ts';
import { DealseatError } from '../../domain/failure.ts';
import { countOf, numberOf } from '../../domain/words.ts';
import type { RedeemLinks } from '../crm.ts';
import type { SalesforceCall } from './call.ts';
import type { Connection } from './connection.ts';
import { IDS_A_QUERY, readDeletedContacts, requireContactId } from './contacts.ts';
import { failureOfFaults } from './failures.ts';
import type { SalesforceFault } from './faults.ts';
import { chunks, itemResults, RECORDS_A_WRITE, text } from './records.ts';
import { soqlList } from './soql.ts';

const linkRow = z.object({
  Id: z.string(),
  Email: text,
  FirstName: text,
  LastName: text,
  Dealseat_Redeem_Link__c: text,
});

export async function readRedeemLinks(
  connection: Connection,
  contactIds: readonly string[],
  signal?: AbortSignal,
): Promise<RedeemLinks> {
  const askedAs = new Map(contactIds.map((id) => [requireContactId(id), id]));
  const call: SalesforceCall = {
    name: 'read the redeem links of contacts',
    effect: 'read',
    object: 'Contact',
    secrets: 'all',
  };
  const links = new Map<string, string>();
  const people = new Map<string, Contact>();
  const missing = new Set(askedAs.keys());
  for (const ids of chunks([...askedAs.keys()], IDS_A_QUERY)) {
    const soql = `SELECT Id, Email, FirstName, LastName, Dealseat_Redeem_Link__c FROM Contact WHERE Id IN ${soqlList(ids)}`;
    for (const row of await connection.query(soql, linkRow, call, signal)) {
      const link = row.Dealseat_Redeem_Link__c;
      missing.delete(row.Id);
      const id = askedAs.get(row.Id) ?? row.Id;
      people.set(id, { id, email: row.Email, firstName: row.FirstName, lastName: row.LastName });
      if (link) links.set(id, link);
    }
  }
  const gone = await readDeletedContacts(connection, [...missing], signal);
  const unseen = [...missing].map((id) => [askedAs.get(id) ?? id, gone.has(id) ? 'gone' : 'hidden'] as const);
  return { links, people, unseen: new Map(unseen) };
}

/**
 * Overwrites, so a repeat after a partial failure writes the same again. What Salesforce refuses of one contact keeps
 * no other from being written; a contact that is gone has no link that could be emptied.
 */
export async function writeRedeemLinks(
  connection: Connection,
  links: ReadonlyMap<string, string | null>,
  signal?: AbortSignal,
): Promise<void> {
  const records = [...links].map(([contactId, link]) => ({
    Id: requireContactId(contactId),
    Dealseat_Redeem_Link__c: link,
  }));
  const call: SalesforceCall = {
    name: 'write redeem links to contacts',
    effect: 'overwrite',
    object: 'Contact',
    secrets: 'all',
  };
  const refused: Refused[] = [];
  for (const batch of chunks(records, RECORDS_A_WRITE)) {
    const results = await connection.request(
      call,
      itemResults.length(batch.length),
      (jsforce) => jsforce.sobject('Contact').update(batch, { allOrNone: false }),
      signal,
    );
    for (const [index, { Id: contactId, Dealseat_Redeem_Link__c: link }] of batch.entries()) {
      const result = results[index];
      if (result?.success !== false) continue;
      const ofContact = { ...call, name: `write the redeem link of contact ${contactId}` };
      const failure = failureOfFaults(result.errors, ofContact, 200);
      const [fault] = result.errors;
      if (failure === null || fault === undefined) continue;
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
  const forPeople = failures.filter((failure) => failure.class === 'attention');
  const decisive = forPeople.find(({ mayPass }) => !mayPass) ?? forPeople[0] ?? failures[0];
  const named = refused.slice(0, NAMED_CONTACTS).map(({ contactId, fault }) => `${contactId} ${fault.code}`);
  const names = [...named, ...(refused.length > NAMED_CONTACTS ? ['…'] : [])].join(', ');
  return new DealseatError({
    code: decisive?.code ?? 'crm.invalid_request',
    message: `${decisive?.message} (${numberOf(refused.length)} of ${countOf(total, 'contact')} refused: ${names})`,
    retryAfterMs: decisive?.retryAfterMs,
    mayPass: decisive?.mayPass,
  });
}
