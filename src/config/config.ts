import type { CrmModule } from '../clients/crm-module.ts';
import { DEFAULT_POLICY, type Policy } from '../contracts/policy.ts';
import { nearestOf } from '../domain/did-you-mean.ts';
import { CRMS } from '../processes/crms.ts';
import type { CrmConfig } from './crm-settings.ts';
import { type ConfigFault, readGroup, readSystem, readVariable, type ValuesOf } from './read-variables.ts';
import type { Secret } from './secret.ts';
import type { SecretKey } from './secret-keys.ts';
import {
  API_SCOPES,
  type ApiScope,
  GENERAL,
  type LOG_LEVELS,
  type ManualApiKey,
  POLICY,
  POLICY_PREFIX,
  SEATS,
  SWEEP,
  THOUGHT_INDUSTRIES,
  TI_WEBHOOK,
} from './variables.ts';

export type { ApiScope, ConfigFault, ManualApiKey };
export { API_SCOPES };

/** Everything the environment decides. Temporal's own variables are read by `@temporalio/envconfig`, not here. */
export interface Config extends CrmConfig {
  readonly taskQueue: string;
  readonly catalogPath: string;
  readonly logLevel: (typeof LOG_LEVELS)[number];
  readonly policy: Policy;
  readonly sweep: SweepConfig;
  readonly seats: SeatsConfig;
  /** By which deals show that this deployment wrote on them, the newest first; null: unset. */
  readonly secretKeys: readonly SecretKey[] | null;
  /** PostgreSQL of the seat store; null: the embedded one. */
  readonly databaseUrl: Secret | null;
  /** Of the embedded database of seats, which is used without `databaseUrl`. */
  readonly seatsFolder: string;
  /** How long names and addresses of learners are kept after their seat is over. */
  readonly keepPeopleDays: number;
  /** Root of the Temporal UI for links to runs; null: runs are named by their id. */
  readonly temporalUiUrl: string | null;
  readonly ti: TiConfig | null;
  /** Null: the webhook server takes no redemptions. */
  readonly tiWebhook: TiWebhookConfig | null;
  readonly webhook: WebhookConfig;
  readonly alerts: AlertConfig;
  readonly manualApiKeys: readonly ManualApiKey[];
}

export interface SweepConfig {
  readonly intervalMs: number;
  /** UTC instant from which the first sweep looks; null: the day on which its schedule is made. */
  readonly since: string | null;
  /** How far behind now a sweep stops. */
  readonly lagMs: number;
  /** How far behind the end of the sweep before it a sweep starts. */
  readonly lookBackMs: number;
}

/** How the store of seats follows what learners do. */
export interface SeatsConfig {
  readonly intervalMs: number;
  /** How far behind the last look at the redemptions the next one begins. */
  readonly overlapMs: number;
  /** How often at most a deal is written for the numbers of its seats. */
  readonly showEveryMs: number;
  /** Of the platform's requests a minute. */
  readonly requestsPercent: number;
  /** Hour of the day at which reminders go out. */
  readonly nudgesHour: number;
}

export interface TiConfig {
  /** Origin of the tenant, without `/incoming/v2`. */
  readonly baseUrl: string;
  readonly apiKey: Secret;
  /** Origin of the learner-facing site. */
  readonly learnerUrl: string;
  /** Path template with `{groupId}`; null: the tenant lists no codes by API. */
  readonly codesPath: string | null;
  readonly requestsPerMinute: number;
  /** How the event feed wants its dates. */
  readonly eventDates: 'ms' | 'iso';
}

export interface TiWebhookConfig {
  /** Last part of the endpoint’s path: one, and two while they rotate. */
  readonly secrets: readonly Secret[];
  /** Null: messages carry no signature. */
  readonly signingSecrets: readonly Secret[] | null;
}

/** Ways to the people who run Dealseat; null: not used. */
export interface AlertConfig {
  readonly webhook: { readonly url: Secret; readonly secret: Secret | null } | null;
  readonly slackUrl: Secret | null;
  readonly mail: { readonly to: string; readonly from: string; readonly smtpUrl: Secret } | null;
}

export interface WebhookConfig {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Where the CRMs reach this server, without a trailing slash; may hold a path prefix. */
  readonly publicUrl: string | null;
}

/** Every fault of the environment at once, each under the name of its variable. */
export class ConfigError extends Error {
  readonly faults: readonly ConfigFault[];

  constructor(faults: readonly ConfigFault[]) {
    const lines = faults.map(({ variable, message }) => `  ${variable}: ${message}`);
    super(['The configuration cannot be used:', ...lines].join('\n'));
    this.name = 'ConfigError';
    this.faults = faults;
  }
}

/** Reads and checks the whole environment. An empty variable counts as unset. Throws `ConfigError`. */
export function loadConfig(env: NodeJS.ProcessEnv, knownCrms: readonly CrmModule[] = CRMS): Config {
  const { config, faults } = surveyConfig(env, knownCrms);
  if (faults.length > 0) throw new ConfigError(faults);
  return config;
}

/** As far as it can be used, for who looks for faults: a variable with one has its default, a system with one is off. */
export function surveyConfig(
  env: NodeJS.ProcessEnv,
  knownCrms: readonly CrmModule[] = CRMS,
): { readonly config: Config; readonly faults: readonly ConfigFault[] } {
  const faults: ConfigFault[] = [];
  const general = readGroup(env, GENERAL, faults);
  const ti = unlessFaulty(faults, () => readSystem(env, THOUGHT_INDUSTRIES, faults));
  const crms = readCrms(env, knownCrms, faults);
  const sweep = readGroup(env, SWEEP, faults);
  const seats = readGroup(env, SEATS, faults);
  const tiWebhook = readGroup(env, TI_WEBHOOK, faults);
  const policy = readPolicy(env, faults);
  const alerts = alertsOf(general, faults);
  const config: Config = {
    taskQueue: general.DEALSEAT_TASK_QUEUE,
    catalogPath: general.DEALSEAT_CATALOG,
    logLevel: general.DEALSEAT_LOG_LEVEL,
    policy,
    sweep: {
      intervalMs: sweep.DEALSEAT_SWEEP_INTERVAL_MS,
      since: sweep.DEALSEAT_SWEEP_SINCE,
      lagMs: sweep.DEALSEAT_SWEEP_LAG_MS,
      lookBackMs: sweep.DEALSEAT_SWEEP_LOOK_BACK_MS,
    },
    seats: {
      intervalMs: seats.DEALSEAT_SEATS_INTERVAL_MS,
      overlapMs: seats.DEALSEAT_SEATS_OVERLAP_MS,
      showEveryMs: seats.DEALSEAT_SEATS_SHOW_EVERY_MS,
      requestsPercent: seats.DEALSEAT_SEATS_REQUESTS_PERCENT,
      nudgesHour: seats.DEALSEAT_NUDGES_HOUR,
    },
    secretKeys: general.DEALSEAT_SECRET_KEYS,
    databaseUrl: general.DATABASE_URL,
    seatsFolder: general.DEALSEAT_SEATS_FOLDER,
    keepPeopleDays: general.DEALSEAT_KEEP_PEOPLE_DAYS,
    temporalUiUrl: general.DEALSEAT_TEMPORAL_UI_URL,
    ti: ti && {
      baseUrl: ti.TI_BASE_URL,
      apiKey: ti.TI_API_KEY,
      learnerUrl: ti.TI_LEARNER_URL ?? ti.TI_BASE_URL,
      codesPath: ti.TI_CODES_PATH,
      requestsPerMinute: ti.TI_REQUESTS_PER_MINUTE,
      eventDates: ti.TI_EVENT_DATES,
    },
    tiWebhook: tiWebhook.TI_WEBHOOK_SECRET && {
      secrets: tiWebhook.TI_WEBHOOK_SECRET,
      signingSecrets: tiWebhook.TI_WEBHOOK_SIGNING_SECRET,
    },
    knownCrms,
    crms,
    webhook: {
      host: general.WEBHOOK_HOST,
      port: general.WEBHOOK_PORT,
      publicUrl: general.WEBHOOK_PUBLIC_URL,
    },
    alerts,
    manualApiKeys: general.MANUAL_API_KEYS,
  };
  return { config, faults };
}

/** Null for a system that added a fault. */
function unlessFaulty<T>(faults: readonly ConfigFault[], read: () => T | null): T | null {
  const before = faults.length;
  const value = read();
  return faults.length === before ? value : null;
}

function alertsOf(
  {
    DEALSEAT_ALERT_WEBHOOK_URL: url,
    DEALSEAT_ALERT_WEBHOOK_SECRET: secret,
    DEALSEAT_ALERT_SLACK_URL: slackUrl,
    DEALSEAT_ALERT_MAIL: to,
    DEALSEAT_ALERT_MAIL_FROM: from,
    DEALSEAT_SMTP_URL: smtpUrl,
  }: ValuesOf<typeof GENERAL>,
  faults: ConfigFault[],
): AlertConfig {
  const lacks = (variable: keyof typeof GENERAL, because: keyof typeof GENERAL) =>
    faults.push({
      variable,
      message: `is not set, although ${because} is; expected ${GENERAL[variable].expects}`,
    });
  if (to && !smtpUrl) lacks('DEALSEAT_SMTP_URL', 'DEALSEAT_ALERT_MAIL');
  if (smtpUrl && !to) lacks('DEALSEAT_ALERT_MAIL', 'DEALSEAT_SMTP_URL');
  else if (from && !to) lacks('DEALSEAT_ALERT_MAIL', 'DEALSEAT_ALERT_MAIL_FROM');
  if (secret && !url) lacks('DEALSEAT_ALERT_WEBHOOK_URL', 'DEALSEAT_ALERT_WEBHOOK_SECRET');
  return {
    webhook: url ? { url, secret: secret ?? null } : null,
    slackUrl: slackUrl ?? null,
    mail: to && smtpUrl ? { to, from: from ?? to.split(',')[0]?.trim() ?? to, smtpUrl } : null,
  };
}

/** For whoever talks to the learning platform: the worker does, the webhook server does not. */
export function requireTi(config: Config): TiConfig {
  return config.ti ?? missing('TI_BASE_URL', 'is not set, and the worker needs the learning platform');
}

/** For the worker: `dealseat start` makes keys of its own where none are set. */
export function requireSecretKeys({ secretKeys }: Pick<Config, 'secretKeys'>): readonly SecretKey[] {
  return (
    secretKeys ?? missing('DEALSEAT_SECRET_KEYS', 'is not set, and the worker seals what it writes on deals')
  );
}

/** For the webhook server, where a CRM signs the address that it calls. */
export function requirePublicUrl({ webhook }: Config, { facts }: CrmModule): string {
  return (
    webhook.publicUrl ?? missing('WEBHOOK_PUBLIC_URL', `is not set, and ${facts.displayName} signs over it`)
  );
}

function missing(variable: keyof typeof EXPECTATIONS, message: string): never {
  throw new ConfigError([{ variable, message: `${message}; expected ${EXPECTATIONS[variable].expects}` }]);
}

const EXPECTATIONS = { ...GENERAL, ...THOUGHT_INDUSTRIES };

function readCrms(
  env: NodeJS.ProcessEnv,
  known: readonly CrmModule[],
  faults: ConfigFault[],
): Config['crms'] {
  const read = known.map(
    ({ name, environment }) => [name, unlessFaulty(faults, () => environment.read(env, faults))] as const,
  );
  return Object.fromEntries(read.filter(([, settings]) => settings !== null));
}

function readPolicy(env: NodeJS.ProcessEnv, faults: ConfigFault[]): Policy {
  const policy: Record<keyof Policy, number> = { ...DEFAULT_POLICY };
  for (const [key, { name, variable }] of POLICY) {
    policy[key] = readVariable(env, name, variable, faults) ?? DEFAULT_POLICY[key];
  }
  const known = new Set([...POLICY.values()].map(({ name }) => name));
  for (const name of Object.keys(env)) {
    if (!name.startsWith(POLICY_PREFIX) || known.has(name)) continue;
    const nearest = nearestOf(name, known);
    const cure = nearest === null ? `expected one of ${[...known].join(', ')}` : `did you mean ${nearest}?`;
    faults.push({ variable: name, message: `is not a known setting; ${cure}` });
  }
  // Temporal refuses such a retry policy, but only when the first activity is scheduled.
  if (policy.retryMaxMs < policy.retryInitialMs) {
    faults.push({
      variable: `${POLICY_PREFIX}RETRY_MAX_MS`,
      message: `expected at least ${POLICY_PREFIX}RETRY_INITIAL_MS (${policy.retryInitialMs}), found ${policy.retryMaxMs}`,
    });
  }
  // A hold must outlast the step that begins with it, and become believable before it has to be renewed.
  const leastLeaseMs = Math.max(2 * policy.rosterAttemptMs, 4 * policy.holdPauseMs);
  if (policy.holdLeaseMs < leastLeaseMs) {
    faults.push({
      variable: `${POLICY_PREFIX}HOLD_LEASE_MS`,
      message: `expected at least ${leastLeaseMs}, which is twice ${POLICY_PREFIX}ROSTER_ATTEMPT_MS or four times ${POLICY_PREFIX}HOLD_PAUSE_MS, found ${policy.holdLeaseMs}`,
    });
  }
  return policy;
}
