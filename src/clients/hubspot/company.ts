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
  dealId: string,
  signal?: AbortSignal,
): Promise<Pick<Deal, 'company' | 'unseenCompany'>> {
  const associations = await associationsOfDeal(connection, dealId, 'companies', signal);
  const isPrimary = ({ types }: Association) => types.some(({ typeId }) => typeId === PRIMARY_COMPANY_TYPE);
  const chosen = associations.find(isPrimary) ?? associations[0];
  if (!chosen) return { company: null, unseenCompany: null };
  const { toId: id } = chosen;
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
