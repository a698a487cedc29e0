import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { DealseatError } from '../domain/failure.ts';

/** A key of the deployment: `DEALSEAT_SECRET_KEYS`. */
export interface VaultKey {
  readonly id: string;
  /** At least 32 bytes. */
  readonly bytes: Uint8Array;
}

/** What rests in the store in place of a code. */
export interface SealedCode {
  /** `<key id>.<iv>.<tag>.<text>`, base64url each. */
  readonly enc: string;
  /** HMAC-SHA-256, base64url: equal codes have equal ones. */
  readonly mac: string;
}

const IV_BYTES = 12;
const KEY_BYTES = 32;
/** A shorter one would be easier to forge. */
const TAG_BYTES = 16;

/**
 * Keeps codes as ciphertext (AES-256-GCM) with an HMAC for look-up. Keys of their own for each purpose are derived from
 * the keys of the deployment, which never stand in the database. New codes are sealed with the first key; all open.
 *
 * The HMAC must find a code after a rotation, too, so `macsOf` gives one for each key.
 */
export class CodeVault {
  readonly #keys: ReadonlyMap<string, { readonly cipher: KeyObject; readonly mac: KeyObject }>;
  readonly newestKeyId: string;

  constructor(keys: readonly VaultKey[]) {
    const [newest] = keys;
    if (newest === undefined) throw new Error('A vault needs at least one key; found none');
    this.newestKeyId = newest.id;
    this.#keys = new Map(
      keys.map(({ id, bytes }) => [
        id,
        { cipher: derive(bytes, 'code-cipher'), mac: derive(bytes, 'code-look-up') },
      ]),
    );
  }

  seal(code: string): SealedCode {
    const { cipher: key, mac } = this.#keyOf(this.newestKeyId);
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv('aes-256-gcm', key, iv);
    const text = Buffer.concat([cipher.update(code, 'utf8'), cipher.final()]);
    const parts = [iv, cipher.getAuthTag(), text].map((part) => part.toString('base64url'));
    return { enc: [this.newestKeyId, ...parts].join('.'), mac: macOf(mac, code) };
  }

  /**
   * Throws `store.key_missing` when the key is not among those of the deployment, `store.corrupt` when the text was
   * altered. Their messages never have the code.
   */
  open(enc: string): string {
    const [id = '', iv = '', tag = '', text = ''] = enc.split('.');
    const { cipher: key } = this.#keyOf(id);
    try {
      const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(iv, 'base64url'), {
        authTagLength: TAG_BYTES,
      });
      decipher.setAuthTag(Buffer.from(tag, 'base64url'));
      return decipher.update(text, 'base64url', 'utf8') + decipher.final('utf8');
    } catch {
      throw new DealseatError({
        code: 'store.corrupt',
        message: `A code in the database of seats cannot be opened with its key "${id}": its ${enc.length} characters were altered, or the key of that name is another one`,
      });
    }
  }

  /** The look-up values of a code by every key, newest first. */
  macsOf(code: string): readonly string[] {
    return [...this.#keys.values()].map(({ mac }) => macOf(mac, code));
  }

  isOfNewestKey({ enc }: Pick<SealedCode, 'enc'>): boolean {
    return enc.startsWith(`${this.newestKeyId}.`);
  }

  #keyOf(id: string) {
    const key = this.#keys.get(id);
    if (key === undefined) {
      throw new DealseatError({
        code: 'store.key_missing',
        message: `A code in the database of seats was sealed with key "${id}", which DEALSEAT_SECRET_KEYS does not have. Add that key behind the others`,
      });
    }
    return key;
  }
}

/** An object, made once: of bytes Node makes one for each code, which takes longer than what it is made for. */
function derive(bytes: Uint8Array, purpose: string): KeyObject {
  return createSecretKey(Buffer.from(hkdfSync('sha256', bytes, '', `dealseat ${purpose}`, KEY_BYTES)));
}

function macOf(key: KeyObject, code: string): string {
  return createHmac('sha256', key).update(code).digest('base64url');
}
