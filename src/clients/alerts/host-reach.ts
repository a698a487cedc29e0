import { httpRequest } from '../http.ts';
import type { AlertReach } from './sender.ts';

const TIMEOUT_MS = 8_000;

/** Asks the host for its front page: the path of the address is a secret, and what is sent there may be taken for an alert. */
export function hostReach({ url }: { readonly url: string }): AlertReach {
  return async (signal) => {
    await httpRequest({ method: 'GET', url: new URL(url).origin, timeoutMs: TIMEOUT_MS, signal });
  };
}
