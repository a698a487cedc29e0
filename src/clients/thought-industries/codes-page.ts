import type { RedemptionCode } from '../../domain/seats/code-group.ts';
import { parseInstant } from './instant.ts';
import { isJsonObject, type JsonObject, layersOf } from './layers.ts';

/** The vendor publishes no page for this list, so the names it uses for the same things elsewhere all count. */
const LIST_KEYS = ['redemptionCodes', 'codes', 'data', 'items'] as const;
const CODE_KEYS = ['code', 'redemptionCode', 'value'] as const;
const REDEEMED_STATES = new Set(['redeemed', 'used']);

/**
 * The codes of one page of the list, in order, or why they cannot be read.
 * A row without a code is a problem of the whole page: dropping it would hide a seat.
 */
export type CodesPage =
  | { readonly codes: readonly RedemptionCode[] }
  | { readonly problem: 'no_list' }
  | { readonly problem: 'bad_row'; readonly row: number };

export function parseCodesPage(body: unknown): CodesPage {
  const rows = findRows(body);
  if (rows === null) return { problem: 'no_list' };
  const codes: RedemptionCode[] = [];
  for (const [index, row] of rows.entries()) {
    const code = parseCode(row);
    if (code === null) return { problem: 'bad_row', row: index + 1 };
    codes.push(code);
  }
  return { codes };
}

/** A bare list, or the first list under a known name, in the answer or inside its envelope. */
function findRows(body: unknown): readonly unknown[] | null {
  if (Array.isArray(body)) return body;
  const layers = layersOf(body);
  for (const layer of layers) {
    for (const key of LIST_KEYS) {
      const value = layer[key];
      if (Array.isArray(value)) return value;
    }
  }
  // A group that has no codes yet may say null where the list will be.
  return layers.some((layer) => LIST_KEYS.some((key) => key !== 'data' && layer[key] === null)) ? [] : null;
}

function parseCode(row: unknown): RedemptionCode | null {
  if (!isJsonObject(row)) return null;
  for (const key of CODE_KEYS) {
    const code = row[key];
    // Kept exactly as it is: nothing is known of the alphabet, nor whether case counts.
    if (typeof code === 'string' && isText(code)) return codeOf(code, row);
  }
  return null;
}

/** Half a character can stand in no link and in no file. */
function isText(code: string): boolean {
  return code.trim() !== '' && code.isWellFormed();
}

/** Lists have up to 100,000 codes, so what is not known takes no memory. */
function codeOf(code: string, row: JsonObject): RedemptionCode {
  if (!isRedeemed(row)) return { code, isRedeemed: false };
  const redeemedAt = parseInstant(row.redeemedAt);
  const redeemedByUserId = holderOf(row);
  return {
    code,
    isRedeemed: true,
    ...(redeemedAt === null ? {} : { redeemedAt }),
    ...(redeemedByUserId === null ? {} : { redeemedByUserId }),
  };
}

function holderOf({ redeemedByUserId, userId, user }: JsonObject): string | null {
  const holders = [redeemedByUserId, userId, isJsonObject(user) ? user.id : null];
  const holder = holders.find((id) => typeof id === 'string' && id !== '');
  return typeof holder === 'string' ? holder : null;
}

/** Any sign of use counts: handing out a used code is worse than keeping back a fresh one. */
function isRedeemed({ redeemed, redeemedAt, status }: JsonObject): boolean {
  if (redeemed === true) return true;
  if (redeemedAt !== undefined && redeemedAt !== null && redeemedAt !== '') return true;
  return typeof status === 'string' && REDEEMED_STATES.has(status.toLowerCase());
}
