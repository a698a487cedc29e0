/** The known word that was probably meant; null: none is near enough. */
export function nearestOf(word: string, known: Iterable<string>): string | null {
  const bare = bareOf(word);
  let nearest: { readonly word: string; readonly distance: number } | null = null;
  for (const candidate of known) {
    const ownLimit = Math.min(2, Math.floor(Math.min(word.length, candidate.length) / 5) + 1);
    const limit = nearest === null ? ownLimit : Math.min(ownLimit, nearest.distance - 1);
    const distance = distanceOf(bare, bareOf(candidate), limit);
    if (distance <= limit) nearest = { word: candidate, distance };
  }
  return nearest?.word ?? null;
}

/** `company_id`, `companyId` and `CompanyID` are one spelling. */
function bareOf(word: string): string {
  return word.toLowerCase().replace(/[-_ ]/g, '').slice(0, MAX_LENGTH);
}

const MAX_LENGTH = 80;

/** Letters to add, leave out, change or swap with the next; anything above the limit is not counted to its end. */
function distanceOf(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return Number.POSITIVE_INFINITY;
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row += 1) {
    const next = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const isSame = a[row - 1] === b[column - 1];
      const isSwapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      next.push(
        Math.min(
          (last[column] ?? 0) + 1,
          (next[column - 1] ?? 0) + 1,
          (last[column - 1] ?? 0) + (isSame ? 0 : 1),
          isSwapped ? (before[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
    before = last;
    last = next;
  }
  return last[b.length] ?? 0;
}
