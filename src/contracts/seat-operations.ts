import type { DealRef } from '../domain/deal/deal.ts';
import type { FailureCode } from '../domain/failure.ts';
import type { OperationKind, OperationState } from '../domain/seats/operation.ts';
import type { EffectClass, LookUps, Patience } from './activities.ts';
import type { Policy } from './policy.ts';

/** Name that the starter and the workflow share. */
export const OPERATE_ON_SEAT = 'operateOnSeat';

/** Name of the signal: what an operation waits for was mended, so it tries again at once. */
export const RETRY_OPERATION = 'retryOperation';

const PREFIX = 'seat-operation';

/** Workflow id: one run an operation. */
export function seatOperationId(operationId: string): string {
  return `${PREFIX}:${operationId}`;
}

/** Ids only: who has the seat, and who is to have it, is read from the store by each step. */
export interface SeatOperationInput {
  readonly operationId: string;
  readonly seatId: string;
  readonly kind: OperationKind;
  readonly deal: DealRef;
  readonly policy: Policy;
}

export interface SeatOperationResult {
  readonly operationId: string;
  readonly seatId: string;
  readonly state: OperationState;
  /** For people; null: done. */
  readonly failureCode: FailureCode | null;
}

/** What every step of an operation is told. */
export interface OperationStep extends Patience {
  readonly operationId: string;
}

/** What the workflow of an operation asks for. Each step is safe to run again, and writes what came of it to the store. */
export interface SeatOperationActivities {
  /** Null: it is to be done. Otherwise it has ended before. */
  beginOperation(input: OperationStep): Promise<{ readonly ended: SeatOperationResult | null }>;
  /** Overwrite. Nothing to do for a seat that nobody uses, and for what another seat of the person gives as well. */
  endAccess(input: OperationStep): Promise<{ readonly isEnded: boolean }>;
  /** Overwrite of the end of access, and then of the seat's. */
  changeAccessEnd(input: OperationStep): Promise<void>;
  /** Guarded create of a user with access; then the seat is in use. */
  giveAccess(input: OperationStep): Promise<void>;
  /** Keeps a sealed code for the operation, or says which group is to be made for it. Null: no code is needed. */
  keepCode(input: OperationStep): Promise<{ readonly needs: ReplacementGroup | null }>;
  /** Guarded create of the replacement group. */
  makeReplacementGroup(input: OperationStep & LookUps): Promise<{ readonly groupId: string }>;
  /** Poll: the codes of the group into the store. */
  takeReplacementCodes(input: OperationStep & { readonly groupId: string }): Promise<void>;
  /** The seat ends and the next one takes its place, or it gets another code. `redeemed`: it was used in the meantime. */
  replaceCode(input: OperationStep): Promise<{ readonly is: 'done' | 'redeemed' }>;
  /** Overwrite: links on the contacts of the old and the new holder, where the deal delivers to learners. */
  writeLinks(input: OperationStep): Promise<{ readonly isWritten: boolean }>;
  settleOperation(input: OperationStep): Promise<SeatOperationResult>;
  /** The seat goes back to where it was. */
  refuseOperation(input: OperationStep & OperationFailure): Promise<SeatOperationResult>;
  /** What it waits for, for people, and for those who run Dealseat an alert. */
  noteWaiting(input: OperationStep & OperationFailure & { readonly deal: DealRef }): Promise<void>;
}

/** What a repeat of a step would do: its time bounds. */
export const OPERATION_EFFECTS = {
  beginOperation: 'write',
  endAccess: 'write',
  changeAccessEnd: 'write',
  giveAccess: 'write',
  keepCode: 'write',
  makeReplacementGroup: 'create',
  takeReplacementCodes: 'poll',
  replaceCode: 'write',
  writeLinks: 'write',
  settleOperation: 'write',
  refuseOperation: 'undo',
  noteWaiting: 'read',
} as const satisfies Record<keyof SeatOperationActivities, EffectClass>;

export interface OperationFailure {
  readonly code: FailureCode;
  readonly message: string;
  /** Given up after a long time, rather than refused. */
  readonly isGivenUp?: boolean;
}

/** Codes that are made for seats which were taken back. */
export interface ReplacementGroup {
  readonly label: string;
  readonly codes: number;
}
