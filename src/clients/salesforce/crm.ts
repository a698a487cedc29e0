import type { Crm } from '../crm.ts';
import { SalesforceSession } from './connection.ts';
import { readContact, readRedeemLinks, writeRedeemLinks } from './contacts.ts';
import { readDeal } from './deal.ts';
import { readClaim, writeDealFields } from './deal-fields.ts';
import { readHandOver } from './hand-over-record.ts';
import { normalizeIdOf } from './ids.ts';
import { findMessage, sendMessage } from './mail.ts';
import { notifyOwner } from './notices.ts';
import { attachRoster, removeRoster } from './roster.ts';
import { checkSetup, proveAccess } from './setup.ts';
import { findWonDeals } from './won-deals.ts';
import { createWonStageNames } from './won-stages.ts';

export interface SalesforceOptions {
  /** My Domain host with scheme: client credentials work on no other. */
  readonly loginUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** 15 or 18 characters. */
  readonly orgId: string;
  /** For example `66.0`. */
  readonly apiVersion: string;
  /** Bound of one HTTP call, body included. */
  readonly timeoutMs?: number;
}

const DEFAULT_TIMEOUT_MS = 60_000;

export function createSalesforceCrm(options: SalesforceOptions): Crm {
  const { timeoutMs = DEFAULT_TIMEOUT_MS, ...rest } = options;
  const orgId = normalizeIdOf('Organization', options.orgId);
  if (orgId === null) {
    throw new RangeError(`SALESFORCE_ORG_ID: ${options.orgId} is no org id (15 or 18 characters, 00D…)`);
  }
  const session = new SalesforceSession({ ...rest, orgId, timeoutMs });
  const org = { session, account: orgId, wonStageNames: createWonStageNames(session) };
  return {
    name: 'salesforce',
    account: orgId,
    ping: (signal) => proveAccess(session, signal),
    readDeal: (dealId, signal) => readDeal(org, dealId, signal),
    readClaim: (dealId, signal) => readClaim(session, dealId, signal),
    // Opportunities cannot be merged.
    refuseMerged: async () => undefined,
    findWonDeals: (query) => findWonDeals(session, query),
    readContact: (contactId, signal) => readContact(session, contactId, signal),
    writeDealFields: (dealId, fields, signal) => writeDealFields(session, dealId, fields, signal),
    attachRoster: (roster, signal) => attachRoster(session, roster, signal),
    readHandOver: (dealId, rosterToken, signal) => readHandOver(session, dealId, rosterToken, signal),
    removeRoster: (roster, signal) => removeRoster(session, roster, signal),
    readRedeemLinks: (contactIds, signal) => readRedeemLinks(session, contactIds, signal),
    writeRedeemLinks: (links, signal) => writeRedeemLinks(session, links, signal),
    sendMessage: (message, signal) => sendMessage(session, message, signal),
    findMessage: (message, signal) => findMessage(session, message, signal),
    // Mails cannot be called back, and Salesforce has no other tool here.
    takeBackMessage: async () => undefined,
    notifyOwner: (notice, signal) => notifyOwner(session, notice, signal),
    checkSetup: ({ signal }) => checkSetup(session, signal),
  };
}
