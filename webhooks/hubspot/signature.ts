import { createHmac } from 'node:crypto';
import { Secret } from '../../src/config/secret.ts';

export interface SignedRequest {
  readonly method: string;
  /** The address as HubSpot called it: scheme, host, path and query, in their original spelling. */
  readonly url: string;
  /** The bytes as they came; a body that was parsed and printed again has another signature. */
  readonly body: Uint8Array;
  /** `X-HubSpot-Signature-v3`. */
  readonly signature: string | undefined;
  /** `X-HubSpot-Request-Timestamp`: milliseconds. */
  readonly timestamp: string | undefined;
}

const WINDOW_MS = 5 * 60 * 1_000;

/** The escapes that HubSpot undoes before it signs (its request-validation page); every other one stays. */
const SIGNED_DECODED = /%(?:3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)/gi;

/** HubSpot's v3 signature. During a rotation any of the secrets may have signed. `stale`: signed right, but not now. */
export function checkHubSpotSignature(
  request: SignedRequest,
  secrets: readonly Secret[],
  nowMs: number,
): 'valid' | 'invalid' | 'stale' {
  const { signature, timestamp } = request;
  if (!signature || !timestamp || !/^\d{1,15}$/.test(timestamp)) return 'invalid';
  // Every secret is tried, so that the time taken does not tell which one is in use.
  const matching = secrets.filter((secret) =>
    new Secret(signHubSpot(request, timestamp, secret)).matches(signature),
  );
  if (matching.length === 0) return 'invalid';
  return Math.abs(nowMs - Number(timestamp)) <= WINDOW_MS ? 'valid' : 'stale';
}

/** As HubSpot does. */
export function signHubSpot(
  request: Pick<SignedRequest, 'method' | 'url' | 'body'>,
  timestamp: string,
  secret: Secret,
): string {
  return createHmac('sha256', secret.reveal())
    .update(request.method)
    .update(request.url.replace(SIGNED_DECODED, decodeURIComponent))
    .update(request.body)
    .update(timestamp)
    .digest('base64');
}
