import { createHash, createHmac } from 'node:crypto';

export interface SignedParts {
  readonly clientSecret: string;
  readonly method: string;
  /** The URL as HubSpot was told to call it. */
  readonly url: string;
  readonly body: string;
  /** Epoch milliseconds. */
  readonly timestamp: number;
}

/** The only escapes that are decoded before signing, by HubSpot's request-validation page. */
const DECODED: Readonly<Record<string, string>> = {
  '3a': ':',
  '2f': '/',
  '3f': '?',
  '40': '@',
  '21': '!',
  '24': '$',
  '27': "'",
  '28': '(',
  '29': ')',
  '2a': '*',
  '2c': ',',
  '3b': ';',
};

export function signV3({ clientSecret, method, url, body, timestamp }: SignedParts): string {
  const signed = `${method}${decodeSignedUrl(url)}${body}${timestamp}`;
  return createHmac('sha256', clientSecret).update(signed, 'utf8').digest('base64');
}

/** A plain hash over secret and body: it binds neither the URL nor the time. */
export function signV1({ clientSecret, body }: Pick<SignedParts, 'clientSecret' | 'body'>): string {
  return createHash('sha256').update(`${clientSecret}${body}`, 'utf8').digest('hex');
}

function decodeSignedUrl(url: string): string {
  return url.replace(/%([0-9a-f]{2})/gi, (encoded, code: string) => DECODED[code.toLowerCase()] ?? encoded);
}
