import { z } from 'zod';
import type { NamedId } from '../../domain/deal/catalog-names.ts';
import { attempt, fine, type SetupCheck } from '../setup-check.ts';
import { checkMatches, judgeIds, judgeSkus } from '../setup-names.ts';
import type { Connection } from './connection.ts';
import { findRecords, propertyOf, readRecords, recordSchema } from './records.ts';
import { CURES } from './setup-cures.ts';

export function checkCatalogMatches(
  connection: Connection,
  catalog: Parameters<typeof checkMatches>[0],
  signal?: AbortSignal,
): Promise<SetupCheck[]> {
  return checkMatches(catalog, {
    products: (named) => checkProducts(connection, named, signal),
    skus: (names) => checkSkus(connection, names, signal),
    companies: (named) => checkCompanies(connection, named, signal),
  });
}

function checkProducts(
  connection: Connection,
  named: readonly NamedId[],
  signal?: AbortSignal,
): Promise<SetupCheck> {
  return attempt('HubSpot products that the catalog names by id', CURES, async () => {
    const ids = named.map(({ id }) => id);
    const found = await readRecords(connection, { type: 'products', ids, properties: ['name'], signal });
    return judgeIds({
      named,
      known: new Set(found.map(({ id }) => id)),
      none: 'the portal has no product',
      advice: 'Correct `hubspotProductId` in the catalog: the number in the address of the product.',
    });
  });
}

function checkCompanies(
  connection: Connection,
  named: readonly NamedId[],
  signal?: AbortSignal,
): Promise<SetupCheck> {
  return attempt('HubSpot companies that the catalog names by id', CURES, async () => {
    const ids = named.map(({ id }) => id);
    const { found } = await findRecords(connection, { type: 'companies', ids, properties: ['name'], signal });
    const finding = judgeIds({
      named,
      known: new Set(found.keys()),
      none: 'the portal shows no company',
      advice:
        'Correct `hubspotCompanyId` in the catalog: the number in the address of the company. Or let the app see the company.',
    });
    const merged = [...found].filter(([id, record]) => record.id !== id);
    if (finding.state !== 'ok' || merged.length === 0) return finding;
    return fine(
      merged.map(([id, record]) => `${id} was merged into ${record.id}, which counts as it`).join(', '),
    );
  });
}

const PAGE_SIZE = 100;
/** Beyond these the note says how many products it speaks of. */
const MAX_PAGES = 20;

const pageSchema = z.object({
  results: z.array(recordSchema),
  paging: z.object({ next: z.object({ after: z.coerce.string() }).nullish() }).nullish(),
});

function checkSkus(
  connection: Connection,
  names: readonly string[],
  signal?: AbortSignal,
): Promise<SetupCheck> {
  return attempt('HubSpot products with the SKUs of the catalog', CURES, async () => {
    const known: string[] = [];
    let after: string | undefined;
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const { results, paging } = await connection.call(
        { name: 'list products', effect: 'read', answer: pageSchema, signal },
        (client) => client.crm.products.basicApi.getPage(PAGE_SIZE, after, ['hs_sku']),
      );
      known.push(...results.flatMap((product) => propertyOf(product, 'hs_sku') ?? []));
      const next = paging?.next?.after;
      if (next === undefined || next === after) return judgeSkus({ names, known });
      after = next;
    }
    return judgeSkus({ names, known, none: `none of the first ${MAX_PAGES * PAGE_SIZE} products has` });
  });
}
