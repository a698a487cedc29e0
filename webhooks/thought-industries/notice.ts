import type { RedemptionEvent } from '../../src/clients/learners.ts';
import type { Secret } from '../../src/config/secret.ts';
import { parseJson } from '../server/bounded-json.ts';
import { isSignedByPlatform } from './signature.ts';

/** Reads one event record of the platform; null when it is no redemption. The client of the platform has one. */
export type ReadEvent = (record: unknown) => RedemptionEvent | null;

export interface RedemptionNotice {
  readonly redemptions: readonly RedemptionEvent[];
  /** Events of other kinds: an admin may have selected more. */
  readonly otherCount: number;
  /** Events that say they are redemptions and cannot be read. */
  readonly malformedCount: number;
}

interface NoticeTerms {
  /** Null: the platform does not sign. */
  readonly signingSecrets: readonly Secret[] | null;
  readonly readEvent: ReadEvent;
}

/**
 * A message of the platform's outbound webhook, in either form that the vendor describes: `{event, timestamp, data}`, or
 * the bare event of its API; one, or a list of them. `forged`: the signature is missing or wrong. Throws
 * `webhook.malformed`.
 */
export function parseRedemptionNotice(
  body: Uint8Array,
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
  { signingSecrets, readEvent }: NoticeTerms,
): RedemptionNotice | 'forged' {
  const signature = headers['x-ti-signature'];
  if (signingSecrets !== null) {
    const isSigned = typeof signature === 'string' && isSignedByPlatform(body, signature, signingSecrets);
    if (!isSigned) return 'forged';
  }
  const message = parseJson(body);
  const records = (Array.isArray(message) ? message : [message]).flatMap(recordsOf);
  const redeems = records.filter(isRedemption);
  const redemptions = redeems.flatMap((record) => readEvent(record) ?? []);
  return {
    redemptions,
    otherCount: records.length - redeems.length,
    malformedCount: redeems.length - redemptions.length,
  };
}

type EventRecord = Readonly<Record<string, unknown>>;

/** The envelope knows the name and the time; what it wraps may know them, too. */
function recordsOf(message: unknown): EventRecord[] {
  if (!isObject(message)) return [{}];
  const { event, timestamp, data } = message;
  const wrapped = Array.isArray(data) ? data : [data];
  if (!wrapped.some(isObject)) return [message];
  return wrapped.filter(isObject).map((record) => ({ event, timestamp, ...record }));
}

/** The name under the newer scheme is not published: `redemptionCodeRedeem` by the API, dotted by the webhook pages. */
function isRedemption({ event }: EventRecord): boolean {
  return typeof event === 'string' && /redeem/i.test(event);
}

function isObject(value: unknown): value is EventRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
