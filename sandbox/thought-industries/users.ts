import { randomUUID } from 'node:crypto';
import type { TargetKind } from './catalog.ts';

/** One thing that a user may use. */
export interface Access {
  readonly kind: TargetKind;
  readonly id: string;
  readonly role: 'student' | 'manager';
  readonly by: 'code' | 'grant';
  /** Milliseconds since the epoch; null: without end. */
  untilMs: number | null;
  /** Revoked or replaced; kept for tenants that show access which is over. */
  isOver: boolean;
}

export interface TiUser {
  readonly id: string;
  email: string;
  firstName: string | null;
  lastName: string | null;
  externalCustomerId: string | null;
  clientId: string | null;
  readonly access: Access[];
  /** Ids of content with progress, which some calls destroy. */
  readonly progress: Set<string>;
}

export type UserFields = Partial<Pick<TiUser, 'firstName' | 'lastName' | 'externalCustomerId' | 'clientId'>>;

/** What was destroyed for good, and by which call. */
export interface Destruction {
  readonly userId: string;
  readonly action: string;
  readonly what: 'progress' | 'transcript' | 'expiration';
  readonly id: string;
}

/** The users of a tenant. Addresses are compared without regard to case. */
export class TiUsers {
  readonly #users: TiUser[] = [];
  /** Must stay empty for a caller that takes care: learning data, and ends of access. */
  readonly destroyed: Destruction[] = [];
  /** Addresses to which the platform sent an invitation of its own. */
  readonly invited: string[] = [];

  get all(): readonly TiUser[] {
    return this.#users;
  }

  /** By id, or by e-mail address. */
  find(idOrEmail: string): TiUser | undefined {
    const wanted = idOrEmail.trim().toLowerCase();
    return this.#users.find((user) => user.id === wanted || user.email.toLowerCase() === wanted);
  }

  add(email: string, fields: UserFields = {}): TiUser {
    const user: TiUser = {
      id: randomUUID(),
      email,
      firstName: null,
      lastName: null,
      externalCustomerId: null,
      clientId: null,
      ...fields,
      access: [],
      progress: new Set(),
    };
    this.#users.push(user);
    return user;
  }

  remove(user: TiUser): void {
    this.#users.splice(this.#users.indexOf(user), 1);
  }
}

/** Access that stands: of one kind, or to one id of it. */
export function accessOf(user: TiUser, kind: TargetKind, nowMs: number, id?: string): Access[] {
  return user.access.filter(
    (access) =>
      access.kind === kind &&
      !access.isOver &&
      (access.untilMs === null || access.untilMs > nowMs) &&
      (id === undefined || access.id.toLowerCase() === id.toLowerCase()),
  );
}

/** A second grant of the same changes nothing but an earlier end. */
export function giveAccess(
  user: TiUser,
  given: Pick<Access, 'kind' | 'id' | 'by' | 'untilMs'> & { readonly role?: Access['role'] },
  nowMs: number,
): void {
  const { role = 'student' } = given;
  const held = accessOf(user, given.kind, nowMs, given.id).find((access) => access.role === role);
  if (held) {
    const isLonger = given.untilMs === null || (held.untilMs !== null && given.untilMs > held.untilMs);
    if (isLonger) held.untilMs = given.untilMs;
    return;
  }
  user.access.push({ ...given, role, isOver: false });
}
