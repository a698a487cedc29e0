import type { RedemptionEvent } from '../learners.ts';
import { parseInstant } from './instant.ts';
import { isJsonObject } from './layers.ts';

/** One redemption of the event feed or of a webhook, or null when it names no code or no time. */
export function parseRedeemEvent(row: unknown): RedemptionEvent | null {
  if (!isJsonObject(row)) return null;
  const code = row.redemptionCode ?? row.code;
  const at = parseInstant(row.timestamp ?? row.redeemedAt);
  if (typeof code !== 'string' || code.trim() === '' || at === null) return null;
  const user = isJsonObject(row.userDetail) ? row.userDetail : isJsonObject(row.user) ? row.user : {};
  return {
    code,
    groupLabel: textOf(row.redemptionCodeGroupLabel),
    at,
    userId: textOf(user.id) ?? textOf(row.userId),
    email: textOf(user.email) ?? addressIn(row.user),
  };
}

/** The feed names the user by address; a tenant may put another name there. */
function addressIn(user: unknown): string | null {
  return typeof user === 'string' && user.includes('@') ? user : null;
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
