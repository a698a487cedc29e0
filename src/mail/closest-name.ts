/** More changed letters than this make another name of it. */
const MOST_CHANGES = 3;

/** The name that was probably meant, or null. */
export function closestTo(written: string, names: readonly string[]): string | null {
  const [best] = names
    .map((name) => ({ name, changes: changesBetween(written.toLowerCase(), name.toLowerCase()) }))
    .sort((a, b) => a.changes - b.changes);
  return best !== undefined && best.changes <= Math.min(MOST_CHANGES, written.length / 2) ? best.name : null;
}

/** Letters to insert, delete or replace: Levenshtein. */
function changesBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries()) {
      const replaced = (row[j] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
