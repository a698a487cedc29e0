import { isMap, isScalar, isSeq, LineCounter, type Pair, parseDocument, visit, type YAMLMap } from 'yaml';
import { countOf } from '../domain/words.ts';
import { CatalogError, type CatalogFault, type Position } from './catalog-error.ts';

/** Thousands of products. What is larger is no catalog, and a check of it would take long. */
const MAX_CHARACTERS = 1024 * 1024;

export interface ParsedYaml {
  /** Plain data. */
  readonly data: unknown;
  /** Keys that stand twice: the data has the last of them. */
  readonly faults: readonly CatalogFault[];
  /** Where it stands; of what is not there, where its parent does. */
  locate(path: readonly PropertyKey[]): Position | null;
}

/** Throws `CatalogError` for what is no YAML, or could become dangerous as such. */
export function parseYaml(text: string, source: string): ParsedYaml {
  if (text.length > MAX_CHARACTERS) {
    throw new CatalogError(source, [
      { text: `the file: expected at most ${countOf(MAX_CHARACTERS, 'character')}`, position: null },
    ]);
  }
  const counter = new LineCounter();
  const positionOf = (offset: number): Position => {
    const { line, col } = counter.linePos(offset);
    return { line, column: col };
  };
  // The parser compares each key with every other one, which takes minutes for a large file.
  const document = parseDocument(text, { lineCounter: counter, uniqueKeys: false });
  if (document.errors.length > 0) {
    throw new CatalogError(
      source,
      document.errors.map(({ message, code, pos }) => ({
        text: (message.split('\n')[0] ?? code).replace(/ at line \d+, column \d+:?$/, ''),
        position: positionOf(pos[0]),
      })),
    );
  }
  return {
    data: toData(() => document.toJS({ maxAliasCount: 0 }), source),
    faults: repeatedKeys(document, positionOf),
    locate(path) {
      const offset = offsetOf(document.contents, path);
      return offset === null ? null : positionOf(offset);
    },
  };
}

/** Aliases are refused: they can blow a small file up to any size. */
function toData(convert: () => unknown, source: string): unknown {
  try {
    return convert();
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    throw new CatalogError(source, [{ text, position: null }]);
  }
}

/** Of the deepest part of the path that is there: of its key where it has one. */
function offsetOf(root: unknown, path: readonly PropertyKey[]): number | null {
  let node = root;
  let offset = startOf(root);
  for (const key of path) {
    const [found, at] = stepInto(node, key);
    if (at === null) break;
    node = found;
    offset = at;
  }
  return offset;
}

function stepInto(node: unknown, key: PropertyKey): readonly [node: unknown, offset: number | null] {
  if (isMap(node)) {
    const pair = pairsOf(node).get(String(key));
    return pair === undefined ? [null, null] : [pair.value, startOf(pair.key)];
  }
  if (!isSeq(node) || typeof key !== 'number') return [null, null];
  const item = node.items[key];
  return [item, startOf(item)];
}

/** A file may have very many keys, and a fault for each of them. */
const known = new WeakMap<object, ReadonlyMap<string, Pair>>();

function pairsOf(node: YAMLMap): ReadonlyMap<string, Pair> {
  const before = known.get(node);
  if (before !== undefined) return before;
  const pairs = new Map(
    node.items.flatMap((item) => (isScalar(item.key) ? [[String(item.key.value), item] as const] : [])),
  );
  known.set(node, pairs);
  return pairs;
}

function startOf(node: unknown): number | null {
  return (node as { readonly range?: readonly number[] | null } | null)?.range?.[0] ?? null;
}

function repeatedKeys(
  document: Parameters<typeof visit>[0],
  positionOf: (offset: number) => Position,
): CatalogFault[] {
  const faults: CatalogFault[] = [];
  visit(document, {
    Map: (_, { items }) => {
      const seen = new Set<unknown>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        if (seen.has(key.value)) {
          const text = `keys must be unique: ${String(key.value).slice(0, 100)} stands there already`;
          faults.push({ text, position: positionOf(key.range?.[0] ?? 0) });
        }
        seen.add(key.value);
      }
    },
  });
  return faults;
}
