import { httpRequest, TransportError } from '../http.ts';

const TIMEOUT_MS = 8_000;

interface Posting {
  /** For people: the address is a secret of its own, so no error names it. */
  readonly what: string;
  readonly url: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

/** Throws unless the receiver took it. */
export async function postJson({ what, url, body, headers, signal }: Posting): Promise<void> {
  const status = await statusOf({
    what,
    url,
    body,
    headers: { ...headers, 'content-type': 'application/json' },
    signal,
  });
  if (status < 200 || status >= 300) throw new Error(`The ${what} answered ${status}; expected 2xx`);
}

async function statusOf({ what, ...request }: Posting): Promise<number> {
  try {
    const { status } = await httpRequest({ method: 'POST', timeoutMs: TIMEOUT_MS, ...request });
    return status;
  } catch (error) {
    if (!(error instanceof TransportError)) throw error;
    throw new Error(`The ${what} gave no answer: ${error.reason}`);
  }
}
