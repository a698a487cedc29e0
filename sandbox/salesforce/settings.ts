import type { Outbox } from '../outbox.ts';

type MailMode =
  | 'ok'
  /** Refused, told with HTTP 200. */
  | 'fail200'
  /** Refused, told with HTTP 400. */
  | 'fail400'
  /** Taken and thrown away, as mail from a sender domain that the org has not verified. */
  | 'dropped';

export interface SalesforceSandboxOptions {
  /** 15 or 18 characters. */
  readonly orgId: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly outbox: Outbox;
  readonly now?: () => number;
  /** What the token answer and the outbound messages call this org. Default: the host of the request. */
  readonly baseUrl?: () => string;
  readonly tokenTtlMs?: number;
  /** After so many REST calls a token is no longer taken. */
  readonly tokenTtlCalls?: number;
  /** When set, tokens are given out only on this host, as a real org does on its My Domain. */
  readonly myDomainHost?: string;
  /** False: no user is named to run the client-credentials flow as. Default true. */
  readonly runAsUser?: boolean;
  /** False: an org whose admin has not added Dealseat's fields. Default true. */
  readonly withDealseatFields?: boolean;
  /** `Object.Field` names that field-level security hides from the integration user. */
  readonly hiddenFields?: readonly string[];
  /** Lengths by `Object.Field`, of an admin who chose others than the documented ones. */
  readonly fieldLengths?: Readonly<Record<string, number>>;
  /** `Opportunity.Field` names with history tracking. Default: the hold and the action; none: the org keeps no such history at all. */
  readonly trackedFields?: readonly string[];
  /** Rows of a query's page. Default 2,000. */
  readonly pageSize?: number;
  /** REST calls a day. Default 100,000. */
  readonly dailyCalls?: number;
  /** Whether the org starts with the example deal. Default true. */
  readonly seed?: boolean;
  readonly mailMode?: MailMode;
  /** How long one minute between two tries of an outbound message takes here. Default 60,000 ms. */
  readonly minuteMs?: number;
}

/** What a test may change while the org is running. */
export interface Settings {
  tokenTtlMs: number;
  tokenTtlCalls: number;
  myDomainHost: string | null;
  runAsUser: boolean;
  withDealseatFields: boolean;
  readonly hiddenFields: Set<string>;
  readonly fieldLengths: ReadonlyMap<string, number>;
  readonly trackedFields: Set<string>;
  pageSize: number;
  dailyCalls: number;
  mailMode: MailMode;
  minuteMs: number;
}

const TWO_HOURS_MS = 2 * 60 * 60 * 1000;

export function settingsFrom(options: SalesforceSandboxOptions): Settings {
  return {
    tokenTtlMs: options.tokenTtlMs ?? TWO_HOURS_MS,
    tokenTtlCalls: options.tokenTtlCalls ?? Number.POSITIVE_INFINITY,
    myDomainHost: options.myDomainHost ?? null,
    runAsUser: options.runAsUser ?? true,
    withDealseatFields: options.withDealseatFields ?? true,
    hiddenFields: new Set(options.hiddenFields),
    fieldLengths: new Map(Object.entries(options.fieldLengths ?? {})),
    trackedFields: new Set(
      options.trackedFields ?? ['Opportunity.Dealseat_Claim__c', 'Opportunity.Dealseat_Action__c'],
    ),
    pageSize: options.pageSize ?? 2000,
    dailyCalls: options.dailyCalls ?? 100_000,
    mailMode: options.mailMode ?? 'ok',
    minuteMs: options.minuteMs ?? 60_000,
  };
}
