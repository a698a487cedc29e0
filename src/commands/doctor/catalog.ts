import type { Config } from '../../config/config.ts';
import { CatalogError } from '../../config/load-catalog.ts';
import type { Catalog } from '../../domain/deal/catalog.ts';
import { codesPerNumber, SAFE_CODE_LENGTH } from '../../domain/seats/spreadsheet-text.ts';
import { countOf, numberOf } from '../../domain/words.ts';
import { readCatalogFile } from '../terminal/catalog-file.ts';
import { UsageError } from '../terminal/terminal.ts';
import { failed, ok, type Tried, warning } from './check.ts';
import { muteNudges } from './mute-nudges.ts';

export interface CatalogCheck {
  /** Null: it cannot be used. */
  readonly catalog: Catalog | null;
  readonly checks: readonly Tried[];
}

export async function checkCatalog(config: Config): Promise<CatalogCheck> {
  const { catalogPath, ti } = config;
  const name = `Catalog ${catalogPath}`;
  try {
    const catalog = await readCatalogFile(catalogPath, ti?.learnerUrl);
    const { products, partners } = catalog;
    const summary = `${countOf(products.length, 'product')}, ${countOf(partners.length, 'partner')}`;
    return { catalog, checks: [ok(name, summary), ...shortCodes(catalog), ...muteNudges(catalog, config)] };
  } catch (error) {
    const cure = 'Correct the catalog; `dealseat catalog check` shows all its faults.';
    if (error instanceof CatalogError)
      return { catalog: null, checks: error.lines.map((fault) => failed(name, fault, cure)) };
    if (error instanceof UsageError)
      return { catalog: null, checks: [failed(name, error.message, 'Set DEALSEAT_CATALOG to the file.')] };
    throw error;
  }
}

/** Short codes of letters and digits now and then look like a number, which Excel changes when it opens a CSV file. */
export function shortCodes({ products }: Catalog): Tried[] {
  return products.flatMap((product) => {
    if (product.ignore || product.codeLength >= SAFE_CODE_LENGTH) return [];
    const often = numberOf(codesPerNumber(product.codeLength));
    return warning(
      `Length of the codes of ${product.title}`,
      `codes of ${product.codeLength} characters can be guessed, and to Excel about one of ${often} looks like a number or a date, which it changes in the CSV roster`,
      `Set \`codeLength\` to ${SAFE_CODE_LENGTH} or more, or have buyers use the links or the .xlsx roster.`,
    );
  });
}
