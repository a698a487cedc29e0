import { createHmac, createSecretKey, randomBytes, timingSafeEqual } from 'node:crypto';
import { inspect } from 'node:util';

const MASK = '***';

/** Both sides are hashed under this before they are compared, so neither length nor content shows in the time taken. */
const comparisonKey = createSecretKey(randomBytes(32));

/** A credential from the configuration. It prints as `***` wherever it ends up; only `reveal()` gives it out. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** For the one call that needs it: a request header, a signature. */
  reveal(): string {
    return this.#value;
  }

  /** Constant-time comparison with what a caller presented. */
  matches(candidate: string): boolean {
    return timingSafeEqual(digest(this.#value), digest(candidate));
  }

  toString(): string {
    return MASK;
  }

  toJSON(): string {
    return MASK;
  }

  [inspect.custom](): string {
    return MASK;
  }
}

function digest(text: string): Buffer {
  return createHmac('sha256', comparisonKey).update(text).digest();
}
