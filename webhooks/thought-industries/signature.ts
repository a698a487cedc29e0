import { createHmac } from 'node:crypto';
import { Secret } from '../../src/config/secret.ts';

const HEX_DIGEST = /^(?:sha256=)?([0-9a-f]{64})$/i;

/**
 * The platform's `X-TI-Signature`: hexadecimal HMAC-SHA256 over the bytes of the body as they came, perhaps after
 * `sha256=`. During a rotation any of the secrets may have signed.
 */
export function isSignedByPlatform(
  body: Uint8Array,
  signature: string | undefined,
  secrets: readonly Secret[],
): boolean {
  const digest = HEX_DIGEST.exec(signature?.trim() ?? '')?.[1]?.toLowerCase();
  if (digest === undefined) return false;
  // Every secret is tried, so that the time taken does not tell which one is in use.
  const matching = secrets.filter((secret) => new Secret(signPlatformBody(body, secret)).matches(digest));
  return matching.length > 0;
}

/** As the platform does. */
export function signPlatformBody(body: Uint8Array, secret: Secret): string {
  return createHmac('sha256', secret.reveal()).update(body).digest('hex');
}
