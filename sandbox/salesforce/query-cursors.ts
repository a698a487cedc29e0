import { ApiError } from './api-error.ts';
import { mustBeId } from './ids.ts';
import type { JsonRecord } from './present.ts';
import type { QueryPage } from './soql/run.ts';

interface Cursor {
  readonly records: readonly JsonRecord[];
  readonly pageSize: number;
}

/** Results too long for one page, kept until they are asked for. */
export class QueryCursors {
  readonly #cursors = new Map<string, Cursor>();

  firstPage(apiVersion: string, records: readonly JsonRecord[], pageSize: number): QueryPage {
    if (records.length <= pageSize) return { totalSize: records.length, done: true, records };
    const locator = mustBeId(`01g5Y0${String(this.#cursors.size + 1).padStart(9, '0')}`);
    this.#cursors.set(locator, { records, pageSize });
    return page(apiVersion, locator, { records, pageSize }, 0);
  }

  /** `locator` is the last part of a `nextRecordsUrl`: the cursor and the number of rows already given out. */
  nextPage(apiVersion: string, locator: string): QueryPage {
    const [, id = '', offset = ''] = /^(\w{18})-(\d+)$/.exec(locator) ?? [];
    const cursor = this.#cursors.get(id);
    if (!cursor || Number(offset) >= cursor.records.length) {
      throw new ApiError(400, 'INVALID_QUERY_LOCATOR', 'invalid query locator');
    }
    return page(apiVersion, id, cursor, Number(offset));
  }
}

function page(apiVersion: string, locator: string, cursor: Cursor, offset: number): QueryPage {
  const { records, pageSize } = cursor;
  const end = offset + pageSize;
  const done = end >= records.length;
  return {
    totalSize: records.length,
    done,
    ...(done ? {} : { nextRecordsUrl: `/services/data/v${apiVersion}/query/${locator}-${end}` }),
    records: records.slice(offset, end),
  };
}
