import type { Client } from '@hubspot/api-client';
import { z } from 'zod';
import type { MailTool } from '../../domain/deal/mail-tool.ts';
import { DealseatError } from '../../domain/failure.ts';
import { attempt, fine, notTried, type SetupCheck } from '../setup-check.ts';
import type { Connection } from './connection.ts';
import { CURES } from './setup-cures.ts';

export interface ScopeProbe {
  /** What is read, as a person calls it. */
  readonly name: string;
  readonly send: (client: Client) => Promise<unknown>;
}

/**
 * One cheap read for each thing Dealseat reads. It tries the rights themselves: what HubSpot says of a token it says of
 * private apps only.
 */
export const SCOPE_PROBES: readonly ScopeProbe[] = [
  { name: 'deals', send: (client) => client.crm.deals.basicApi.getPage(1) },
  { name: 'deal pipelines', send: (client) => client.crm.pipelines.pipelinesApi.getAll('deals') },
  { name: 'line items', send: (client) => client.crm.lineItems.basicApi.getPage(1) },
  { name: 'products', send: (client) => client.crm.products.basicApi.getPage(1) },
  { name: 'contacts, notes and tasks', send: (client) => client.crm.contacts.basicApi.getPage(1) },
  { name: 'companies', send: (client) => client.crm.companies.basicApi.getPage(1) },
  { name: 'owners', send: (client) => client.crm.owners.ownersApi.getPage(undefined, undefined, 1) },
  { name: 'files', send: (client) => client.files.filesApi.doSearch(undefined, undefined, undefined, 1) },
];

/** What a delivery writes; each is a scope that reads do not need. */
const WRITE_SCOPES = ['crm.objects.deals.write', 'crm.objects.contacts.write'];

const TOOL_SCOPES: Readonly<Record<string, readonly string[]>> = {
  singleSend: ['transactional-email'],
  sequence: ['automation.sequences.read', 'automation.sequences.enrollments.write'],
  list: ['crm.lists.read', 'crm.lists.write'],
};

const tokenSchema = z.object({ scopes: z.array(z.string()) });

/** By what HubSpot says of the token; a write is not made to find out. */
export function checkWriteScopes(
  connection: Connection,
  {
    accessToken,
    tool,
    signal,
  }: {
    readonly accessToken: string;
    readonly tool: MailTool | null;
    readonly signal: AbortSignal | undefined;
  },
): Promise<SetupCheck> {
  return attempt('HubSpot scopes that write and send', CURES, async () => {
    const needed = [...WRITE_SCOPES, ...(TOOL_SCOPES[tool?.via ?? ''] ?? [])];
    const scopes = await readScopes(connection, accessToken, signal);
    if (scopes === null) {
      return notTried(
        `not checked: HubSpot does not describe this kind of token. Needed: ${needed.join(', ')}`,
      );
    }
    const lacking = needed.filter((scope) => !scopes.includes(scope));
    if (lacking.length === 0) return fine(needed.join(', '));
    return {
      state: 'failed',
      found: `the token lacks ${lacking.join(', ')}`,
      advice: 'Give the app these scopes, and install it in the portal again.',
    };
  });
}

/** Null: HubSpot describes the tokens of private apps only. */
async function readScopes(
  connection: Connection,
  tokenKey: string,
  signal: AbortSignal | undefined,
): Promise<readonly string[] | null> {
  try {
    const { scopes } = await connection.request(
      { name: 'describe the token', effect: 'read', secrets: 'all', answer: tokenSchema, signal },
      { method: 'POST', path: '/oauth/v2/private-apps/get/access-token-info', body: { tokenKey } },
    );
    return scopes;
  } catch (error) {
    if (error instanceof DealseatError && ['attention', 'never'].includes(error.class)) return null;
    throw error;
  }
}
