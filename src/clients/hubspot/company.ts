import type { Company } from '../../domain/deal/deal.ts';
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
