import { type Document, isScalar, LineCounter, parseDocument, visit } from 'yaml';
import { CatalogError } from './catalog-error.ts';

/** Thousands of products. What is larger is no catalog, and a check of it would take long. */
const MAX_CHARACTERS = 1024 * 1024;

/** Plain data. Throws `CatalogError` for what is no YAML, or could become dangerous as such. */
export function parseYaml(text: string, source: string): unknown {
  if (text.length > MAX_CHARACTERS) {
    throw new CatalogError(source, [`the file: expected at most ${MAX_CHARACTERS} characters`]);
  }
  const lines = new LineCounter();
  // The parser compares each key with every other one, which takes minutes for a large file.
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: false });
  const errors = document.errors.map((error) => error.message.split('\n')[0] ?? error.code);
  if (errors.length > 0) throw new CatalogError(source, errors);
  const repeated = repeatedKeys(document, lines);
  if (repeated.length > 0) throw new CatalogError(source, repeated);
  try {
    // Aliases are refused: they can blow a small file up to any size.
    return document.toJS({ maxAliasCount: 0 });
  } catch (error) {
    throw new CatalogError(source, [error instanceof Error ? error.message : String(error)]);
  }
}

function repeatedKeys(document: Document.Parsed, lines: LineCounter): string[] {
  const faults: string[] = [];
  visit(document, {
    Map: (_, { items }) => {
      const seen = new Set<unknown>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        if (seen.has(key.value)) {
          const { line, col } = lines.linePos(key.range?.[0] ?? 0);
          faults.push(`keys must be unique: line ${line}, column ${col}`);
        }
        seen.add(key.value);
      }
    },
  });
  return faults;
}
