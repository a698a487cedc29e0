import { countOf } from '../../domain/words.ts';
import { attempt, fine, notTried, type SetupCheck } from '../setup-check.ts';
import { type Connection, page, queryPath } from './connection.ts';
import { CURES } from './setup-cures.ts';
import { WonStages } from './won-stages.ts';

/** Objects that every delivery queries, with the fields it relies on; a right that is missing shows at the query only. */
const QUERIES = [
  { object: 'OpportunityHistory', fields: 'OpportunityId, StageName, CreatedDate' },
  { object: 'OpportunityLineItem', fields: 'Id, Quantity, Product2Id, ProductCode, Product2.Name' },
  { object: 'OpportunityContactRole', fields: 'ContactId, Role, IsPrimary, Contact.Email' },
  { object: 'Account', fields: 'Id, Name, Website' },
  { object: 'ContentVersion', fields: 'Id, ContentDocumentId, Checksum' },
  { object: 'Task', fields: 'Id, Subject, Status' },
] as const;

/** Makes each query for a single row. */
export async function checkQueries(connection: Connection, signal?: AbortSignal): Promise<SetupCheck[]> {
  const checks = [await checkWonStages(connection, signal)];
  for (const { object, fields } of QUERIES) {
    checks.push(
      await attempt(`Salesforce right to read ${object}`, CURES, async () => {
        await askOne(connection, { object, fields }, signal);
        return fine();
      }),
    );
  }
  checks.push(await checkFieldHistory(connection, signal));
  return checks;
}

/** Which stages win a deal: without one no deal is ever provisioned. */
async function checkWonStages(connection: Connection, signal?: AbortSignal): Promise<SetupCheck> {
  return attempt('Salesforce right to read OpportunityStage, and won stages', CURES, async () => {
    const names = [...(await new WonStages(connection).names(signal))];
    if (names.length > 0) return fine(`${countOf(names.length, 'won stage')}: ${names.join(', ')}`);
    return {
      state: 'failed',
      found: 'no stage wins an opportunity',
      advice: 'Let the integration user read stages, or add a stage of type Closed/Won.',
    };
  });
}

/** Tells at once who was first on a deal; without it Dealseat waits a little longer. */
async function checkFieldHistory(connection: Connection, signal?: AbortSignal): Promise<SetupCheck> {
  const name = 'Salesforce history of Opportunity.Dealseat_Claim__c';
  return attempt(name, CURES, async () => {
    const found = await attempt(name, CURES, async () => {
      await askOne(connection, { object: 'OpportunityFieldHistory', fields: 'OldValue, NewValue' }, signal);
      return fine('field history can be read');
    });
    return found.state === 'ok'
      ? fine(found.found)
      : notTried('no field of Opportunity is tracked (optional: see the field in docs)');
  });
}

async function askOne(
  connection: Connection,
  { object, fields }: { readonly object: string; readonly fields: string },
  signal?: AbortSignal,
): Promise<void> {
  const path = queryPath(`SELECT ${fields} FROM ${object} LIMIT 1`);
  const call = { name: `read one ${object}`, effect: 'read', object } as const;
  await connection.request(call, page, (jsforce) => jsforce.requestGet(path), signal);
}
