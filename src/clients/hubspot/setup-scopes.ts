import type { Client } from '@hubspot/api-client';

export interface ScopeProbe {
  /** What is read, as a person calls it. */
  readonly name: string;
  readonly send: (client: Client) => Promise<unknown>;
}

/**
 * One cheap read for each thing Dealseat reads: HubSpot has no call that lists the scopes of a static token.
 * Write scopes cannot be probed without writing; a missing one shows at the first write, by name.
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
