import { type DealReading, PLAIN_READING } from '../../domain/deal/catalog.ts';
import { concludeByCalls } from '../conclude-by-calls.ts';
import type { Crm } from '../crm.ts';
import { FirstLooks } from '../first-looks.ts';
import type { Access } from './access.ts';
import { connectHubSpot, onlyAfter } from './connection.ts';
import { readContact } from './contacts.ts';
import { readDeal, readPrint } from './deal.ts';
import { readRecord, writeDealFields } from './deal-fields.ts';
import { proveHold, takeHold } from './deal-hold.ts';
import { mailTool } from './mail.ts';
import { closeNotices, notify } from './notices.ts';
import { createOwnApp } from './own-app.ts';
import { createOwners } from './owners.ts';
import { createStages, readDealStages } from './pipelines.ts';
import { createPortal } from './portal.ts';
import { createQuota } from './quota.ts';
import { readRedeemLinks, writeRedeemLinks } from './redeem-links.ts';
import { attachRoster, removeRoster } from './roster.ts';
import { createSeatFieldReader } from './seat-fields.ts';
import { checkSetup } from './setup.ts';
import { DEFAULT_SINGLE_SEND, type SingleSendOptions } from './single-send.ts';
import { eventStages } from './sought-stages.ts';
import { findFileNames } from './stored-files.ts';
import { readRosters } from './stored-rosters.ts';
import { createWonDealSearch } from './won-deals.ts';

export interface HubSpotOptions {
  /** Token of a private app, a project app or a service key. */
  readonly accessToken: string;
  /** The portal the token must belong to. */
  readonly portalId: string;
  /** API host. Default: HubSpot's public one. */
  readonly baseUrl?: string | undefined;
  /** Host of the pages for people. Default: what HubSpot says it is. */
  readonly uiDomain?: string | undefined;
  /** Bound over one call, body included; uploads get four times as long. Default 30 s. */
  readonly timeoutMs?: number | undefined;
  /** How long a call waits for its turn when the quota is scarce, before it is refused. Default 20 s. */
  readonly maxQueueMs?: number | undefined;
  /** How long pipelines and owners are believed to be as they were read last. Default 60 s. */
  readonly believedMs?: number | undefined;
  readonly singleSend?: Partial<SingleSendOptions> | undefined;
  /** What the catalog says of deals. Default: nothing. */
  readonly reading?: DealReading | undefined;
}

export interface HubSpotCrm extends Crm {
  /** Read: the ids of all stages in which an event may find a deal that counts as won, over all pipelines. */
  wonStageIds(signal?: AbortSignal): Promise<ReadonlySet<string>>;
}

const DEFAULT_BASE_URL = 'https://api.hubapi.com';
const DEFAULT_TIMEOUT_MS = 30_000;
const DEFAULT_MAX_QUEUE_MS = 20_000;
const DEFAULT_BELIEVED_MS = 60_000;

export function createHubSpotCrm(options: HubSpotOptions): HubSpotCrm {
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const baseUrl = (options.baseUrl ?? DEFAULT_BASE_URL).replace(/\/+$/, '');
  const quota = createQuota({ maxWaitMs: options.maxQueueMs ?? DEFAULT_MAX_QUEUE_MS });
  const open = connectHubSpot({
    accessToken: options.accessToken,
    baseUrl,
    timeoutMs,
    quota,
  });
  const portal = createPortal(open, { portalId: options.portalId, uiDomain: options.uiDomain });
  const connection = onlyAfter(portal.prove, open);
  const app = createOwnApp(connection, options.accessToken);
  const access: Access = { connection, portal, app, timeoutMs };
  const reading = options.reading ?? PLAIN_READING;
  const believedMs = options.believedMs ?? DEFAULT_BELIEVED_MS;
  const source = {
    connection,
    portal,
    reading,
    readSeatFields: createSeatFieldReader(connection, reading.seatFields),
    owners: createOwners(connection, believedMs),
    stages: createStages(connection, believedMs),
  };
  const sending = { ...DEFAULT_SINGLE_SEND, ...options.singleSend, firstLooks: new FirstLooks() };
  const parts: Pick<Crm, 'writeDealFields' | 'notify' | 'readPrint'> = {
    writeDealFields: (dealId, fields, signal) => writeDealFields(connection, { dealId, fields }, signal),
    notify: (notice, signal) => notify(access, notice, signal),
    readPrint: (dealId, signal) => readPrint(source, dealId, signal),
  };
  return {
    ...parts,
    name: 'hubspot',
    account: options.portalId,
    ping: (signal) => portal.verify(signal),
    readDeal: (dealId, signal) => readDeal(source, dealId, signal),
    readRecord: (dealId, signal) => readRecord(connection, dealId, signal),
    findWonDeals: createWonDealSearch(connection, reading.terms),
    readContact: (contactId, signal) => readContact(connection, contactId, signal),
    // A contact says itself which ones were merged into it.
    readMergedContacts: async () => new Map(),
    takeHold: (claim, signal) => takeHold(connection, claim, signal),
    proveHold: (written, signal) => proveHold(connection, written, signal),
    attachRoster: (roster, signal) => attachRoster(access, roster, signal),
    readRosters: (dealId, rosterToken, signal) => readRosters(access, { dealId, rosterToken }, signal),
    findFileNames: (beginning, signal) => findFileNames(connection, beginning, signal),
    removeRoster: (roster, signal) => removeRoster(access, roster, signal),
    readRedeemLinks: (contactIds, signal) => readRedeemLinks(connection, contactIds, signal),
    writeRedeemLinks: (links, signal) => writeRedeemLinks(connection, links, signal),
    mailTool: (tool) => mailTool(connection, tool, sending),
    closeNotices: (query, signal) => closeNotices(access, query, signal),
    conclude: (conclusion, signal) => concludeByCalls(parts, conclusion, signal),
    checkSetup: (setup) =>
      checkSetup({ ...access, quota, reading, accessToken: options.accessToken, baseUrl }, setup),
    wonStageIds: async (signal) => eventStages(await readDealStages(connection, signal), reading.terms),
  };
}
