import type { DealReading } from '../../domain/deal/catalog.ts';
import type { Deal } from '../../domain/deal/deal.ts';
import type { DealPrint } from '../crm.ts';
import { ACTION_PROPERTY, actionOf } from './action.ts';
import { associationsChangedAt } from './association-counts.ts';
import { readCompany } from './company.ts';
import type { Connection } from './connection.ts';
import { readDealContacts } from './contacts.ts';
import { associatedIds, changedAtOf, printOf, readDealRecord } from './deal-record.ts';
import { writtenFieldsOf } from './fields.ts';
import { calendarInstantIn } from './instants.ts';
import { readLineItems } from './line-items.ts';
import type { Owners } from './owners.ts';
import type { DealStage, Stages } from './pipelines.ts';
import type { Portal } from './portal.ts';
import { idsIn, propertyOf } from './records.ts';
import type { SeatFieldReader } from './seat-fields.ts';
import { findStage, standingOfRecord } from './standing.ts';

export interface DealSource {
  readonly connection: Connection;
  readonly portal: Portal;
  readonly reading: DealReading;
  readonly readSeatFields: SeatFieldReader;
  readonly owners: Owners;
  readonly stages: Stages;
}

/** Reads a deal with everything around it that a plan needs. */
export async function readDeal(
  { connection, portal, reading, readSeatFields, owners, stages: known }: DealSource,
  askedId: string,
  signal?: AbortSignal,
): Promise<Deal> {
  const record = await readDealRecord(
    connection,
    { dealId: askedId, seatFields: reading.seatFields },
    signal,
  );
  // The id of a deal that was merged into another still answers, with the surviving deal: its id counts from here.
  const dealId = record.id;
  const closeDate = calendarInstantIn(propertyOf(record, 'closedate'));
  const stageId = propertyOf(record, 'dealstage');
  const [lineItems, { associated, ...people }, company, owner, stages, seatFields, action] =
    await Promise.all([
      readLineItems(connection, { dealId, closeDate, ids: associatedIds(record, 'line_items') }, signal),
      readDealContacts(connection, dealId, signal),
      readCompany(connection, { dealId, ids: associatedIds(record, 'companies') }, signal),
      owners.find(propertyOf(record, 'hubspot_owner_id'), signal),
      known.including(stageId, signal),
      readSeatFields(record, signal),
      actionOf(record, owners, signal),
    ]);
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
    action,
    writtenAt: associationsChangedAt(record, {
      found: { contacts: associated, lineItems: lineItems.length },
      changedAt,
    }),
    changedAt,
    print: printOf(record, reading.seatFields),
  };
}

export async function readPrint(
  { connection, reading: { seatFields } }: DealSource,
  dealId: string,
  signal?: AbortSignal,
): Promise<DealPrint> {
  const record = await readDealRecord(connection, { dealId, seatFields }, signal);
  return {
    print: printOf(record, seatFields),
    changedAt: changedAtOf(record),
    hasAction: propertyOf(record, ACTION_PROPERTY) !== null,
  };
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
