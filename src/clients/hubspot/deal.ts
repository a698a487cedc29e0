import { z } from 'zod';
import type { Company, Contact, Deal, DealContact, LineItem, Owner } from '../../domain/deal.ts';
import { DealseatError } from '../../domain/failure.ts';
import type { Connection } from './connection.ts';
import { type DealStage, readDealStages } from './pipelines.ts';
import type { Portal } from './portal.ts';
import { DEAL_PROPERTIES, numberIn, readMark } from './properties.ts';
import {
  type Association,
  associationsOfDeal,
  type HubSpotRecord,
  propertyOf,
  readAllRecords,
  readRecords,
  recordSchema,
} from './records.ts';

/** The default set is small, so everything is asked for by name. */
const READ_DEAL_PROPERTIES = [
  'dealname',
  'dealstage',
  'pipeline',
  'closedate',
  'hubspot_owner_id',
  ...Object.values(DEAL_PROPERTIES).map(({ name }) => name),
];

/** Reads a deal with everything around it that a plan needs. */
export async function readDeal(
  { connection, portal }: { readonly connection: Connection; readonly portal: Portal },
  askedId: string,
  signal?: AbortSignal,
): Promise<Deal> {
  const record = await readDealRecord(connection, askedId, signal);
  // The id of a deal that was merged into another still answers, with the surviving deal: its id counts from here.
  const dealId = record.id;
  const [lineItems, contacts, company, owner, stages] = await Promise.all([
    readLineItems(connection, dealId, signal),
    readContacts(connection, dealId, signal),
    readCompany(connection, dealId, signal),
    readOwner(connection, propertyOf(record, 'hubspot_owner_id'), signal),
    readDealStages(connection, signal),
  ]);
  const stageId = propertyOf(record, 'dealstage');
  const stage = stageOf(stages, propertyOf(record, 'pipeline'), stageId);
  return {
    crm: 'hubspot',
    account: portal.id,
    dealId,
    name: propertyOf(record, 'dealname') ?? '',
    url: portal.dealUrl(dealId),
    isWon: stage?.isWon ?? false,
    stage: stage?.label ?? stageId ?? '',
    closeDate: calendarDay(propertyOf(record, 'closedate')),
    owner,
    company,
    lineItems,
    contacts,
    mark: readMark(record),
  };
}

async function readDealRecord(
  connection: Connection,
  dealId: string,
  signal?: AbortSignal,
): Promise<HubSpotRecord> {
  if (!/^\d{1,20}$/.test(dealId)) {
    throw new DealseatError({
      code: 'crm.deal_not_found',
      message: 'HubSpot: read deal: a deal id is a whole number, and the one given is not.',
    });
  }
  return connection.call(
    {
      name: `read deal ${dealId}`,
      effect: 'read',
      whenMissing: 'crm.deal_not_found',
      answer: recordSchema,
      signal,
    },
    (client) => client.crm.deals.basicApi.getById(dealId, READ_DEAL_PROPERTIES),
  );
}

async function readLineItems(
  connection: Connection,
  dealId: string,
  signal?: AbortSignal,
): Promise<LineItem[]> {
  const associations = await associationsOfDeal(connection, dealId, 'line_items', signal);
  const records = await readAllRecords(connection, {
    type: 'line_items',
    ids: associations.map(({ toId }) => toId),
    properties: ['name', 'quantity', 'hs_sku', 'hs_product_id'],
    signal,
  });
  const skus = await readProductSkus(connection, records, signal);
  return records.map((record) => {
    const productId = propertyOf(record, 'hs_product_id');
    return {
      id: record.id,
      name: propertyOf(record, 'name') ?? '',
      quantity: numberIn(propertyOf(record, 'quantity')),
      sku: propertyOf(record, 'hs_sku') ?? skus.get(productId ?? '') ?? null,
      productId,
    };
  });
}

/** A line item copies its product when it is sold, and may have lost the SKU: then the product is asked. */
async function readProductSkus(
  connection: Connection,
  lineItems: readonly HubSpotRecord[],
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, string | null>> {
  const ids = lineItems
    .filter((item) => propertyOf(item, 'hs_sku') === null)
    .flatMap((item) => propertyOf(item, 'hs_product_id') ?? []);
  // A product that was deleted since the sale is left out: its line item still has the product id.
  const products = await readRecords(connection, { type: 'products', ids, properties: ['hs_sku'], signal });
  return new Map(products.map((product) => [product.id, propertyOf(product, 'hs_sku')]));
}

const CONTACT_PROPERTIES = ['email', 'firstname', 'lastname'];

async function readContacts(
  connection: Connection,
  dealId: string,
  signal?: AbortSignal,
): Promise<DealContact[]> {
  const associations = await associationsOfDeal(connection, dealId, 'contacts', signal);
  const records = await readAllRecords(connection, {
    type: 'contacts',
    ids: associations.map(({ toId }) => toId),
    properties: CONTACT_PROPERTIES,
    signal,
  });
  const roles = new Map(associations.map((association) => [association.toId, labelsOf(association)]));
  return records.map((record) => ({
    ...toContact(record),
    roles: roles.get(record.id) ?? [],
    isPrimary: false,
  }));
}

/** The labels that people of this portal made and gave; HubSpot's own kinds of association are no roles. */
function labelsOf({ types }: Association): string[] {
  return types.flatMap(({ category, label }) => (category === 'USER_DEFINED' && label !== null ? label : []));
}

export async function readContact(
  connection: Connection,
  contactId: string,
  signal?: AbortSignal,
): Promise<Contact> {
  const record = await connection.call(
    { name: `read contact ${contactId}`, effect: 'read', answer: recordSchema, signal },
    (client) => client.crm.contacts.basicApi.getById(contactId, CONTACT_PROPERTIES),
  );
  return toContact(record);
}

function toContact(record: HubSpotRecord): Contact {
  return {
    id: record.id,
    email: propertyOf(record, 'email'),
    firstName: propertyOf(record, 'firstname'),
    lastName: propertyOf(record, 'lastname'),
  };
}

/** `AssociationTypes.primaryDealToCompany` of the official client. */
const PRIMARY_COMPANY_TYPE = 5;

async function readCompany(
  connection: Connection,
  dealId: string,
  signal?: AbortSignal,
): Promise<Company | null> {
  const associations = await associationsOfDeal(connection, dealId, 'companies', signal);
  const isPrimary = ({ types }: Association) => types.some(({ typeId }) => typeId === PRIMARY_COMPANY_TYPE);
  const chosen = associations.find(isPrimary) ?? associations[0];
  if (!chosen) return null;
  const [record] = await readAllRecords(connection, {
    type: 'companies',
    ids: [chosen.toId],
    properties: ['name', 'domain'],
    signal,
  });
  if (!record) return null;
  return {
    id: record.id,
    name: propertyOf(record, 'name') ?? '',
    domain: hostIn(propertyOf(record, 'domain')),
  };
}

/** People type `https://www.Acme.com/` into the domain as well as `acme.com`. */
function hostIn(domain: string | null): string | null {
  if (domain === null) return null;
  const url = domain.includes('://') ? domain : `https://${domain}`;
  if (!URL.canParse(url)) return null;
  return new URL(url).hostname.replace(/^www\./, '') || null;
}

const ownerSchema = z.object({ id: z.coerce.string(), email: z.string().nullish() });

async function readOwner(
  connection: Connection,
  ownerId: string | null,
  signal?: AbortSignal,
): Promise<Owner | null> {
  if (ownerId === null) return null;
  try {
    const owner = await connection.call(
      { name: `read owner ${ownerId}`, effect: 'read', answer: ownerSchema, signal },
      (client) => client.crm.owners.ownersApi.getById(Number(ownerId), 'id'),
    );
    return { id: owner.id, email: owner.email || null };
  } catch (error) {
    // A user who left is no owner any more: no task can be given to them.
    if (error instanceof DealseatError && error.code === 'crm.not_found') return null;
    throw error;
  }
}

/** Stage ids are unique within a pipeline only. */
function stageOf(
  stages: readonly DealStage[],
  pipelineId: string | null,
  stageId: string | null,
): DealStage | undefined {
  return stages.find(
    (stage) => stage.id === stageId && (pipelineId === null || stage.pipelineId === pipelineId),
  );
}

/**
 * HubSpot keeps the close date as an instant (ISO, or epoch milliseconds). Its day is taken in UTC, whatever the
 * portal's time zone: the day is part of the group label, and must not change when an admin changes the zone.
 */
function calendarDay(instant: string | null): string | null {
  if (instant === null) return null;
  const date = new Date(/^\d+$/.test(instant) ? Number(instant) : instant);
  return Number.isNaN(date.getTime()) ? null : date.toISOString().slice(0, 10);
}
