import type { DealRef } from '../domain/deal/deal.ts';
import { provisioningId } from '../domain/deal/ids.ts';
import type { FailureCode, Problem } from '../domain/failure.ts';
import { seatOperationId } from './seat-operations.ts';

/** Name that the activity that raises an alert and its workflow share. */
export const ALERT_OPERATORS = 'alertOperators';

/** Name of the signal: one more deal waits for the cause. */
export const DEAL_WAITS = 'dealWaits';

/** What only those who run Dealseat can fix. Every deal that waits for the same has the same cause. */
export interface AlertCause {
  readonly code: FailureCode;
  /** Null: of the learning platform or the catalog, whatever CRM the deals are in. */
  readonly scope: Pick<DealRef, 'crm' | 'account'> | null;
  /** Such as a product; null: the code is the cause. */
  readonly about: string | null;
}

/** Of the learning platform and the catalog there is one for all CRMs. */
const SHARED_AREAS: ReadonlySet<string> = new Set(['lms', 'catalog', 'run']);

export function causeOf(
  { code, about }: Pick<Problem, 'code' | 'about'>,
  { crm, account }: DealRef,
): AlertCause {
  const [area = ''] = code.split('.');
  return { code, scope: SHARED_AREAS.has(area) ? null : { crm, account }, about: about ?? null };
}

/** Workflow id: one open alert a cause. Ids are searched for as they stand, so what people typed is only letters and digits of any script in it. */
export function alertId({ code, scope, about }: AlertCause): string {
  const words =
    about === null
      ? []
      : [
          about
            .toLowerCase()
            .replace(/[^\p{L}\p{N}]+/gu, '-')
            .slice(0, 80)
            .toWellFormed(),
        ];
  return ['alert', code, ...(scope === null ? [] : [scope.crm, scope.account]), ...words].join(':');
}

/** A deal that waits for the cause. */
export interface WaitingDeal extends DealRef {
  readonly name: string;
  /** Page of the deal in the CRM. */
  readonly url: string;
  /** A change of a seat of the deal waits, and not the deal itself. */
  readonly operationId?: string;
}

/** Workflow id of what waits. */
export function waiterId(deal: WaitingDeal): string {
  return deal.operationId === undefined ? provisioningId(deal) : seatOperationId(deal.operationId);
}

export interface RaiseAlertInput {
  readonly cause: AlertCause;
  /** As those who run Dealseat read it. */
  readonly message: string;
  readonly cure: string;
  readonly deal: WaitingDeal;
  /** Neither the deal nor its owner could be told, so it is sent whatever the run shows by then. */
  readonly isUntold?: true;
}

export const ALERT_CHANNELS = ['webhook', 'slack', 'mail'] as const;

export type AlertChannel = (typeof ALERT_CHANNELS)[number];

export type AlertState = 'raised' | 'repeated' | 'resolved';

/** What is sent, once by each channel. */
export interface Alert {
  /** The same for every attempt at the same alert. */
  readonly key: string;
  readonly state: AlertState;
  readonly cause: AlertCause;
  readonly message: string;
  readonly cure: string;
  /** How many deals wait; of those that waited when it was resolved. */
  readonly dealCount: number;
  /** The first of them. */
  readonly deals: readonly WaitingDeal[];
  /** UTC instants. */
  readonly since: string;
  readonly at: string;
}

export interface AlertBounds {
  /** How long deals are gathered before the first alert. */
  readonly gatherMs: number;
  /** First and longest pause between two looks whether any deal still waits. */
  readonly lookMs: number;
  readonly lookMaxMs: number;
  /** How often the alert is repeated while deals wait. */
  readonly repeatMs: number;
}

const minute = 60_000;

export const ALERT_BOUNDS: AlertBounds = {
  gatherMs: minute / 2,
  lookMs: minute,
  lookMaxMs: 15 * minute,
  repeatMs: 24 * 60 * minute,
};

export interface AlertInput {
  readonly cause: AlertCause;
  readonly bounds: AlertBounds;
  /** Of the execution that this one continues. */
  readonly carried?: AlertProgress;
}

export interface AlertProgress {
  readonly deals: readonly WaitingDeal[];
  readonly message: string;
  readonly cure: string;
  /** Milliseconds since the epoch; null: not yet. */
  readonly sentAt: number | null;
  readonly since: number;
  /** How often it was sent. */
  readonly count: number;
  /** Of a deal that nothing else tells of. */
  readonly isUntold?: true;
}

/** What the workflow of an alert asks for. */
export interface AlertActivities {
  /** False: no channel is set, so no one is alerted and nothing is started. */
  raiseAlert(input: RaiseAlertInput): Promise<{ readonly isRaised: boolean }>;
  /** Those of the deals that still wait for the cause, or whose run tries again. */
  stillWaiting(input: {
    readonly cause: AlertCause;
    readonly deals: readonly WaitingDeal[];
  }): Promise<{ readonly deals: readonly WaitingDeal[] }>;
  /** False: the channel is not set. */
  sendAlert(input: {
    readonly channel: AlertChannel;
    readonly alert: Alert;
  }): Promise<{ readonly isSent: boolean }>;
}
