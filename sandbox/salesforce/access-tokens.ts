import { randomBytes } from 'node:crypto';
import type { Settings } from './settings.ts';

interface Grant {
  readonly issuedAtMs: number;
  calls: number;
}

/** Session ids that the org has given out and still takes. */
export class AccessTokens {
  readonly #orgId: string;
  readonly #settings: Settings;
  readonly #now: () => number;
  readonly #grants = new Map<string, Grant>();
  /** How many were given out since the start. */
  issued = 0;

  constructor(orgId: string, settings: Settings, now: () => number) {
    this.#orgId = orgId;
    this.#settings = settings;
    this.#now = now;
  }

  issue(): string {
    const token = `${this.#orgId.slice(0, 15)}!AQ${randomBytes(36).toString('base64url')}`;
    this.#grants.set(token, { issuedAtMs: this.#now(), calls: 0 });
    this.issued += 1;
    return token;
  }

  /** Counts one call; false when the token is unknown or used up. */
  use(token: string): boolean {
    const grant = this.#grants.get(token);
    if (!grant) return false;
    const expired = this.#now() - grant.issuedAtMs >= this.#settings.tokenTtlMs;
    if (expired || grant.calls >= this.#settings.tokenTtlCalls) {
      this.#grants.delete(token);
      return false;
    }
    grant.calls += 1;
    return true;
  }

  revoke(token: string): void {
    this.#grants.delete(token);
  }

  revokeAll(): void {
    this.#grants.clear();
  }
}
