import { z } from 'zod';
import type { Owner } from '../../domain/deal/deal.ts';
import { DealseatError } from '../../domain/failure.ts';
import { KnownOnce } from '../known-once.ts';
import type { Connection } from './connection.ts';

/** A portal has few owners. */
const MAX_KNOWN = 1_000;

export interface Owners {
  /** Read, once for each owner as long as it is believed. Null for a deal without one, and for a user who has left. */
  find(ownerId: string | null, signal?: AbortSignal): Promise<Owner | null>;
  /** Read, in the same way. Null: HubSpot does not know the user, or not any longer. */
  findUser(userId: string, signal?: AbortSignal): Promise<User | null>;
}

/** As HubSpot has a user of the portal. */
export interface User {
  /** Empty: HubSpot knows none. */
  readonly name: string;
  readonly email: string | null;
  /** Names of the user's teams. */
  readonly teams: readonly string[];
}

export function createOwners(connection: Connection, believedMs: number): Owners {
  const owners = new Map<string, KnownOnce<Owner | null>>();
  const users = new Map<string, KnownOnce<User | null>>();
  const known = <T>(all: Map<string, KnownOnce<T>>, id: string, read: (stop?: AbortSignal) => Promise<T>) => {
    if (all.size >= MAX_KNOWN) all.clear();
    const one = all.get(id) ?? new KnownOnce(read, believedMs);
    all.set(id, one);
    return one;
  };
  return {
    async find(ownerId, signal) {
      if (ownerId === null) return null;
      return known(owners, ownerId, (stop) => readOwner(connection, ownerId, stop)).get(signal);
    },
    async findUser(userId, signal) {
      return known(users, userId, (stop) => readUser(connection, userId, stop)).get(signal);
    },
  };
}

const ownerSchema = z.object({ id: z.coerce.string(), email: z.string().nullish() });

const userSchema = z.object({
  firstName: z.string().nullish(),
  lastName: z.string().nullish(),
  email: z.string().nullish(),
  teams: z.array(z.object({ name: z.string() })).nullish(),
});

const USERS_A_PAGE = 500;

const userPageSchema = z.object({
  results: z.array(userSchema),
  paging: z.object({ next: z.object({ after: z.coerce.string() }).nullish() }).nullish(),
});

/** Every active user, with the teams. */
export async function listUsers(connection: Connection, signal?: AbortSignal): Promise<User[]> {
  const users: User[] = [];
  let after: string | undefined;
  for (;;) {
    const { results, paging } = await connection.call(
      { name: 'list owners', effect: 'read', answer: userPageSchema, signal },
      (client) => client.crm.owners.ownersApi.getPage(undefined, after, USERS_A_PAGE),
    );
    users.push(...results.map(userOf));
    const next = paging?.next?.after;
    if (next === undefined || next === after) return users;
    after = next;
  }
}

function userOf({ firstName, lastName, email, teams }: z.infer<typeof userSchema>): User {
  const name = [firstName, lastName].flatMap((part) => part?.trim() || []).join(' ');
  return { name, email: email || null, teams: (teams ?? []).map((team) => team.name) };
}

/** HubSpot lists its users as owners, which the token may read anyway. */
async function readUser(connection: Connection, userId: string, signal?: AbortSignal): Promise<User | null> {
  try {
    const user = await connection.call(
      { name: `read user ${userId}`, effect: 'read', answer: userSchema, signal },
      (client) => client.crm.owners.ownersApi.getById(Number(userId), 'userId'),
    );
    return userOf(user);
  } catch (error) {
    if (error instanceof DealseatError && error.code === 'crm.not_found') return null;
    throw error;
  }
}

async function readOwner(
  connection: Connection,
  ownerId: string,
  signal?: AbortSignal,
): Promise<Owner | null> {
  try {
    const owner = await connection.call(
      { name: `read owner ${ownerId}`, effect: 'read', answer: ownerSchema, signal },
      (client) => client.crm.owners.ownersApi.getById(Number(ownerId), 'id'),
    );
    return { id: owner.id, email: owner.email || null };
  } catch (error) {
    // A user who left is no owner any more: no task can be given to them.
    if (error instanceof DealseatError && error.code === 'crm.not_found') return null;
    throw error;
  }
}
