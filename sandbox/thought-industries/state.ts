import { randomUUID } from 'node:crypto';
import { type CatalogClient, type CatalogItem, TARGET_KINDS, type TargetKind } from './catalog.ts';
import type { TiOptions } from './options.ts';
import { randomCode } from './random-code.ts';
import { giveAccess, type TiUser, TiUsers } from './users.ts';

export interface TiGroup {
  readonly id: string;
  readonly label: string;
  /** Codes ordered so far; grows when an admin adds codes. */
  totalCodesCount: number;
  readonly codeLength: number;
  readonly expirationDate: string | null;
  readonly accessDays: number | null;
  readonly accessExpirationDate: string | null;
  readonly client: CatalogClient | null;
  readonly targets: Readonly<Record<TargetKind, readonly CatalogItem[]>>;
  readonly uploaded: boolean;
  readonly gift: boolean;
  readonly createdAtMs: number;
}

export interface TiCode {
  readonly id: string;
  readonly groupId: string;
  readonly code: string;
  readonly createdAtMs: number;
  redeemedAtMs: number | null;
  redeemedBy: TiUser | null;
}

export type NewGroup = Omit<TiGroup, 'id' | 'createdAtMs' | 'uploaded' | 'gift'>;

export type Redemption = 'redeemed' | 'alreadyRedeemed' | 'codeExpired' | 'notFound';

/** One line of what reached the tenant. Bodies and codes are left out. */
export interface TiRequest {
  readonly at: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
}

const DAY_MS = 24 * 60 * 60_000;

/** All that the tenant knows. Tests and the demo read it, and play the admin and the learner through it. */
export class TiState {
  readonly options: TiOptions;
  readonly requests: TiRequest[] = [];
  readonly users = new TiUsers();
  /** Told of each redemption, as it happens. */
  onRedeemed: (code: TiCode) => void = () => {};
  /** What groups were looked up by, of a long run only the newest. */
  readonly searches: string[] = [];
  /** How many answers each of the switches that disturb lists has changed: one that is set may still change none. */
  readonly changedAnswers = { repeatCursorOnce: 0, duplicateRows: 0, listingDelayMs: 0, indexDelayMs: 0 };
  readonly #groups: TiGroup[] = [];
  readonly #codesByGroup = new Map<string, TiCode[]>();
  readonly #codes = new Map<string, TiCode>();

  constructor(options: TiOptions) {
    this.options = options;
  }

  /** Oldest first. */
  get groups(): readonly TiGroup[] {
    return this.#groups;
  }

  /** Every code that exists, listed yet or not. */
  get codes(): readonly TiCode[] {
    return [...this.#codes.values()];
  }

  group(id: string): TiGroup | undefined {
    const wanted = id.toLowerCase();
    return this.#groups.find((group) => group.id === wanted || group.id.toLowerCase() === wanted);
  }

  code(code: string): TiCode | undefined {
    return this.#codes.get(code);
  }

  codesOf(groupId: string): readonly TiCode[] {
    return this.#codesByGroup.get(groupId) ?? [];
  }

  /** The codes that the API shows by now. */
  listedCodesOf(groupId: string): readonly TiCode[] {
    const codes = this.codesOf(groupId);
    const { listingDelayMs, listingBatches, now } = this.options;
    if (listingDelayMs <= 0) return codes;
    const at = now();
    const shares = new Map<number, number>();
    // Codes that an admin adds later are late in their own right, so the delay counts from each code's birth.
    for (const { createdAtMs } of codes) {
      const batch = Math.floor(((at - createdAtMs) * listingBatches) / listingDelayMs);
      shares.set(createdAtMs, Math.min(1, Math.max(0, batch / listingBatches)));
    }
    return [...Map.groupBy(codes, (code) => code.createdAtMs)].flatMap(([bornAt, born]) =>
      born.slice(0, Math.floor(born.length * (shares.get(bornAt) ?? 1))),
    );
  }

  isIndexed(group: TiGroup): boolean {
    return this.options.now() >= group.createdAtMs + this.options.indexDelayMs;
  }

  /** The stored counter of the platform, which may lag behind the codes. */
  redeemedCountOf(groupId: string): number {
    const seenUntil = this.options.now() - this.options.counterDelayMs;
    return this.codesOf(groupId).filter(
      ({ redeemedAtMs }) => redeemedAtMs !== null && redeemedAtMs <= seenUntil,
    ).length;
  }

  addGroup(fields: NewGroup, origin: { uploaded?: boolean; gift?: boolean } = {}): TiGroup {
    const group: TiGroup = {
      ...fields,
      totalCodesCount: 0,
      id: randomUUID(),
      uploaded: origin.uploaded ?? false,
      gift: origin.gift ?? false,
      createdAtMs: this.options.now(),
    };
    this.#groups.push(group);
    this.#codesByGroup.set(group.id, []);
    this.addCodes(group.id, fields.totalCodesCount);
    return group;
  }

  /** An administrator removes it, and its codes with it. */
  removeGroup(groupId: string): void {
    const at = this.#groups.findIndex(({ id }) => id === groupId);
    if (at < 0) throw new Error(`The sandbox has no code group ${groupId}`);
    this.#groups.splice(at, 1);
    for (const { code } of this.#codesByGroup.get(groupId) ?? []) this.#codes.delete(code);
    this.#codesByGroup.delete(groupId);
  }

  /** What the admin's "Add codes" button does. */
  addCodes(groupId: string, count: number): void {
    const group = this.group(groupId);
    const codes = this.#codesByGroup.get(groupId);
    if (!group || !codes) throw new Error(`The sandbox has no code group ${groupId}`);
    const createdAtMs = this.options.now();
    for (let made = 0; made < count; made += 1) {
      const code: TiCode = {
        id: randomUUID(),
        groupId,
        code: this.#newCode(group.codeLength),
        createdAtMs,
        redeemedAtMs: null,
        redeemedBy: null,
      };
      codes.push(code);
      this.#codes.set(code.code, code);
    }
    group.totalCodesCount += count;
  }

  /** Plays the learner, who is registered by it, and gets what the group gives. */
  redeem(code: string, email = 'learner@example.com'): Redemption {
    const found = this.#codes.get(code);
    if (!found) return 'notFound';
    if (found.redeemedAtMs !== null) return 'alreadyRedeemed';
    const group = this.group(found.groupId);
    const now = this.options.now();
    if (group?.expirationDate && Date.parse(group.expirationDate) <= now) return 'codeExpired';
    const user = this.users.find(email) ?? this.users.add(email.trim());
    found.redeemedAtMs = now;
    found.redeemedBy = user;
    if (group) this.#giveWhatItGrants(group, user);
    this.onRedeemed(found);
    return 'redeemed';
  }

  #giveWhatItGrants({ targets, accessDays, accessExpirationDate }: TiGroup, user: TiUser): void {
    const now = this.options.now();
    const fixed = accessExpirationDate === null ? null : Date.parse(accessExpirationDate);
    const untilMs = accessDays === null ? fixed : now + accessDays * DAY_MS;
    for (const kind of TARGET_KINDS) {
      for (const { id } of targets[kind]) {
        giveAccess(user, { kind, id, by: 'code', untilMs }, now);
        user.progress.add(id);
      }
    }
  }

  #newCode(length: number): string {
    const { codeSource } = this.options;
    if (codeSource) {
      const code = codeSource(this.#codes.size, length);
      if (this.#codes.has(code)) throw new Error('codeSource gave a code that exists already');
      return code;
    }
    for (;;) {
      const code = randomCode(length);
      if (!this.#codes.has(code)) return code;
    }
  }
}
