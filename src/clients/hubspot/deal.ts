import { z } from 'zod';
import type { Deal, Owner, StageEntry } from '../../domain/deal/deal.ts';
import { DealseatError } from '../../domain/failure.ts';
import { readCompany } from './company.ts';
import type { Connection } from './connection.ts';
import { readDealContacts } from './contacts.ts';
import { DEAL_PROPERTIES, writtenFieldsOf } from './fields.ts';
import { requireDealId } from './ids.ts';
import { closeInstantIn, instantIn } from './instants.ts';
import { readLineItems } from './line-items.ts';
import { type DealStage, readDealStages } from './pipelines.ts';
import type { Portal } from './portal.ts';
import { idsIn, propertyOf, recordSchema } from './records.ts';

/** The default set is small, so everything is asked for by name. */
const READ_DEAL_PROPERTIES = [
  'dealname',
  'dealstage',
  'pipeline',
  'closedate',
  'hubspot_owner_id',
  'hs_merged_object_ids',
  'hs_lastmodifieddate',
  ...Object.values(DEAL_PROPERTIES).map(({ name }) => name),
];

const historyEntrySchema = z.object({ value: z.string().nullish(), timestamp: z.coerce.date() });

const dealRecordSchema = recordSchema.extend({
  propertiesWithHistory: z.object({ dealstage: z.array(historyEntrySchema).nullish() }).nullish(),
});

type DealRecord = z.infer<typeof dealRecordSchema>;

/** Reads a deal with everything around it that a plan needs. */
export async function readDeal(
  { connection, portal }: { readonly connection: Connection; readonly portal: Portal },
  askedId: string,
  signal?: AbortSignal,
): Promise<Deal> {
  const record = await readDealRecord(connection, askedId, signal);
  // The id of a deal that was merged into another still answers, with the surviving deal: its id counts from here.
  const dealId = record.id;
  const [lineItems, people, company, owner, stages] = await Promise.all([
    readLineItems(connection, dealId, signal),
    readDealContacts(connection, dealId, signal),
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
    stageHistory: stageHistoryOf(record, stages),
    stage: stage?.label ?? stageId ?? '',
    closeDate: closeInstantIn(propertyOf(record, 'closedate')),
    owner,
    ...company,
    lineItems,
    ...people,
    mergedDealIds: idsIn(record, 'hs_merged_object_ids'),
    written: writtenFieldsOf(record),
    changedAt: changedAtOf(record),
  };
}

async function readDealRecord(
  connection: Connection,
  dealId: string,
  signal?: AbortSignal,
): Promise<DealRecord> {
  return connection.call(
    {
      name: `read deal ${requireDealId(dealId)}`,
      effect: 'read',
      whenMissing: 'crm.deal_not_found',
      answer: dealRecordSchema,
      signal,
    },
    (client) => client.crm.deals.basicApi.getById(dealId, READ_DEAL_PROPERTIES, ['dealstage']),
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

/** The history names stages without their pipeline: a stage id counts as won when it is won in any. */
function stageHistoryOf(record: DealRecord, stages: readonly DealStage[]): StageEntry[] {
  const won = new Set(stages.filter(({ isWon }) => isWon).map(({ id }) => id));
  return (record.propertiesWithHistory?.dealstage ?? []).map(({ value, timestamp }) => ({
    isWon: won.has(value ?? ''),
    since: timestamp.toISOString(),
  }));
}

function changedAtOf(record: DealRecord): string {
  const changedAt = instantIn(propertyOf(record, 'hs_lastmodifieddate'));
  if (changedAt !== null) return changedAt;
  throw new DealseatError({
    code: 'crm.bad_response',
    message: `HubSpot: read deal ${record.id}: hs_lastmodifieddate is no instant.`,
  });
}
