import { countOf } from '../words.ts';
import type { FindingText } from './seat-findings.ts';

/** What a rebuild of the database could not tell of a product. Neither codes nor addresses stand in it. */
export function rebuildUnsureFinding(
  dealName: string,
  found: { readonly title: string; readonly doubtful: number; readonly missing: number },
): FindingText {
  const { title, doubtful, missing } = found;
  const unsure =
    doubtful === 0
      ? []
      : [`of ${countOf(doubtful, 'code')} it cannot tell whether their seats were taken back`];
  const bare = missing === 0 ? [] : [`${countOf(missing, 'seat')} came back without a code`];
  return {
    text: `The database of seats was rebuilt for the deal ${dealName}. Codes of ${title} had been replaced: ${[...unsure, ...bare].join(', and ')}.`,
    cure: 'Ask the buyer who still learns. Revoke the seats that were taken back, and give learners seats without a code with `grant`. Then close this with `dealseat seats audit <crm> <deal> --close`.',
  };
}
