import { z } from 'zod';
import type { DealReading } from '../../domain/deal/catalog.ts';
import type { Deal, Owner } from '../../domain/deal/deal.ts';
import { DealseatError } from '../../domain/failure.ts';
import { associationsChangedAt, COUNT_PROPERTIES } from './association-counts.ts';
import { readCompany } from './company.ts';
import type { Connection } from './connection.ts';
import { readDealContacts } from './contacts.ts';
import { DEAL_PROPERTIES, writtenFieldsOf } from './fields.ts';
import { requireDealId } from './ids.ts';
import { calendarInstantIn, instantIn } from './instants.ts';
import { readLineItems } from './line-items.ts';
import { type DealStage, readDealStages } from './pipelines.ts';
import type { Portal } from './portal.ts';
import { type HubSpotRecord, idsIn, propertyOf, recordSchema } from './records.ts';
import type { SeatFieldReader } from './seat-fields.ts';
import { findStage, STAGE_PROPERTIES, standingOfRecord } from './standing.ts';

/** The default set is small, so everything is asked for by name. */
const READ_DEAL_PROPERTIES = [
  'dealname',
  ...STAGE_PROPERTIES,
  ...COUNT_PROPERTIES,
  'closedate',
  'hubspot_owner_id',
  'hs_merged_object_ids',
  'hs_lastmodifieddate',
  ...Object.values(DEAL_PROPERTIES).map(({ name }) => name),
];

export interface DealSource {
  readonly connection: Connection;
  readonly portal: Portal;
  readonly reading: DealReading;
  readonly readSeatFields: SeatFieldReader;
}

/** Reads a deal with everything around it that a plan needs. */
export async function readDeal(
  { connection, portal, reading, readSeatFields }: DealSource,
  askedId: string,
  signal?: AbortSignal,
): Promise<Deal> {
  const record = await readDealRecord(connection, { askedId, seatFields: reading.seatFields }, signal);
  // The id of a deal that was merged into another still answers, with the surviving deal: its id counts from here.
  const dealId = record.id;
  const closeDate = calendarInstantIn(propertyOf(record, 'closedate'));
  const [lineItems, { associated, ...people }, company, owner, stages, seatFields] = await Promise.all([
    readLineItems(connection, { dealId, closeDate }, signal),
    readDealContacts(connection, dealId, signal),
    readCompany(connection, dealId, signal),
    readOwner(connection, propertyOf(record, 'hubspot_owner_id'), signal),
    readDealStages(connection, signal),
    readSeatFields(record, signal),
  ]);
  const stageId = propertyOf(record, 'dealstage');
  const stage = findStage({ pipelineId: propertyOf(record, 'pipeline'), stageId }, stages);
  const changedAt = changedAtOf(record);
  const { wonIn, ...standing } = standingOfRecord(record, stages, reading.terms);
  return {
    crm: 'hubspot',
    account: portal.id,
    dealId,
    name: propertyOf(record, 'dealname') ?? '',
    url: portal.dealUrl(dealId),
    ...standing,
    ...leftOut(wonIn, stages, reading.terms),
    stage: stage?.label ?? stageId ?? '',
    closeDate,
    owner,
    ...company,
    lineItems,
    ...(seatFields.length === 0 ? {} : { seatFields }),
    ...people,
    mergedDealIds: idsIn(record, 'hs_merged_object_ids'),
    written: writtenFieldsOf(record),
    writtenAt: associationsChangedAt(record, {
      found: { contacts: associated, lineItems: lineItems.length },
      changedAt,
    }),
    changedAt,
  };
}

async function readDealRecord(
  connection: Connection,
  { askedId, seatFields }: { readonly askedId: string; readonly seatFields: readonly string[] },
  signal?: AbortSignal,
): Promise<HubSpotRecord> {
  const properties = [...READ_DEAL_PROPERTIES, ...seatFields];
  return connection.call(
    {
      name: `read deal ${requireDealId(askedId)}`,
      effect: 'read',
      whenMissing: 'crm.deal_not_found',
      answer: recordSchema,
      signal,
    },
    (client) =>
      client.crm.deals.basicApi.getById(askedId, properties, [...STAGE_PROPERTIES, ...COUNT_PROPERTIES]),
  );
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

/** A deal that was won in a pipeline that counts goes on to count wherever it is moved. */
function leftOut(
  wonIn: readonly string[],
  stages: readonly DealStage[],
  { kinds }: DealReading['terms'],
): Pick<Deal, 'leftOut'> {
  if (kinds.length === 0 || wonIn.length === 0 || wonIn.some((id) => kinds.includes(id))) return {};
  const names = wonIn.map((id) => stages.find(({ pipelineId }) => pipelineId === id)?.pipelineLabel ?? id);
  return { leftOut: `pipeline "${names.join('", "')}"` };
}

function changedAtOf(record: HubSpotRecord): string {
  const changedAt = instantIn(propertyOf(record, 'hs_lastmodifieddate'));
  if (changedAt !== null) return changedAt;
  throw new DealseatError({
    code: 'crm.bad_response',
    message: `HubSpot: read deal ${record.id}: hs_lastmodifieddate is no instant.`,
  });
}
