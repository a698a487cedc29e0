import type { Catalog } from '../../domain/deal/catalog.ts';
import { codesPerNumber, SAFE_CODE_LENGTH } from '../../domain/seats/spreadsheet-text.ts';
import { type DoctorCheck, note } from './check.ts';

/** Short codes of letters and digits now and then look like a number, which Excel changes when it opens a CSV file. */
export function codeLengthChecks(name: string, { products }: Catalog): DoctorCheck[] {
  return products.flatMap((product) => {
    if (product.ignore || product.codeLength >= SAFE_CODE_LENGTH) return [];
    const { title, codeLength } = product;
    const often = codesPerNumber(codeLength).toLocaleString('en-US');
    return note(
      `${name}: "${title}" has codes of ${codeLength} characters`,
      `About one of ${often} such codes looks like a number or a date to Excel, which changes it in the CSV roster. Set codeLength to ${SAFE_CODE_LENGTH} or more, or have buyers use the links or the .xlsx roster.`,
    );
  });
}
