import { constants } from 'node:os';
import { isFailureCode } from '../domain/failure.ts';

const REDACTED = '***';

/** Fields whose value is never fit for a log, whatever it looks like. Compared without case, dash and underscore. */
const SECRET_KEY =
  /authorization|cookie|passw|secret|token|apikey|sessionid|signature|rawbody|rawpacket|redeem(link|url)|^codes$|(^|e)mails?$|mailaddress/;

/** `code` is both: a redemption code, and the stable name of a failure, which people search for. */
const FAILURE_NAME = /^(FST|ERR|UND_ERR)_[A-Z_]+$|^(webhook|temporal)\.[a-z_]+$/;

const PATTERNS: readonly (readonly [RegExp, string])[] = [
  // The scheme and its credentials, wherever a header was copied into a text.
  [/\b(bearer|basic)\s+[\w.~+/=-]+/gi, `$1 ${REDACTED}`],
  [
    /(?<![\p{L}\p{N}._%+'-])[\p{L}\p{N}._%+'-]{1,64}(?:@|%40)[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63})+/giu,
    REDACTED,
  ],
  [/(\/redeem\/)[^\s"'<>?#&/]+/gi, `$1${REDACTED}`],
  // What follows the name of a CRM is the password of its endpoint; `:secret` is the name of the route.
  [/(\/webhooks\/[a-z0-9-]+\/)(?!:)[^\s"'<>?#]+/gi, `$1${REDACTED}`],
  [
    /([?&;][\w.-]{0,40}(?:code|token|secret|signature|key|password)[\w.-]{0,40}=)[^&\s"'<>]+/gi,
    `$1${REDACTED}`,
  ],
  // Tokens of HubSpot and sessions of Salesforce tell themselves by their form.
  [/\bpat-[a-z]{2,4}\d-[0-9a-f-]{20,}/gi, REDACTED],
  [/\b00D[A-Za-z0-9]{12,15}![\w.]+/g, REDACTED],
  [/\bti_(live|test)_\w+/g, REDACTED],
];

/** A text without what its form gives away as a credential, an address or a redeem link. */
export function redactText(text: string): string {
  return PATTERNS.reduce((result, [pattern, replacement]) => result.replace(pattern, replacement), text);
}

/** A copy of JSON data, redacted by key and by pattern. */
export function redactData(value: unknown): unknown {
  if (typeof value === 'string') return redactText(value);
  if (Array.isArray(value)) return value.map(redactData);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      isSecretField(key, inner) ? REDACTED : redactData(inner),
    ]),
  );
}

function isSecretField(key: string, value: unknown): boolean {
  const name = key.toLowerCase().replace(/[-_]/g, '');
  if (name === 'code') return typeof value === 'string' && !isFailureName(value);
  return value !== null && SECRET_KEY.test(name);
}

function isFailureName(text: string): boolean {
  return isFailureCode(text) || FAILURE_NAME.test(text) || text in constants.errno;
}
