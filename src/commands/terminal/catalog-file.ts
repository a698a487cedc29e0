import { readFile } from 'node:fs/promises';
import { parseCatalog } from '../../config/load-catalog.ts';
import type { Catalog } from '../../domain/deal/catalog.ts';
import { UsageError } from './terminal.ts';

/** Stands in for the tenant's own host where none is configured: links to it are what a catalog may hold. */
const UNKNOWN_LEARNER_URL = 'https://learners.invalid';

/** Throws `CatalogError` with every fault, or `UsageError` for a file that cannot be read. */
export async function readCatalogFile(path: string, learnerUrl: string | undefined): Promise<Catalog> {
  return parseCatalog(await readText(path), {
    learnerUrl: learnerUrl ?? UNKNOWN_LEARNER_URL,
    source: path,
  });
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const { code: why = String(error) } = error as NodeJS.ErrnoException;
    throw new UsageError(
      `The catalog ${path} cannot be read (${why}). Name the file, or set DEALSEAT_CATALOG; catalog.example.yaml is one to start from.`,
    );
  }
}
