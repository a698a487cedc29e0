import { type DealReading, PLAIN_READING } from '../../domain/deal/catalog.ts';
import type { Crm } from '../crm.ts';
import { conclude } from './conclude.ts';
import { Connection } from './connection.ts';
import { readContact, readMergedContacts } from './contacts.ts';
import { readDeal } from './deal.ts';
import { readRecord, writeDealFields } from './deal-fields.ts';
import { proveHold, takeHold } from './deal-hold.ts';
import { normalizeIdOf } from './ids.ts';
import { mailTool } from './mail.ts';
import { createMailAction } from './mail-action.ts';
import { closeNotices, notify } from './notices.ts';
import { readPrint } from './print.ts';
import { readRedeemLinks, writeRedeemLinks } from './redeem-links.ts';
import { attachRoster, removeRoster } from './roster.ts';
import { findFileNames } from './roster-files.ts';
import { checkSetup, proveAccess } from './setup.ts';
import { createSpelledTerms } from './spelled-terms.ts';
import { readRosters } from './stored-rosters.ts';
import { createWonDealSearch } from './won-deals.ts';
import { WonStages } from './won-stages.ts';

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
  /** What the catalog says of deals. Default: nothing. */
  readonly reading?: DealReading | undefined;
}

const DEFAULT_TIMEOUT_MS = 60_000;

export function createSalesforceCrm(options: SalesforceOptions): Crm {
  const { timeoutMs = DEFAULT_TIMEOUT_MS, reading = PLAIN_READING, ...rest } = options;
  const orgId = normalizeIdOf('Organization', options.orgId);
  if (orgId === null) {
    throw new RangeError(`SALESFORCE_ORG_ID: ${options.orgId} is not an org id (15 or 18 characters, 00D…)`);
  }
  const connection = new Connection({ ...rest, orgId, timeoutMs });
  const wonStages = new WonStages(connection);
  const mailAction = createMailAction(connection);
  const spelledTerms = createSpelledTerms(connection, reading.terms);
  const org = { connection, account: orgId, wonStages, reading };
  const calls: Pick<Crm, 'writeDealFields' | 'notify' | 'readPrint'> = {
    writeDealFields: (dealId, fields, signal) => writeDealFields(connection, dealId, fields, signal),
    notify: (notice, signal) => notify(connection, notice, signal),
    readPrint: (dealId, signal) => readPrint(org, dealId, signal),
  };
  return {
    ...calls,
    name: 'salesforce',
    account: orgId,
    ping: (signal) => proveAccess(connection, signal),
    readDeal: (dealId, signal) => readDeal(org, dealId, signal),
    readRecord: (dealId, signal) => readRecord(connection, dealId, signal),
    findWonDeals: createWonDealSearch(connection, { wonStages, spelledTerms }),
    readContact: (contactId, signal) => readContact(org, contactId, signal),
    readMergedContacts: (contactIds, signal) => readMergedContacts(connection, contactIds, signal),
    takeHold: (claim, signal) => takeHold(connection, claim, signal),
    proveHold: (written, signal) => proveHold(connection, written, signal),
    attachRoster: (roster, signal) => attachRoster(connection, roster, signal),
    readRosters: (dealId, rosterToken, signal) => readRosters(connection, dealId, rosterToken, signal),
    findFileNames: (beginning, signal) => findFileNames(connection, beginning, signal),
    removeRoster: (roster, signal) => removeRoster(connection, roster, signal),
    readRedeemLinks: (contactIds, signal) => readRedeemLinks(connection, contactIds, signal),
    writeRedeemLinks: (links, signal) => writeRedeemLinks(connection, links, signal),
    mailTool: (tool) => mailTool(connection, tool, mailAction),
    closeNotices: (query, signal) => closeNotices(connection, query, signal),
    conclude: (conclusion, signal) => conclude({ connection, reading, calls }, conclusion, signal),
    checkSetup: (setup) => checkSetup({ connection, reading, loginUrl: options.loginUrl }, setup),
  };
}
