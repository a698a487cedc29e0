import { z } from 'zod';
import { DEFAULT_POLICY, type Policy } from '../contracts/policy.ts';
import { STORE_FOLDER } from './local-folder.ts';
import { Secret } from './secret.ts';
import { parseSecretKeys, SECRET_KEYS_FORM, type SecretKey } from './secret-keys.ts';

/** One environment variable: how it is read, and what to tell a person who got it wrong. */
export interface Variable<T> {
  readonly schema: z.ZodType<T, string>;
  /** Completes "expected …". */
  readonly expects: string;
  /** Value of an unset variable; without one, the variable must be set as soon as its group is used. */
  readonly fallback?: T;
  /** The value is never shown, not even a wrong one. */
  readonly secret?: true;
}

/** Shorter bearer secrets can be guessed. */
export const MIN_BEARER_LENGTH = 16;
const LONGEST_BOUND_MS = 3_650 * 24 * 60 * 60 * 1_000;
const DAY_MS = 24 * 60 * 60 * 1_000;

const MAIL_ADDRESSES = /^[^\s@,<>]+@[^\s@,<>]+(\s*,\s*[^\s@,<>]+@[^\s@,<>]+)*$/;

/** What a key opens: provisioning; seats and acts on them; exports with the codes of seats; people's data and keys. */
export const API_SCOPES = ['provision', 'seats', 'codes', 'admin'] as const;

export type ApiScope = (typeof API_SCOPES)[number];

export interface ManualApiKey {
  readonly partner: string;
  readonly key: Secret;
  readonly scopes: readonly ApiScope[];
}

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

export const GENERAL = {
  DEALSEAT_TASK_QUEUE: {
    schema: z.string().regex(/^[\w.-]{1,200}$/),
    expects: 'a Temporal task queue name of letters, digits, dot, dash and underscore',
    fallback: 'dealseat',
  },
  DEALSEAT_CATALOG: { schema: z.string(), expects: 'the path of the catalog file', fallback: 'catalog.yaml' },
  DEALSEAT_LOG_LEVEL: {
    schema: z.enum(LOG_LEVELS),
    expects: `one of ${LOG_LEVELS.join(', ')}`,
    fallback: 'info' as const,
  },
  DEALSEAT_SECRET_KEYS: {
    schema: z.string().transform((text, context) => parseSecretKeys(text) ?? refuse(context)),
    expects: SECRET_KEYS_FORM,
    fallback: null as readonly SecretKey[] | null,
    secret: true,
  },
  DEALSEAT_TEMPORAL_UI_URL: {
    schema: address(),
    expects: 'the address of the Temporal UI, such as https://temporal.example.com',
    fallback: null,
  },
  DEALSEAT_KEEP_PEOPLE_DAYS: {
    schema: wholeNumber(1, 36_500),
    expects: 'a whole number of days from 1 to 36500',
    fallback: 365,
  },
  DEALSEAT_ALERT_WEBHOOK_URL: {
    schema: secretUrl('https:', 'http:'),
    expects: 'the https address that alerts are posted to; http only for this machine',
    fallback: null as Secret | null,
    secret: true,
  },
  DEALSEAT_ALERT_WEBHOOK_SECRET: {
    schema: z
      .string()
      .regex(new RegExp(`^[\\x21-\\x7e]{${MIN_BEARER_LENGTH},}$`))
      .transform((text) => new Secret(text)),
    expects: `a secret of at least ${MIN_BEARER_LENGTH} characters without spaces`,
    fallback: null as Secret | null,
    secret: true,
  },
  DEALSEAT_ALERT_SLACK_URL: {
    schema: secretUrl('https:', 'http:'),
    expects: 'the address of an incoming webhook of Slack',
    fallback: null as Secret | null,
    secret: true,
  },
  DEALSEAT_ALERT_MAIL: {
    schema: z.string().regex(MAIL_ADDRESSES),
    expects: 'one or more e-mail addresses, comma separated',
    fallback: null as string | null,
  },
  DEALSEAT_ALERT_MAIL_FROM: {
    schema: z.string().regex(/^[^\s@,<>]+@[^\s@,<>]+$/),
    expects: 'one e-mail address',
    fallback: null as string | null,
  },
  DEALSEAT_SMTP_URL: {
    schema: secretUrl('smtp:', 'smtps:'),
    expects: 'smtp://user:password@host:port, or smtps://… where the server expects TLS from the start',
    fallback: null as Secret | null,
    secret: true,
  },
  DATABASE_URL: {
    schema: databaseUrl(),
    expects:
      'postgres://user:password@host:port/database, perhaps with ?sslmode=disable, prefer, require, verify-ca (needs sslrootcert, too) or verify-full',
    fallback: null as Secret | null,
    secret: true,
  },
  DEALSEAT_SEATS_FOLDER: {
    schema: z.string(),
    expects: 'a folder, such as /var/lib/dealseat/seats',
    fallback: STORE_FOLDER,
  },
  WEBHOOK_HOST: {
    schema: z.string().regex(/^[\w.:-]+$/),
    expects: 'the address to listen on, such as 127.0.0.1 or 0.0.0.0',
    fallback: '127.0.0.1',
  },
  WEBHOOK_PORT: { schema: wholeNumber(0, 65_535), expects: 'a port from 0 to 65535', fallback: 8_080 },
  WEBHOOK_PUBLIC_URL: {
    schema: address().refine((url) => !/\/webhooks(\/|$)/.test(url)),
    expects:
      'the https address that the CRMs reach, without /webhooks/…, such as https://dealseat.example.com; http only for this machine',
    fallback: null,
  },
  MANUAL_API_KEYS: {
    schema: z.string().transform(manualApiKeys),
    expects: `name:key or name:key:scopes, comma separated; each name once, of a-z, 0-9 and dash; each key once, of at least ${MIN_BEARER_LENGTH} characters without a colon; scopes joined by +, of ${API_SCOPES.join(', ')}`,
    fallback: [] as readonly ManualApiKey[],
    secret: true,
  },
} as const satisfies Record<string, Variable<unknown>>;

export const SWEEP = {
  DEALSEAT_SWEEP_INTERVAL_MS: {
    schema: wholeNumber(10_000, DAY_MS),
    expects: 'a whole number of milliseconds from 10000 to 86400000',
    fallback: 600_000,
  },
  DEALSEAT_SWEEP_SINCE: {
    schema: instant(),
    expects: 'a day or an instant with its zone, such as 2026-11-01 or 2026-11-01T08:00:00Z',
    fallback: null,
  },
  DEALSEAT_SWEEP_LAG_MS: {
    schema: wholeNumber(0, DAY_MS),
    expects: 'a whole number of milliseconds up to 86400000',
    fallback: 120_000,
  },
  DEALSEAT_SWEEP_LOOK_BACK_MS: {
    schema: wholeNumber(0, 30 * DAY_MS),
    expects: 'a whole number of milliseconds up to 2592000000',
    fallback: 900_000,
  },
} as const satisfies Record<string, Variable<unknown>>;

export const SEATS = {
  DEALSEAT_SEATS_INTERVAL_MS: {
    schema: wholeNumber(10_000, DAY_MS),
    expects: 'a whole number of milliseconds from 10000 to 86400000',
    fallback: 300_000,
  },
  DEALSEAT_SEATS_OVERLAP_MS: {
    schema: wholeNumber(0, 30 * DAY_MS),
    expects: 'a whole number of milliseconds up to 2592000000',
    fallback: 900_000,
  },
  DEALSEAT_SEATS_SHOW_EVERY_MS: {
    schema: wholeNumber(0, DAY_MS),
    expects: 'a whole number of milliseconds up to 86400000',
    fallback: 900_000,
  },
  DEALSEAT_SEATS_REQUESTS_PERCENT: {
    schema: wholeNumber(1, 100),
    expects: 'a whole number from 1 to 100',
    fallback: 20,
  },
  DEALSEAT_NUDGES_HOUR: {
    schema: wholeNumber(0, 23),
    expects: 'a whole number from 0 to 23',
    fallback: 9,
  },
} as const satisfies Record<string, Variable<unknown>>;

export const THOUGHT_INDUSTRIES = {
  TI_BASE_URL: {
    schema: origin(),
    expects: "the tenant's https address without a path, such as https://acme.thoughtindustries.com",
  },
  TI_API_KEY: { schema: secret(), expects: 'an API key without spaces', secret: true },
  TI_LEARNER_URL: {
    schema: origin(),
    expects: 'the https address where learners redeem, without a path, such as https://learn.acme.com',
    fallback: null,
  },
  TI_CODES_PATH: {
    schema: z
      .string()
      .regex(/^(?:none|\/(?!\/)[^\s#]*\{groupId\}[^\s#]*)$/)
      .transform((path) => (path === 'none' ? null : path)),
    expects:
      'a path that starts with / and contains {groupId}, or none where the tenant lists no codes by API',
    fallback: '/redemptionCodes/{groupId}/codes',
  },
  TI_REQUESTS_PER_MINUTE: {
    schema: wholeNumber(1, 10_000),
    expects: 'a whole number from 1 to 10000',
    fallback: 15,
  },
  TI_EVENT_DATES: {
    schema: z.enum(['ms', 'iso']),
    expects: 'ms or iso',
    fallback: 'ms' as const,
  },
} as const satisfies Record<string, Variable<unknown>>;

/** Of the webhook server, which knows nothing else of the learning platform. */
export const TI_WEBHOOK = {
  TI_WEBHOOK_SECRET: {
    schema: rotatingSecret(MIN_BEARER_LENGTH, /^[\w.~-]+$/),
    expects: `at least ${MIN_BEARER_LENGTH} of A-Z, a-z, 0-9 and the signs "._~-" for the endpoint's path, or the old and the new one separated by a comma while they rotate`,
    fallback: null as readonly Secret[] | null,
    secret: true,
  },
  TI_WEBHOOK_SIGNING_SECRET: {
    schema: rotatingSecret(MIN_BEARER_LENGTH),
    expects: `a secret of at least ${MIN_BEARER_LENGTH} characters without spaces, or the old and the new one separated by a comma while they rotate`,
    fallback: null as readonly Secret[] | null,
    secret: true,
  },
} as const satisfies Record<string, Variable<unknown>>;

/** `DEALSEAT_POLICY_POLL_INTERVAL_MS` for `pollIntervalMs`, and so on for every bound. */
export const POLICY_PREFIX = 'DEALSEAT_POLICY_';
export const POLICY: ReadonlyMap<
  keyof Policy,
  { readonly name: string; readonly variable: Variable<number> }
> = new Map(
  (Object.keys(DEFAULT_POLICY) as (keyof Policy)[]).map((key) => [
    key,
    {
      name: POLICY_PREFIX + key.replace(/[A-Z]/g, (capital) => `_${capital}`).toUpperCase(),
      variable: {
        schema: wholeNumber(1, LONGEST_BOUND_MS),
        expects: 'a whole number of milliseconds above 0',
        fallback: DEFAULT_POLICY[key],
      },
    },
  ]),
);

export function refuse(context: z.RefinementCtx): never {
  context.addIssue({ code: 'custom', message: 'not of the expected form' });
  return z.NEVER;
}

function wholeNumber(least: number, most: number): z.ZodType<number, string> {
  return z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number)
    .refine((value) => value >= least && value <= most);
}

/** In UTC, ISO 8601; a day without a time begins at midnight UTC. */
function instant(): z.ZodType<string, string> {
  return z.string().transform((text, context) => {
    const isInstant = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2}))?$/.test(text);
    const date = new Date(text);
    return isInstant && !Number.isNaN(date.getTime()) ? date.toISOString() : refuse(context);
  });
}

export function secret(): z.ZodType<Secret, string> {
  return z
    .string()
    .regex(/^[\x21-\x7e]+$/)
    .transform((text) => new Secret(text));
}

/** An address that is a credential itself. Plain http only where the wire is not the Internet. */
function secretUrl(...protocols: readonly string[]): z.ZodType<Secret, string> {
  return z.string().transform((text, context) => {
    const url = URL.parse(text);
    if (url === null || !protocols.includes(url.protocol) || url.hostname === '') return refuse(context);
    if (url.protocol === 'http:' && !isLocal(url.hostname)) return refuse(context);
    return new Secret(text);
  });
}

const SSL_MODES: ReadonlySet<string> = new Set(['disable', 'prefer', 'require', 'verify-ca', 'verify-full']);

/** Of PostgreSQL. A mode of TLS that is not known would be taken for another one. */
function databaseUrl(): z.ZodType<Secret, string> {
  return z.string().transform((text, context) => {
    const url = URL.parse(text);
    if (url === null || !/^postgres(ql)?:$/.test(url.protocol)) return refuse(context);
    const { searchParams: given } = url;
    if (url.hostname === '' && !given.has('host')) return refuse(context);
    if (url.pathname.length < 2) return refuse(context);
    const mode = given.get('sslmode');
    if (mode !== null && !SSL_MODES.has(mode)) return refuse(context);
    return mode === 'verify-ca' && !given.has('sslrootcert') ? refuse(context) : new Secret(text);
  });
}

export function rotatingSecret(
  minLength: number,
  form = /^[\x21-\x7e]+$/,
): z.ZodType<readonly Secret[], string> {
  return z.string().transform((text, context) => {
    const values = text.split(',').map((value) => value.trim());
    const usable =
      values.length <= 2 && values.every((value) => value.length >= minLength && form.test(value));
    return usable ? values.map((value) => new Secret(value)) : refuse(context);
  });
}

/** Scheme, host, port and path without a trailing slash. Plain http only where the wire is not the Internet. */
function address(): z.ZodType<string, string> {
  return z.string().transform((text, context) => {
    const url = URL.parse(text);
    if (url === null || url.username || url.password || url.search || url.hash) return refuse(context);
    if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLocal(url.hostname)))
      return refuse(context);
    return url.origin + url.pathname.replace(/\/+$/, '');
  });
}

export function origin(): z.ZodType<string, string> {
  return address().refine((url) => new URL(url).origin === url);
}

/** This machine, or a host name without a dot, which only a private network such as Docker's resolves. */
function isLocal(host: string): boolean {
  return /^127\.\d+\.\d+\.\d+$/.test(host) || host === '[::1]' || !/[.:]/.test(host);
}

function manualApiKeys(text: string, context: z.RefinementCtx): readonly ManualApiKey[] {
  const entries = text
    .split(',')
    .map((entry) => /^\s*([a-z0-9-]{1,60}):([\x21-\x39\x3b-\x7e]+)(?::([a-z+]+))?\s*$/.exec(entry));
  const names = new Set<string>();
  const keys = new Map<string, ManualApiKey>();
  for (const entry of entries) {
    const [, partner = '', key = '', given = 'provision'] = entry ?? [];
    const scopes = given.split('+').map((word) => API_SCOPES.find((scope) => scope === word));
    const isUsable = scopes.every((scope) => scope !== undefined);
    if (!isUsable || key.length < MIN_BEARER_LENGTH || names.has(partner) || keys.has(key)) {
      return refuse(context);
    }
    names.add(partner);
    keys.set(key, { partner, key: new Secret(key), scopes });
  }
  return [...keys.values()];
}
