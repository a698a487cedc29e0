import type { Variable } from 'liquidjs';
import type { MailKind, MailTemplate } from '../domain/deal/mail-policy.ts';
import { closestTo } from './closest-name.ts';
import { contextOf } from './mail-context.ts';
import { SAMPLE_CONTEXT } from './sample-context.ts';
import { namesIn, parseTemplate, putIn } from './template-engine.ts';

/** What is wrong with the templates of one kind, each with its part, line and cure. */
export function templateFaults(kind: MailKind, template: MailTemplate): string[] {
  return (['subject', 'html', 'text'] as const).flatMap((part) => {
    const text = template[part];
    return text === null ? [] : faultsOf(kind, text).map((fault) => `${part}: ${fault}`);
  });
}

function faultsOf(kind: MailKind, text: string): string[] {
  const context = contextOf(kind, SAMPLE_CONTEXT);
  try {
    const template = parseTemplate(text);
    const faults = unknownNames(namesIn(template), new Names(context));
    if (faults.length === 0) putIn(template, context);
    return faults;
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}

/** Liquid's own, which every list or text has. */
const OF_LISTS = ['size', 'first', 'last'];
const LOOPS = ['forloop', 'tablerowloop'];

/** The names of a context as people write them: `deal.name`, and of the entries of lists `product.title`. */
class Names {
  readonly #values: Readonly<Record<string, unknown>>;

  constructor(context: object) {
    this.#values = { ...context };
  }

  get all(): string[] {
    return Object.entries(this.#values).flatMap(([name, value]) =>
      isPlain(value) ? Object.keys(value).map((part) => `${name}.${part}`) : [name],
    );
  }

  /** Of the things in lists. */
  get ofEntries(): string[] {
    const entries = Object.values(this.#values).flatMap((value) =>
      Array.isArray(value) ? value.slice(0, 1) : [],
    );
    return [...new Set(entries.flatMap((entry) => (isPlain(entry) ? Object.keys(entry) : [])))];
  }

  /** The candidates that the last of these segments is none of; null: it is one. */
  missing(segments: readonly unknown[]): readonly string[] | null {
    const [root, ...rest] = segments.map(String);
    if (root === undefined || !Object.hasOwn(this.#values, root)) return this.all;
    let value = this.#values[root];
    let path = root;
    for (const segment of rest) {
      if (Array.isArray(value)) {
        if (segment === 'size') return null;
        if (!/^-?\d+$/.test(segment) && !OF_LISTS.includes(segment))
          return OF_LISTS.map((each) => `${path}.${each}`);
        value = value[0];
      } else if (isPlain(value)) {
        if (!Object.hasOwn(value, segment)) return Object.keys(value).map((each) => `${path}.${each}`);
        value = value[segment];
      } else if (!OF_LISTS.includes(segment)) return [path];
      path = `${path}.${segment}`;
    }
    return null;
  }
}

function unknownNames({ variables, globals, locals }: ReturnType<typeof namesIn>, names: Names): string[] {
  const isGlobal = new Set(Object.values(globals).flat().map(placeOf));
  return Object.values(variables)
    .flat()
    .flatMap((variable) => {
      const [root, part] = variable.segments;
      const candidates = isGlobal.has(placeOf(variable))
        ? names.missing(variable.segments.filter((segment) => typeof segment !== 'object'))
        : missingOfEntry(String(root), part, { names, assigned: Object.keys(locals) });
      if (candidates === null) return [];
      const written = variable.toString();
      const meant = closestTo(written, candidates);
      const hint = meant === null ? '' : `, did you mean ${meant}?`;
      return [
        `line ${variable.location.row}: ${written} is an unknown name${hint} (known: ${candidates.join(', ')})`,
      ];
    });
}

/** Of a loop's variable, which is an entry of some list. */
function missingOfEntry(
  root: string,
  part: unknown,
  { names, assigned }: { readonly names: Names; readonly assigned: readonly string[] },
): readonly string[] | null {
  if (LOOPS.includes(root) || assigned.includes(root) || typeof part !== 'string') return null;
  const known = names.ofEntries;
  return known.includes(part) || OF_LISTS.includes(part) ? null : known.map((each) => `${root}.${each}`);
}

function placeOf({ location: { row, col } }: Variable): string {
  return `${row}:${col}`;
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
