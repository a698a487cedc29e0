import { emailKey, type SeatState } from './seat-state.ts';

/** What people may ask to be done to a seat. */
export const OPERATION_KINDS = ['revoke', 'reassign', 'extend', 'shorten', 'reissue', 'grant'] as const;

export type OperationKind = (typeof OPERATION_KINDS)[number];

/** `unknown`: it may or may not have happened at the platform, and is looked up. */
export const OPERATION_STATES = ['asked', 'running', 'unknown', 'done', 'refused', 'failed'] as const;

export type OperationState = (typeof OPERATION_STATES)[number];

/** The seat waits for its end. */
export const OPEN_OPERATION: readonly OperationState[] = ['asked', 'running', 'unknown'];

/** A person who is to have a seat. */
export interface SeatPerson {
  readonly email: string;
  readonly firstName: string | null;
  readonly lastName: string | null;
  /** Of the CRM; null: no contact of the deal. */
  readonly contactId: string | null;
}

/** What each kind must be told. Without codes. Rests in the store, never in a history. */
export interface OperationInputs {
  readonly revoke: Ending;
  readonly reassign: Ending & {
    readonly to: SeatPerson;
    /** `code`: a code of their own, by the deal's way. `access`: directly, without a code. */
    readonly by: 'code' | 'access';
  };
  /** UTC instant. */
  readonly extend: { readonly until: string };
  readonly shorten: { readonly until: string };
  /**
   * `same_code`: who lost the message is shown the same link again. `new_code`: the code may be with another person, so
   * it is retired and another one takes its place.
   */
  readonly reissue: { readonly how: 'same_code' | 'new_code' };
  readonly grant: { readonly to: SeatPerson };
}

interface Ending {
  /** An admin has ended the access in the platform, so Dealseat leaves it alone. */
  readonly accessEndedByHand?: boolean;
}

/** What is asked: a kind with its input. */
export type OperationAsk = {
  readonly [Kind in OperationKind]: { readonly kind: Kind; readonly input: OperationInputs[Kind] };
}[OperationKind];

/** In which states of the seat each kind may be asked for. */
export const ALLOWED_IN: Readonly<Record<OperationKind, readonly SeatState[]>> = {
  revoke: ['invited', 'exposed', 'claimed', 'redeemed'],
  reassign: ['invited', 'exposed', 'claimed', 'redeemed'],
  extend: ['redeemed'],
  shorten: ['redeemed'],
  // Who redeemed signs in: the code is used up.
  reissue: ['invited', 'exposed', 'claimed'],
  grant: ['free'],
};

/** The state in which the seat waits for the end of it; absent: its own. */
export const WAITS_IN: Readonly<Partial<Record<OperationKind, SeatState>>> = {
  revoke: 'removing',
  reassign: 'removing',
  grant: 'granting',
};

/** The columns that say who has a seat, for a person who is to have one. */
export function holderColumns({ email, firstName, lastName, contactId }: SeatPerson) {
  const name = [firstName, lastName].filter((part) => part !== null && part !== '').join(' ');
  return {
    contact_id: contactId,
    learner_email: email.trim(),
    learner_key: emailKey(email),
    learner_name: name === '' ? null : name,
  };
}

export const NO_HOLDER = { contact_id: null, learner_email: null, learner_key: null, learner_name: null };

/** Null: an address that mail can be sent to, as far as its form tells. Never names the address itself. */
export function personProblem({ email }: SeatPerson): string | null {
  const address = email.trim();
  if (address === '') return 'the e-mail address is empty; expected one such as kim@example.com';
  return /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(address) && address.length <= 254
    ? null
    : `the e-mail address of ${address.length} characters is none; expected one such as kim@example.com`;
}
