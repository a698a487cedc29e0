import type { WebhookEvent } from './webhook-events.ts';
import { signV1, signV3 } from './webhook-signature.ts';

/** Ways to get a webhook wrong, each of which a receiver must refuse. */
export type Tampering = 'bad_signature' | 'stale' | 'future' | 'missing_header' | 'changed_body';

export interface WebhookRequest {
  /** The URL that is signed: the receiver's public one. */
  readonly targetUrl: string;
  /** Where the request really goes, when that is not `targetUrl`. */
  readonly postTo?: string;
  readonly events: readonly WebhookEvent[];
  readonly clientSecret: string;
  /** Epoch milliseconds. */
  readonly timestamp: number;
  readonly tamper?: Tampering;
  readonly timeoutMs: number;
}

export interface WebhookAnswer {
  /** Null when no answer came in time, or no connection was made. */
  readonly status: number | null;
  readonly body: string;
}

const SIX_MINUTES_MS = 6 * 60_000;

/** Posts one signed batch. Follows no redirect; never throws for what the network does. */
export async function postWebhook(request: WebhookRequest): Promise<WebhookAnswer> {
  const { headers, body } = signedMessage(request);
  try {
    const response = await fetch(request.postTo ?? request.targetUrl, {
      method: 'POST',
      headers,
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(request.timeoutMs),
    });
    return { status: response.status, body: await response.text() };
  } catch {
    return { status: null, body: '' };
  }
}

function signedMessage(request: Omit<WebhookRequest, 'timeoutMs'>): {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
} {
  const { clientSecret, targetUrl: url, tamper } = request;
  const timestamp = request.timestamp + clockError(tamper);
  const body = JSON.stringify(request.events);
  const secret = tamper === 'bad_signature' ? `${clientSecret}-of-someone-else` : clientSecret;
  const headers: Record<string, string> = {
    'Content-Type': 'application/json',
    'User-Agent': 'HubSpot Connect 2.0 (sandbox)',
    'X-HubSpot-Request-Timestamp': String(timestamp),
    'X-HubSpot-Signature-v3': signV3({ clientSecret: secret, method: 'POST', url, body, timestamp }),
    'X-HubSpot-Signature': signV1({ clientSecret: secret, body }),
    'X-HubSpot-Signature-Version': 'v1',
  };
  if (tamper === 'missing_header') delete headers['X-HubSpot-Signature-v3'];
  return { headers, body: tamper === 'changed_body' ? changeOneByte(body) : body };
}

function clockError(tamper: Tampering | undefined): number {
  if (tamper === 'stale') return -SIX_MINUTES_MS;
  return tamper === 'future' ? SIX_MINUTES_MS : 0;
}

/** Still valid JSON, so that only the signature can tell. */
function changeOneByte(body: string): string {
  return body.replace(/"objectId":(\d*)(\d)/, (_all, start: string, last: string) => {
    return `"objectId":${start}${(Number(last) + 1) % 10}`;
  });
}
