import type { Deal } from './deal.ts';

/**
 * Start of the latest unbroken stay in won stages, ISO instant; null when the deal is not won, or its CRM keeps no
 * history. A move from one won stage to another does not win a deal anew.
 */
export function wonAtOf({ isWon, stageHistory }: Pick<Deal, 'isWon' | 'stageHistory'>): string | null {
  if (!isWon) return null;
  let start: string | null = null;
  const newestFirst = [...stageHistory].sort((a, b) => Date.parse(b.since) - Date.parse(a.since));
  for (const entry of newestFirst) {
    if (!entry.isWon) break;
    start = entry.since;
  }
  return start;
}
