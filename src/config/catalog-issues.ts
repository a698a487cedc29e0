import type { z } from 'zod';
import { nearestOf } from '../domain/did-you-mean.ts';

/** One thing that the schema refuses. */
export interface CatalogIssue {
  readonly path: readonly PropertyKey[];
  /** Of a key that is not known: itself; its path is that of what it stands in. */
  readonly unknownKey?: string;
  readonly message: string;
  /** Not to be said: what is missing stands there under a misspelt key, which is. */
  readonly isImplied?: true;
}

/** Every issue on its own, in words; `schema` is the JSON schema of the catalog, which knows the keys. */
export function issuesOf(
  issues: readonly z.core.$ZodIssue[],
  { data, schema }: { readonly data: unknown; readonly schema: object },
): CatalogIssue[] {
  const leaves = issues.flatMap((issue) => leavesOf(issue, []));
  const meant = new Set<string>();
  const said = leaves.flatMap((leaf): CatalogIssue[] => {
    if (leaf.code !== 'unrecognized_keys') return [leaf];
    const known = knownKeys(schema, leaf.path).filter((key) => !isThere(data, [...leaf.path, key]));
    return leaf.keys.map((unknownKey) => {
      const nearest = nearestOf(unknownKey, known);
      if (nearest !== null) meant.add(formatPath([...leaf.path, nearest]));
      const cure = nearest === null ? listOf(known) : `; did you mean "${nearest}"?`;
      return { path: leaf.path, unknownKey, message: `unknown key ${JSON.stringify(unknownKey)}${cure}` };
    });
  });
  return said.map((issue) =>
    issue.unknownKey === undefined && meant.has(formatPath(issue.path))
      ? { ...issue, isImplied: true }
      : issue,
  );
}

function listOf(known: readonly string[]): string {
  return known.length === 0 ? '' : `; expected one of ${known.join(', ')}`;
}

interface Leaf {
  readonly code: string | undefined;
  readonly path: readonly PropertyKey[];
  readonly keys: readonly string[];
  readonly message: string;
}

/** Unions report all their branches; the branch that came furthest is the one its author meant. */
function leavesOf(issue: z.core.$ZodIssue, parent: readonly PropertyKey[]): Leaf[] {
  const path = [...parent, ...issue.path];
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const best = [...issue.errors].sort((a, b) => score(a) - score(b))[0] ?? [];
    return best.flatMap((inner) => leavesOf(inner, path));
  }
  const keys = issue.code === 'unrecognized_keys' ? issue.keys : [];
  return [{ code: issue.code, path, keys, message: issue.message }];
}

/** Fewer faults mean a better fit; a wrong discriminator or a foreign key means another branch was meant. */
function score(issues: readonly z.core.$ZodIssue[]): number {
  const foreign = issues.filter(
    ({ code }) => code === 'invalid_value' || code === 'unrecognized_keys',
  ).length;
  return foreign * 10 + issues.length;
}

/** Keys that may stand at this place, in whichever form of it. */
function knownKeys(schema: object, path: readonly PropertyKey[]): string[] {
  let forms = formsOf(schema);
  for (const key of path) {
    forms = forms.flatMap(({ properties, items }) => {
      const inner = typeof key === 'number' ? items : properties?.[String(key)];
      return inner === undefined ? [] : formsOf(inner);
    });
  }
  return [...new Set(forms.flatMap(({ properties = {} }) => Object.keys(properties)))];
}

interface Form {
  readonly anyOf?: readonly object[];
  readonly properties?: Readonly<Record<string, object>>;
  readonly items?: object;
}

function formsOf(schema: object): Form[] {
  const form = schema as Form;
  return [form, ...(form.anyOf ?? []).flatMap(formsOf)];
}

function isThere(data: unknown, path: readonly PropertyKey[]): boolean {
  let value = data;
  for (const key of path) value = (value as Readonly<Record<PropertyKey, unknown>> | null | undefined)?.[key];
  return value !== undefined;
}

export function formatPath(path: readonly PropertyKey[]): string {
  const text = path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('')
    .replace(/^\./, '');
  return text === '' ? 'the file' : text;
}

/** The path that a fault begins with: `products[2].grants: …`. */
export function pathOf(fault: string): PropertyKey[] {
  const [where = ''] = fault.split(':');
  if (where === 'the file') return [];
  return [...where.matchAll(/\[(\d+)\]|[^.[\]]+/g)].map(([text, index]) =>
    index === undefined ? text : Number(index),
  );
}
