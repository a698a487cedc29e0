import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import type { Sealer } from '../domain/deal/ledger.ts';
import { CodeVault } from '../store/code-vault.ts';
import { Secret } from './secret.ts';

/** A key by which this deployment recognises what it wrote itself. */
export interface SecretKey {
  /** Stands in every seal, so that the right key is found after a newer one has come. No secret. */
  readonly id: string;
  /** Base64. */
  readonly key: Secret;
}

/** Shorter than its hash, a key weakens the MAC. */
const MIN_KEY_BYTES = 32;

/** Completes "expected …". */
export const SECRET_KEYS_FORM = `id:key pairs, comma separated, the newest first and older ones behind it; each id once, of at most 20 of a-z, 0-9 and dash; each key in base64, of at least ${MIN_KEY_BYTES} bytes, such as \`openssl rand -base64 ${MIN_KEY_BYTES}\` makes one`;

/** Null when the text is anything else than the form says. */
export function parseSecretKeys(text: string): readonly SecretKey[] | null {
  const keys = new Map<string, SecretKey>();
  for (const pair of text.split(',')) {
    const [, id = '', key = ''] = /^([a-z0-9-]{1,20}):(\S+)$/.exec(pair.trim()) ?? [];
    if (!isKey(key) || keys.has(id)) return null;
    keys.set(id, { id, key: new Secret(key) });
  }
  return [...keys.values()];
}

function isKey(text: string): boolean {
  const bytes = Buffer.from(text, 'base64');
  // Node skips what is not base64: a key that was cut or mistyped would count as a shorter or another one.
  return bytes.length >= MIN_KEY_BYTES && bytes.toString('base64') === text;
}

/** Seals with the first key and knows the seals of all. Seals are `<key id>.<HMAC-SHA-256 in base64url>`. */
export function createSealer(keys: readonly SecretKey[]): Sealer {
  const byId = new Map(keys.map(({ id, key }) => [id, createSecretKey(key.reveal(), 'base64')]));
  const [newest] = byId;
  if (newest === undefined) throw new Error('A sealer needs at least one key; found none');
  const [newestId, newestKey] = newest;
  return {
    seal: (text) => `${newestId}.${macOf(newestKey, text)}`,
    isSealOf: (seal, text) => {
      const [id = '', mac = '', ...rest] = seal.split('.');
      const key = byId.get(id);
      if (key === undefined || rest.length > 0) return false;
      const expected = Buffer.from(macOf(key, text));
      const presented = Buffer.from(mac);
      return presented.length === expected.length && timingSafeEqual(presented, expected);
    },
  };
}

/** Seals the codes of the seat store with the first key, and opens what any of them has sealed. */
export function createVault(keys: readonly SecretKey[]): CodeVault {
  return new CodeVault(keys.map(({ id, key }) => ({ id, bytes: Buffer.from(key.reveal(), 'base64') })));
}

function macOf(key: KeyObject, text: string): string {
  return createHmac('sha256', key).update(text).digest('base64url');
}
