import { createHmac } from 'node:crypto';
import { postJson } from './post-json.ts';
import type { AlertSender } from './sender.ts';

/**
 * JSON to an address of the operators. Signed over the time and the very bytes, so that a receiver can tell it from what
 * others send, and refuse an old one that is sent again.
 */
export function webhookSender(
  { url, secret }: { readonly url: string; readonly secret: string | null },
  now: () => number = Date.now,
): AlertSender {
  return async ({ key, subject, text, data }, signal) => {
    const body = JSON.stringify({ type: 'dealseat.alert', key, subject, text, ...data });
    const timestamp = String(Math.floor(now() / 1_000));
    const headers = {
      'dealseat-alert-key': key,
      'dealseat-timestamp': timestamp,
      ...(secret === null ? {} : { 'dealseat-signature': signatureOf({ secret, timestamp, body }) }),
    };
    await postJson({ what: 'alert webhook', url, headers, body, signal });
  };
}

/** `v1=` and the HMAC-SHA-256, in hex, of `<timestamp>.<body>`. */
export function signatureOf({
  secret,
  timestamp,
  body,
}: {
  readonly secret: string;
  readonly timestamp: string;
  readonly body: string;
}): string {
  return `v1=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`;
}
