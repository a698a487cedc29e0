import type { Deal } from '../../domain/deal/deal.ts';
import { hostNameIn } from '../host-name.ts';
import type { Connection } from './connection.ts';
import {
  type Association,
  associationsOfDeal,
  findRecords,
  formerIdsOf,
  MERGED_IDS,
  propertyOf,
} from './records.ts';

/** `AssociationTypes.primaryDealToCompany` of the official client. */
const PRIMARY_COMPANY_TYPE = 5;

export async function readCompany(
  connection: Connection,
  deal: {
    readonly dealId: string;
    /** Null: not known yet. */
    readonly ids: readonly string[] | null;
  },
  signal?: AbortSignal,
): Promise<Pick<Deal, 'company' | 'unseenCompany'>> {
  const id = deal.ids?.length === 1 ? deal.ids[0] : await findPrimary(connection, deal.dealId, signal);
  if (id === undefined) return { company: null, unseenCompany: null };
  const { found, unseen } = await findRecords(connection, {
    type: 'companies',
    ids: [id],
    properties: ['name', 'domain', 'website', MERGED_IDS],
    signal,
  });
  const record = found.get(id);
  if (!record) return { company: null, unseenCompany: { id, why: unseen.get(id) ?? 'hidden' } };
  const company = {
    id: record.id,
    name: propertyOf(record, 'name') ?? '',
    domain: hostNameIn(propertyOf(record, 'domain')) ?? hostNameIn(propertyOf(record, 'website')),
    formerIds: formerIdsOf(record, id),
  };
  return { company, unseenCompany: null };
}

async function findPrimary(
  connection: Connection,
  dealId: string,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const associations = await associationsOfDeal(connection, dealId, 'companies', signal);
  const isPrimary = ({ types }: Association) => types.some(({ typeId }) => typeId === PRIMARY_COMPANY_TYPE);
  return (associations.find(isPrimary) ?? associations[0])?.toId;
}
