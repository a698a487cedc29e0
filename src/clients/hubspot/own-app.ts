import { z } from 'zod';
import { DealseatError } from '../../domain/failure.ts';
import { KnownOnce } from '../known-once.ts';
import type { Connection } from './connection.ts';
import { type HubSpotRecord, propertyOf } from './records.ts';

/** Properties that a record must be read with, for `madeByUs` to tell. HubSpot sets them once and nobody can write them. */
export const SOURCE_PROPERTIES = ['hs_object_source', 'hs_object_source_id'] as const;

/** The integration that the token belongs to. */
export interface OwnApp {
  /**
   * Read. Those of the records that our integration made. Texts that we write can be computed and copied by anybody who
   * may write a note, so a record is ours by its source and never by its text.
   */
  madeByUs<T extends HubSpotRecord>(records: readonly T[], signal?: AbortSignal): Promise<T[]>;
}

const tokenSchema = z.object({ appId: z.coerce.string().min(1) });

export function createOwnApp(connection: Connection, accessToken: string): OwnApp {
  const appId = new KnownOnce((signal) => readAppId(connection, accessToken, signal));
  return {
    async madeByUs(records, signal) {
      const byApps = records.filter((record) => propertyOf(record, 'hs_object_source') === 'INTEGRATION');
      if (byApps.length === 0) return [];
      const own = await appId.get(signal).catch(nullIfRefused);
      return byApps.filter((record) => own === null || propertyOf(record, 'hs_object_source_id') === own);
    },
  };
}

/** Good tokens are refused for a moment too: that is no knowledge to keep. */
function nullIfRefused(error: unknown): null {
  if (error instanceof DealseatError && error.mayPass && error.class === 'attention') return null;
  throw error;
}

/**
 * Null where HubSpot does not describe the token, as it may for other kinds than private apps: then every app counts as
 * ours, and still no person.
 */
async function readAppId(
  connection: Connection,
  tokenKey: string,
  signal?: AbortSignal,
): Promise<string | null> {
  try {
    const { appId } = await connection.request(
      { name: 'describe the token', effect: 'read', secrets: 'all', answer: tokenSchema, signal },
      { method: 'POST', path: '/oauth/v2/private-apps/get/access-token-info', body: { tokenKey } },
    );
    return appId;
  } catch (error) {
    if (!(error instanceof DealseatError) || error.mayPass) throw error;
    if (error.class === 'attention' || error.class === 'never') return null;
    throw error;
  }
}
