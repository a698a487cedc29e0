import type { Config } from '../../config/config.ts';
import { CatalogError } from '../../config/load-catalog.ts';
import type { Catalog } from '../../domain/deal/catalog.ts';
import { countOf } from '../../domain/words.ts';
import { readCatalogFile } from '../terminal/catalog-file.ts';
import { UsageError } from '../terminal/terminal.ts';
import { failed, ok, type Tried, warning } from './check.ts';

export interface CatalogCheck {
  /** Null: it cannot be used. */
  readonly catalog: Catalog | null;
  readonly checks: readonly Tried[];
}

/** Shorter codes can be guessed, and spreadsheets take some of them for numbers. */
const SAFE_CODE_LENGTH = 8;

export async function checkCatalog({ catalogPath, ti }: Config): Promise<CatalogCheck> {
  const name = `Catalog ${catalogPath}`;
  try {
    const catalog = await readCatalogFile(catalogPath, ti?.learnerUrl);
    const { products, partners } = catalog;
    const summary = `${countOf(products.length, 'product')}, ${countOf(partners.length, 'partner')}`;
    return { catalog, checks: [ok(name, summary), ...shortCodes(catalog)] };
  } catch (error) {
    const cure = 'Correct the catalog; `dealseat catalog check` shows all its faults.';
    if (error instanceof CatalogError)
      return { catalog: null, checks: error.faults.map((fault) => failed(name, fault, cure)) };
    if (error instanceof UsageError)
      return { catalog: null, checks: [failed(name, error.message, 'Set DEALSEAT_CATALOG to the file.')] };
    throw error;
  }
}

function shortCodes({ products }: Catalog): Tried[] {
  const short = products.flatMap((product) =>
    !product.ignore && product.codeLength < SAFE_CODE_LENGTH
      ? [`${product.title} (${product.codeLength})`]
      : [],
  );
  if (short.length === 0) return [];
  return [
    warning(
      'Length of codes',
      `codes of fewer than ${SAFE_CODE_LENGTH} characters can be guessed, and spreadsheets change some: ${short.join(', ')}`,
      'Set `codeLength` to 12 in the catalog.',
    ),
  ];
}
