import type { Company } from '../../domain/deal/deal.ts';
import { hostNameIn } from '../host-name.ts';
import type { Connection } from './connection.ts';
import { type Association, associationsOfDeal, propertyOf, readAllRecords } from './records.ts';

/** `AssociationTypes.primaryDealToCompany` of the official client. */
const PRIMARY_COMPANY_TYPE = 5;

export async function readCompany(
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
    properties: ['name', 'domain', 'website'],
    signal,
  });
  if (!record) return null;
  return {
    id: record.id,
    name: propertyOf(record, 'name') ?? '',
    domain: hostNameIn(propertyOf(record, 'domain')) ?? hostNameIn(propertyOf(record, 'website')),
  };
}
