import { isJsonObject, layersOf } from './layers.ts';

/** What to add to the query to get the next page. */
export interface PageLink {
  readonly parameter: 'cursor' | 'page';
  readonly value: string;
}

export interface Page {
  readonly body: unknown;
  /** Null while more pages follow. `broken`: the platform says there is more but shows no way on. */
  readonly end: 'complete' | 'broken' | null;
}

/**
 * Reads a paged list to its end. Cursors are opaque; `total` ends nothing, because the platform misreports it.
 * The end is `broken` when a link was followed before, is missing, or after `maxPages`.
 */
export async function* readPages(
  readPage: (link: PageLink | null) => Promise<unknown>,
  maxPages: number,
): AsyncGenerator<Page, void, undefined> {
  const followed = new Set<string>();
  let link: PageLink | null = null;
  for (let count = 1; ; count += 1) {
    const body = await readPage(link);
    const next = nextPage(body);
    link = next.link;
    const key: string = link === null ? '' : `${link.parameter}=${link.value}`;
    if (!next.hasMore) {
      yield { body, end: 'complete' };
      return;
    }
    if (link === null || followed.has(key) || count >= maxPages) {
      yield { body, end: 'broken' };
      return;
    }
    followed.add(key);
    yield { body, end: null };
  }
}

/**
 * The three paging models of the platform: `pageInfo` with a cursor, `pageInfo` with a page number, and
 * `meta` with `nextCursor` or page counts.
 */
export function nextPage(body: unknown): { hasMore: boolean; link: PageLink | null } {
  const layers = layersOf(body);
  const pageInfo = layers.map((layer) => layer.pageInfo).find(isJsonObject);
  if (pageInfo) {
    const link = cursorLink(pageInfo.cursor) ?? pageLink(pageInfo.currentPage, pageInfo.hasMore === true);
    return { hasMore: pageInfo.hasMore === undefined ? link !== null : pageInfo.hasMore === true, link };
  }
  const meta = layers.map((layer) => layer.meta).find(isJsonObject);
  if (meta) {
    const hasPages = countOf(meta.page) < countOf(meta.totalPages);
    const link = cursorLink(meta.nextCursor) ?? pageLink(meta.page, hasPages);
    return { hasMore: link !== null, link };
  }
  return { hasMore: false, link: null };
}

/** How many rows the platform says the whole list has. It misreports that, so no list is ended by it. */
export function totalOf(body: unknown): number | null {
  const layers = layersOf(body);
  const told = [...layers.map((layer) => layer.pageInfo), ...layers.map((layer) => layer.meta)]
    .filter(isJsonObject)
    .map(({ total, totalCount }) => countOf(total ?? totalCount));
  return told.find((total) => Number.isSafeInteger(total) && total >= 0) ?? null;
}

/** Not a number for what is none: converting an object can throw. */
function countOf(value: unknown): number {
  return typeof value === 'number' || typeof value === 'string' ? Number(value) : Number.NaN;
}

function cursorLink(cursor: unknown): PageLink | null {
  if (typeof cursor === 'number') return { parameter: 'cursor', value: String(cursor) };
  return typeof cursor === 'string' && cursor !== '' ? { parameter: 'cursor', value: cursor } : null;
}

function pageLink(current: unknown, hasNext: boolean): PageLink | null {
  if (!hasNext || typeof current !== 'number') return null;
  return { parameter: 'page', value: String(current + 1) };
}

export function withPage(target: string, link: PageLink | null): string {
  if (link === null) return target;
  const separator = target.includes('?') ? '&' : '?';
  return `${target}${separator}${link.parameter}=${encodeURIComponent(link.value)}`;
}
