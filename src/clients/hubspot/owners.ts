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
}

export function createOwners(connection: Connection, believedMs: number): Owners {
  const known = new Map<string, KnownOnce<Owner | null>>();
  return {
    async find(ownerId, signal) {
      if (ownerId === null) return null;
      if (known.size >= MAX_KNOWN) known.clear();
      const owner =
        known.get(ownerId) ?? new KnownOnce((stop) => readOwner(connection, ownerId, stop), believedMs);
      known.set(ownerId, owner);
      return owner.get(signal);
    },
  };
}

const ownerSchema = z.object({ id: z.coerce.string(), email: z.string().nullish() });

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
