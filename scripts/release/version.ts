const FORM = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$/;

/** Why this version cannot be released, or null. The current one can be as long as it never was. */
export function versionProblem({
  next,
  current,
  released,
}: {
  readonly next: string;
  readonly current: string;
  /** Versions that have a tag. */
  readonly released: readonly string[];
}): string | null {
  if (!FORM.test(next)) return `"${next}" is not a version; expected three numbers, such as 1.4.0`;
  if (released.includes(next)) return `${next} was released before`;
  const order = compare(next, current);
  if (order < 0) return `${next} is older than ${current}, which package.json has`;
  if (order === 0 && released.length > 0) return `${next} is the version that package.json has already`;
  return null;
}

/** Negative, 0 or positive, as sorting expects it. */
function compare(one: string, other: string): number {
  const [a, b] = [one.split('.').map(Number), other.split('.').map(Number)];
  const place = a.findIndex((number, index) => number !== b[index]);
  return place === -1 ? 0 : (a[place] ?? 0) - (b[place] ?? 0);
}
