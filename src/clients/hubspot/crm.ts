import { DealseatError } from '../../domain/failure.ts';
import { mergedInto } from '../../domain/planning/build-plan.ts';
import type { Crm, DealFields } from '../crm.ts';
import { type Connection, connectHubSpot } from './connection.ts';
import { readContact } from './contacts.ts';
import { readDeal } from './deal.ts';
import { DEAL_PROPERTIES, toPropertyValues } from './fields.ts';
import { readHandOver } from './hand-over-record.ts';
import { findMessage, sendMessage } from './mail.ts';
import { notifyOwner } from './notices.ts';
import { readWonStageIds } from './pipelines.ts';
import { createPortal } from './portal.ts';
import { createQuota } from './quota.ts';
import { withReadBack } from './read-back.ts';
import { propertyOf, recordSchema } from './records.ts';
import { readRedeemLinks, writeRedeemLinks } from './redeem-links.ts';
import { attachRoster, removeRoster } from './roster.ts';
import { checkSetup } from './setup.ts';
import { DEFAULT_SINGLE_SEND, type SingleSendOptions } from './single-send.ts';
import { takeOffList } from './static-list.ts';
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
  readonly singleSend?: Partial<SingleSendOptions> | undefined;
}

export interface HubSpotCrm extends Crm {
  /** Read: the ids of all stages that count as won, over all pipelines. */
  wonStageIds(signal?: AbortSignal): Promise<ReadonlySet<string>>;
}

const DEFAULT_BASE_URL = 'https://api.hubapi.com';
const DEFAULT_TIMEOUT_MS = 30_000;
const DEFAULT_MAX_QUEUE_MS = 20_000;

export function createHubSpotCrm(options: HubSpotOptions): HubSpotCrm {
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const connection = connectHubSpot({
    accessToken: options.accessToken,
    baseUrl: options.baseUrl ?? DEFAULT_BASE_URL,
    timeoutMs,
    quota: createQuota({ maxWaitMs: options.maxQueueMs ?? DEFAULT_MAX_QUEUE_MS }),
  });
  const portal = createPortal(connection, { portalId: options.portalId, uiDomain: options.uiDomain });
  const deps = { connection, portal, timeoutMs };
  const sending = { ...DEFAULT_SINGLE_SEND, ...options.singleSend };
  return {
    name: 'hubspot',
    account: options.portalId,
    ping: (signal) => portal.verify(signal),
    readDeal: (dealId, signal) => readDeal(deps, dealId, signal),
    readClaim: (dealId, signal) => readClaim(connection, dealId, signal),
    refuseMerged: async (dealId, signal) => {
      await readClaim(connection, dealId, signal);
    },
    findWonDeals: createWonDealSearch(connection),
    readContact: (contactId, signal) => readContact(connection, contactId, signal),
    writeDealFields: (dealId, fields, signal) => writeDealFields(connection, { dealId, fields }, signal),
    attachRoster: (roster, signal) => attachRoster(deps, roster, signal),
    readHandOver: (dealId, rosterToken, signal) => readHandOver(deps, { dealId, rosterToken, signal }),
    removeRoster: (roster, signal) => removeRoster(deps, roster, signal),
    readRedeemLinks: (contactIds, signal) => readRedeemLinks(connection, contactIds, signal),
    writeRedeemLinks: (links, signal) => writeRedeemLinks(connection, links, signal),
    sendMessage: (message, signal) => sendMessage(connection, { message, options: sending }, signal),
    findMessage: (message, signal) => findMessage(connection, message, signal),
    takeBackMessage: async ({ contactId, tool }, signal) => {
      if (tool.via === 'list') await takeOffList(connection, { contactId, tool }, signal);
    },
    notifyOwner: (notice, signal) => notifyOwner(connection, notice, signal),
    checkSetup: (setup) => checkSetup(deps, setup),
    wonStageIds: (signal) => readWonStageIds(connection, signal),
  };
}

/** A merged deal answers as the surviving one, and what is written to it would be written there. */
async function readClaim(
  connection: Connection,
  dealId: string,
  signal?: AbortSignal,
): Promise<string | null> {
  const { name: property } = DEAL_PROPERTIES.claim;
  const record = await connection.call(
    {
      name: `read claim of deal ${dealId}`,
      effect: 'read',
      whenMissing: 'crm.deal_not_found',
      answer: recordSchema,
      signal,
    },
    (client) => client.crm.deals.basicApi.getById(dealId, [property]),
  );
  if (record.id !== dealId) throw new DealseatError(mergedInto(dealId, record.id));
  return propertyOf(record, property);
}

async function writeDealFields(
  connection: Connection,
  { dealId, fields }: { readonly dealId: string; readonly fields: DealFields },
  signal?: AbortSignal,
): Promise<void> {
  const properties = toPropertyValues(fields);
  const names = Object.keys(properties);
  if (names.length === 0) return;
  const call = { whenMissing: 'crm.deal_not_found', answer: recordSchema, signal } as const;
  const write = () =>
    connection.call({ ...call, name: `write fields of deal ${dealId}`, effect: 'overwrite' }, (client) =>
      client.crm.deals.basicApi.update(dealId, { properties }),
    );
  await withReadBack(write, async () => {
    const name = `read back fields of deal ${dealId}`;
    const record = await connection.call({ ...call, name, effect: 'read' }, (client) =>
      client.crm.deals.basicApi.getById(dealId, names),
    );
    const isWritten = names.every((name) => (propertyOf(record, name) ?? '') === properties[name]?.trim());
    return isWritten ? record : null;
  });
}
