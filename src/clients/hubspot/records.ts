import { z } from 'zod';
import type { Unseen } from '../../domain/deal/deal.ts';
import { DealseatError } from '../../domain/failure.ts';
import type { Connection, HubSpotCall } from './connection.ts';
import { errorEntry } from './error-body.ts';
import { failureOfEntries } from './failures.ts';
import { requireDealId } from './ids.ts';

/** Object types as the API path and the associations endpoint spell them. */
export type ObjectType = 'deals' | 'contacts' | 'companies' | 'line_items' | 'products' | 'notes' | 'tasks';

/** Newest entry first, as HubSpot sends it. */
const historySchema = z
  .array(z.looseObject({ value: z.string().nullish(), timestamp: z.coerce.date() }))
  .nullish();

export const recordSchema = z.object({
  id: z.coerce.string().min(1),
  /** HubSpot leaves a property without value out, or sends null or an empty text: all mean the same. */
  properties: z.record(z.string(), z.string().nullish()),
  propertiesWithHistory: z.record(z.string(), historySchema).nullish(),
});

export type HubSpotRecord = z.infer<typeof recordSchema>;

/** The value of a property, or null when it has none. */
export function propertyOf(record: HubSpotRecord, property: string): string | null {
  const value = record.properties[property]?.trim();
  return value === undefined || value === '' ? null : value;
}

/** ISO instant at which one of these properties got the value it has; null: HubSpot sent no history of them. */
export function lastChangeOf(
  { propertiesWithHistory: histories }: HubSpotRecord,
  properties: readonly string[],
): string | null {
  const instants = properties.flatMap((name) => (histories?.[name] ?? []).map(({ timestamp }) => timestamp));
  return instants.length === 0 ? null : new Date(Math.max(...instants.map(Number))).toISOString();
}

/** A property that lists record ids. */
export function idsIn(record: HubSpotRecord, property: string): string[] {
  return (propertyOf(record, property) ?? '').split(';').filter((id) => id !== '');
}

export const MERGED_IDS = 'hs_merged_object_ids';

/** Ids of the records that were merged into this one, also of one whose id `askedFor` led to it. */
export function formerIdsOf(record: HubSpotRecord, askedFor: string): string[] {
  return [...new Set([...idsIn(record, MERGED_IDS), ...(askedFor === record.id ? [] : [askedFor])])];
}

export interface Association {
  readonly toId: string;
  readonly types: readonly {
    readonly typeId: number;
    readonly category: string;
    readonly label: string | null;
  }[];
}

const associationPageSchema = z.object({
  results: z.array(
    z.object({
      // A text in HubSpot's specification, a number in its documentation.
      toObjectId: z.coerce.string(),
      associationTypes: z.array(
        z.object({ typeId: z.number(), category: z.string(), label: z.string().nullish() }),
      ),
    }),
  ),
  paging: z.object({ next: z.object({ after: z.coerce.string() }).nullish() }).nullish(),
});

const ASSOCIATION_PAGE_SIZE = 500;

/** Everything of one type that is associated with a deal, in HubSpot's order, all pages. */
export function associationsOfDeal(
  connection: Connection,
  dealId: string,
  toType: ObjectType,
  signal?: AbortSignal,
): Promise<Association[]> {
  return associationsOf(connection, { type: 'deals', id: requireDealId(dealId) }, toType, signal);
}

/** The ids of all deals that a contact is associated with. */
export async function dealsOfContact(
  connection: Connection,
  contactId: string,
  signal?: AbortSignal,
): Promise<string[]> {
  const deals = await associationsOf(connection, { type: 'contacts', id: contactId }, 'deals', signal);
  return deals.map(({ toId }) => toId);
}

async function associationsOf(
  connection: Connection,
  from: { readonly type: 'deals' | 'contacts'; readonly id: string },
  toType: ObjectType,
  signal?: AbortSignal,
): Promise<Association[]> {
  const name = `list ${toType} of ${from.type === 'deals' ? 'deal' : 'contact'} ${from.id}`;
  const associations: Association[] = [];
  let after: string | undefined;
  do {
    const page = await connection.call(
      {
        name,
        effect: 'read',
        whenMissing: from.type === 'deals' ? 'crm.deal_not_found' : 'crm.not_found',
        answer: associationPageSchema,
        signal,
      },
      (client) =>
        client.crm.associations.v4.basicApi.getPage(from.type, from.id, toType, after, ASSOCIATION_PAGE_SIZE),
    );
    for (const { toObjectId, associationTypes } of page.results) {
      const types = associationTypes.map(({ typeId, category, label }) => ({
        typeId,
        category,
        label: label ?? null,
      }));
      associations.push({ toId: toObjectId, types });
    }
    const next = page.paging?.next?.after;
    // Followed, it would lead round in circles until time runs out.
    if (next !== undefined && next === after) {
      throw new DealseatError({
        code: 'crm.bad_response',
        message: `HubSpot: ${name}: the page after ${next} follows itself.`,
      });
    }
    after = next;
  } while (after !== undefined);
  return associations;
}

const batchSchema = z.object({
  results: z.array(recordSchema),
  errors: z.array(errorEntry).nullish(),
});

/** What a 207 says of records that are not there, or not for this token. */
const LEFT_OUT: readonly (string | null)[] = ['OBJECT_NOT_FOUND', 'MISSING_SCOPES', 'FORBIDDEN'];

/** HubSpot's bound on one batch of objects. */
export const MAX_BATCH = 100;
/** HubSpot's bound on a batch that asks for histories. */
export const MAX_HISTORY_BATCH = 50;

/**
 * The records with these ids, in the order of the ids; those that do not exist (any more) are left out. What HubSpot fails to
 * read just then is no record that does not exist.
 */
export async function readRecords(
  connection: Connection,
  request: {
    readonly type: ObjectType;
    readonly ids: readonly string[];
    readonly properties: readonly string[];
    readonly withHistory?: readonly string[];
    readonly signal?: AbortSignal | undefined;
  },
): Promise<HubSpotRecord[]> {
  const { type, withHistory = [], signal } = request;
  const ids = [...new Set(request.ids)];
  const found = new Map<string, HubSpotRecord>();
  for (const chunk of chunksOf(ids, withHistory.length > 0 ? MAX_HISTORY_BATCH : MAX_BATCH)) {
    const input = {
      inputs: chunk.map((id) => ({ id })),
      properties: [...request.properties],
      propertiesWithHistory: [...withHistory],
    };
    const call: HubSpotCall<z.infer<typeof batchSchema>> = {
      name: `read ${chunk.length} ${type}`,
      effect: 'read',
      answer: batchSchema,
      signal,
    };
    const { results, errors } = await connection.call(call, (client) => {
      switch (type) {
        case 'deals':
          return client.crm.deals.batchApi.read(input);
        case 'contacts':
          return client.crm.contacts.batchApi.read(input);
        case 'companies':
          return client.crm.companies.batchApi.read(input);
        case 'line_items':
          return client.crm.lineItems.batchApi.read(input);
        case 'products':
          return client.crm.products.batchApi.read(input);
        case 'notes':
          return client.crm.objects.notes.batchApi.read(input);
        case 'tasks':
          return client.crm.objects.tasks.batchApi.read(input);
      }
    });
    const failed = (errors ?? []).filter(({ category }) => !LEFT_OUT.includes(category));
    const failure = failureOfEntries(call, failed);
    if (failure !== null) throw failure;
    for (const record of results) found.set(record.id, record);
  }
  return ids.flatMap((id) => found.get(id) ?? []);
}

/** What became of each record that was asked for, by the id that was asked for. */
export interface FoundRecords {
  /** Under the id of a record that was merged into another one stands that other one. */
  readonly found: ReadonlyMap<string, HubSpotRecord>;
  readonly unseen: ReadonlyMap<string, Unseen['why']>;
}

/** A batch tells neither why it leaves a record out nor whose other id an answer has: more than these are not looked up. */
const MAX_LOOK_UPS = 50;

/** Like `readRecords`, but says of each record that is left out what became of it. */
export async function findRecords(
  connection: Connection,
  request: Parameters<typeof readRecords>[1] & { readonly type: 'contacts' | 'companies' },
): Promise<FoundRecords> {
  const found = new Map((await readRecords(connection, request)).map((record) => [record.id, record]));
  const missing = [...new Set(request.ids)].filter((id) => !found.has(id));
  const unseen = new Map<string, Unseen['why']>(missing.map((id) => [id, 'hidden']));
  for (const id of missing.slice(0, MAX_LOOK_UPS)) {
    const record = await lookUp(connection, { ...request, id });
    if (typeof record === 'string') unseen.set(id, record);
    else {
      unseen.delete(id);
      found.set(id, record);
    }
  }
  return { found, unseen };
}

async function lookUp(
  connection: Connection,
  { type, id, properties, signal }: Omit<Parameters<typeof findRecords>[1], 'ids'> & { readonly id: string },
): Promise<HubSpotRecord | Unseen['why']> {
  try {
    return await connection.call(
      { name: `look up ${id} of ${type}`, effect: 'read', answer: recordSchema, signal },
      (client) => client.crm[type].basicApi.getById(id, [...properties]),
    );
  } catch (error) {
    if (error instanceof DealseatError && error.code === 'crm.not_found') return 'gone';
    if (error instanceof DealseatError && error.code === 'crm.forbidden') return 'hidden';
    throw error;
  }
}

/** Like `readRecords`, but a record that is missing is an error: leaving out a line item would sell seats short. */
export async function readAllRecords(
  connection: Connection,
  request: Parameters<typeof readRecords>[1],
): Promise<HubSpotRecord[]> {
  const records = await readRecords(connection, request);
  const found = new Set(records.map(({ id }) => id));
  const missing = request.ids.filter((id) => !found.has(id));
  if (missing.length === 0) return records;
  throw new DealseatError({
    code: 'crm.bad_response',
    message: `HubSpot: read ${request.type}: associated with the deal, but not returned: ${missing.slice(0, 5).join(', ')}.`,
  });
}

export function chunksOf<T>(items: readonly T[], size: number): T[][] {
  const chunks: T[][] = [];
  for (let start = 0; start < items.length; start += size) chunks.push(items.slice(start, start + size));
  return chunks;
}
