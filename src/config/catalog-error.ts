import type { z } from 'zod';

const MAX_FAULTS_TOLD = 100;

/** Every fault of a catalog at once, each naming its place (`products[2].grants`) and what was expected. */
export class CatalogError extends Error {
  readonly faults: readonly string[];

  constructor(source: string, faults: readonly string[]) {
    const more = faults.length - MAX_FAULTS_TOLD;
    const told = [...faults.slice(0, MAX_FAULTS_TOLD), ...(more > 0 ? [`and ${more} more`] : [])];
    super(
      `${source} has ${faults.length} ${faults.length === 1 ? 'fault' : 'faults'}:\n${told.map((f) => `  - ${f}`).join('\n')}`,
    );
    this.name = 'CatalogError';
    this.faults = faults;
  }
}

/** Unions report all their branches; the branch that came furthest is the one its author meant. */
export function describeIssue(issue: z.core.$ZodIssue, parent: readonly PropertyKey[]): string[] {
  const path = [...parent, ...issue.path];
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const best = [...issue.errors].sort((a, b) => score(a) - score(b))[0] ?? [];
    return best.flatMap((inner) => describeIssue(inner, path));
  }
  const where = path.length === 0 ? 'the file' : formatPath(path);
  return [`${where}: ${issue.message}`];
}

/** Fewer faults mean a better fit; a wrong discriminator or a foreign key means another branch was meant. */
function score(issues: readonly z.core.$ZodIssue[]): number {
  const foreign = issues.filter(
    ({ code }) => code === 'invalid_value' || code === 'unrecognized_keys',
  ).length;
  return foreign * 10 + issues.length;
}

function formatPath(path: readonly PropertyKey[]): string {
  return path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('')
    .replace(/^\./, '');
}
