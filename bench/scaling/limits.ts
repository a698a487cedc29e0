import { THOUGHT_INDUSTRIES } from '../../src/config/variables.ts';
import type { DealCosts } from './costs.ts';

/** Something that there is only so much of, and what a deal takes of it. */
export interface Limit {
  readonly of: 'platform' | 'HubSpot' | 'Salesforce' | 'Temporal' | 'worker';
  readonly name: string;
  /** Units in `perSeconds`. */
  readonly allowed: number;
  readonly perSeconds: number;
  /** Units of one deal. */
  readonly cost: (costs: DealCosts) => number;
  /** Of what there must be more when it is met. */
  readonly each: string;
  /** What moves it. */
  readonly setting: string;
  readonly source: string;
}

const SECOND = 1;
const MINUTE = 60;
const DAY = 24 * 60 * MINUTE;

/** A CRM or platform over the Internet. */
const ANSWER_S = 0.15;
const ACTIVITY_SLOTS = 100;
const SHARDS = 512;
/** Writes of one shard wait for each other. */
const WRITE_S = 0.005;

const SERVER_SOURCE = 'Temporal server 1.29.1, `common/dynamicconfig/constants.go`';
const HUBSPOT_SOURCE = 'HubSpot, *API usage guidelines and limits*';
const SALESFORCE_SOURCE = 'Salesforce, *Developer Limits and Allocations Quick Reference*';
const PLATFORM_SOURCE = 'Thought Industries, *Rate limits* (developer site)';

/** As they stand where nobody has changed or bought anything. */
export const LIMITS: readonly Limit[] = [
  {
    of: 'platform',
    name: `requests a minute, as Dealseat asks by default`,
    allowed: THOUGHT_INDUSTRIES.TI_REQUESTS_PER_MINUTE.fallback,
    perSeconds: MINUTE,
    cost: ({ platformRequests }) => platformRequests,
    each: 'tenant',
    setting: '`TI_REQUESTS_PER_MINUTE`, as far as the tenant allows',
    source: '[configuration](configuration.md)',
  },
  {
    of: 'platform',
    name: 'requests a minute, largest documented plan',
    allowed: 600,
    perSeconds: MINUTE,
    cost: ({ platformRequests }) => platformRequests,
    each: 'tenant',
    setting: 'the plan; then one tenant for each group of partners',
    source: PLATFORM_SOURCE,
  },
  {
    of: 'HubSpot',
    name: 'calls in ten seconds, private app',
    allowed: 100,
    perSeconds: 10,
    cost: ({ hubspotCalls }) => hubspotCalls,
    each: 'portal',
    setting: 'the tier (190), the API add-on (250); then a second portal',
    source: HUBSPOT_SOURCE,
  },
  {
    of: 'HubSpot',
    name: 'calls a day, all private apps of a Professional account',
    allowed: 625_000,
    perSeconds: DAY,
    cost: ({ hubspotCalls }) => hubspotCalls,
    each: 'portal',
    setting: 'the tier (1,000,000), the API add-on (1,000,000 more, at most twice)',
    source: HUBSPOT_SOURCE,
  },
  {
    of: 'HubSpot',
    name: 'searches a second',
    allowed: 5,
    perSeconds: SECOND,
    cost: ({ hubspotSearches }) => hubspotSearches,
    each: 'portal',
    setting: 'nothing: a second portal',
    source: 'HubSpot, *CRM search*',
  },
  {
    of: 'Salesforce',
    name: 'calls a day, Enterprise with 100 licences',
    allowed: 200_000,
    perSeconds: DAY,
    cost: ({ salesforceCalls }) => salesforceCalls,
    each: 'org',
    setting: '1,000 more for each licence (Unlimited: 5,000), or bought calls',
    source: SALESFORCE_SOURCE,
  },
  {
    of: 'Salesforce',
    name: 'single e-mails a day to people outside',
    allowed: 5_000,
    perSeconds: DAY,
    cost: ({ mails }) => mails,
    each: 'org',
    setting: 'a flow with another e-mail tool, started by the status on the deal',
    source: SALESFORCE_SOURCE,
  },
  {
    of: 'Temporal',
    name: 'frontend calls a second, one namespace on one frontend',
    allowed: 2_400,
    perSeconds: SECOND,
    cost: ({ frontendCalls }) => frontendCalls,
    each: 'frontend',
    setting: '`frontend.namespaceRPS` and `frontend.rps`, or more frontends',
    source: SERVER_SOURCE,
  },
  {
    of: 'Temporal',
    name: 'calls a second, one matching host',
    allowed: 1_200,
    perSeconds: SECOND,
    cost: ({ tasks }) => 2 * tasks,
    each: 'matching host',
    setting:
      '`matching.rps`, or more hosts; `matching.numTaskqueueReadPartitions` (4) to spread one queue over them',
    source: SERVER_SOURCE,
  },
  {
    of: 'Temporal',
    name: `writes a second, ${SHARDS} history shards that write in ${WRITE_S * 1_000} ms (an assumption)`,
    allowed: SHARDS / WRITE_S,
    perSeconds: SECOND,
    cost: ({ tasks }) => 3 * tasks,
    each: 'cluster',
    setting: '`numHistoryShards`, which cannot be changed later',
    source: 'each task is scheduled, started and completed',
  },
  {
    of: 'Temporal',
    name: 'history events of one run',
    allowed: 51_200,
    perSeconds: 0,
    cost: ({ historyEvents }) => historyEvents,
    each: 'run',
    setting: '`limit.historyCount.error`; a run that is woken again and again goes on as a new one',
    source: SERVER_SOURCE,
  },
  {
    of: 'Temporal',
    name: 'bytes of history of one run',
    allowed: 50 * 1_024 ** 2,
    perSeconds: 0,
    cost: ({ historyBytes }) => historyBytes,
    each: 'run',
    setting: '`limit.historySize.error`',
    source: SERVER_SOURCE,
  },
  {
    of: 'worker',
    name: `activity slots of one process, whose calls are answered in ${ANSWER_S * 1_000} ms (an assumption)`,
    allowed: ACTIVITY_SLOTS,
    perSeconds: SECOND,
    cost: ({ hubspotCalls, salesforceCalls, platformRequests }) =>
      (Math.max(hubspotCalls, salesforceCalls) + platformRequests) * ANSWER_S,
    each: 'worker process',
    setting: 'more processes of `dealseat worker`',
    source: 'Temporal SDK 1.24.0, `maxConcurrentActivityTaskExecutions`',
  },
];
