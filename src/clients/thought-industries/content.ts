import type { TiCall } from './call.ts';
import { type JsonObject, rowsIn } from './layers.ts';
import { type PageLink, readPages, withPage } from './pages.ts';

export const ROWS_A_PAGE = 100;
/** Ids of one search; a longer query is refused by some servers. */
const IDS_A_SEARCH = 20;

interface ContentSearch {
  readonly read: (call: TiCall) => Promise<unknown>;
  readonly ids: readonly string[];
  /** Is given rows that may be about any of the ids, or about something else. */
  readonly take: (rows: readonly JsonObject[]) => void;
  readonly isDone: () => boolean;
  /** Of the whole list, which is read only for ids that the search does not find. */
  readonly maxPages: number;
}

/** By the exact search, and in the whole list what that does not find. False: that list was not read to its end. */
export async function searchContent(search: ContentSearch): Promise<boolean> {
  const { read, ids, take, isDone, maxPages } = search;
  for (let at = 0; at < ids.length; at += IDS_A_SEARCH) {
    const wanted = ids.slice(at, at + IDS_A_SEARCH).map((id) => `_id:${id}`);
    take(
      rowsIn(
        await read(contentCall(`query=${encodeURIComponent(`(${wanted.join(' OR ')})`)}`)),
        'contentItems',
      ),
    );
  }
  if (isDone()) return true;
  const call = contentCall(`perPage=${ROWS_A_PAGE}`);
  const readPage = (link: PageLink | null) => read({ ...call, target: withPage(call.target, link) });
  for await (const { body, end } of readPages(readPage, maxPages)) {
    take(rowsIn(body, 'contentItems'));
    if (isDone() || end === 'complete') return true;
  }
  return false;
}

function contentCall(query: string): TiCall {
  return { name: 'look up content', effect: 'read', method: 'GET', target: `/content?${query}` };
}

export function isSameId(value: unknown, id: string): boolean {
  return typeof value === 'string' && idKey(value) === idKey(id);
}

/** Samples of the platform show ids of both cases. */
export function idKey(id: string): string {
  return id.toLowerCase();
}
