import { z } from 'zod';
import type { NamedId } from '../../domain/deal/catalog-names.ts';
import { nameKey } from '../../domain/names.ts';
import { attempt, type SetupCheck } from '../setup-check.ts';
import { checkMatches, judgeIds, judgeSkus } from '../setup-names.ts';
import type { SalesforceCall } from './call.ts';
import type { Connection } from './connection.ts';
import { chunks, text } from './records.ts';
import { CURES } from './setup-cures.ts';
import { soqlList } from './soql.ts';

/** Values of one query: an address may have 16,384 bytes. */
const VALUES_A_QUERY = 200;

export function checkCatalogMatches(
  connection: Connection,
  catalog: Parameters<typeof checkMatches>[0],
  signal?: AbortSignal,
): Promise<SetupCheck[]> {
  return checkMatches(catalog, {
    products: (named) => checkIds(connection, PRODUCTS, named, signal),
    skus: (names) => checkSkus(connection, names, signal),
    companies: (named) => checkIds(connection, ACCOUNTS, named, signal),
  });
}

const PRODUCTS = { object: 'Product2', noun: 'product', key: 'salesforceProductId' };
const ACCOUNTS = { object: 'Account', noun: 'account', key: 'salesforceAccountId' };

function checkIds(
  connection: Connection,
  { object, noun, key }: typeof PRODUCTS,
  named: readonly NamedId[],
  signal?: AbortSignal,
): Promise<SetupCheck> {
  return attempt(`Salesforce ${noun}s that the catalog names by id`, CURES, async () => {
    const known = new Set<string>();
    for (const some of chunks(named, VALUES_A_QUERY)) {
      const soql = `SELECT Id FROM ${object} WHERE Id IN ${soqlList(some.map(({ id }) => id))}`;
      const call: SalesforceCall = { name: `read ${noun}s of the catalog`, effect: 'read', object };
      for (const { Id } of await connection.query(soql, idRow, call, signal)) known.add(Id);
    }
    return judgeIds({
      named,
      known,
      none: `the org shows no ${noun}`,
      advice: `Correct \`${key}\` in the catalog, or let the integration user see the ${noun}.`,
    });
  });
}

const idRow = z.object({ Id: z.string() });
const codeRow = z.object({ ProductCode: text });

/** Product codes among which the nearest is sought. */
const CANDIDATES = 2_000;

function checkSkus(
  connection: Connection,
  names: readonly string[],
  signal?: AbortSignal,
): Promise<SetupCheck> {
  return attempt('Salesforce products with the SKUs of the catalog', CURES, async () => {
    const known: string[] = [];
    const read = async (rest: string) => {
      const soql = `SELECT ProductCode FROM Product2 WHERE ProductCode ${rest}`;
      const call: SalesforceCall = { name: 'read product codes', effect: 'read', object: 'Product2' };
      const rows = await connection.query(soql, codeRow, call, signal);
      known.push(...rows.flatMap(({ ProductCode }) => ProductCode ?? []));
    };
    for (const some of chunks(names, VALUES_A_QUERY)) await read(`IN ${soqlList(some)}`);
    if (new Set(known.map(nameKey)).size < names.length) await read(`!= null LIMIT ${CANDIDATES}`);
    return judgeSkus({ names, known });
  });
}
