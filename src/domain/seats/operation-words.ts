import { momentInWords } from '../texts/days.ts';
import type { OperationKind } from './operation.ts';
import type { Actor, SeatEventKind, SeatState } from './seat-state.ts';

/** Refusals name no learner: they go into logs and answers of the API. */
const HAPPENED: Readonly<Record<SeatEventKind, string>> = {
  created: 'added the seat',
  asked: 'asked for a change of the seat',
  assigned: 'gave the seat to a person',
  unassigned: 'took the seat from its holder',
  exposed: 'handed its code out',
  redeemed: 'reported that its code was used',
  granting: 'began to give access',
  granted: 'gave access',
  removing: 'began to take the access away',
  kept: 'left the seat as it was',
  access_changed: 'changed the end of access',
  code_changed: 'replaced its code',
  flagged: 'noted that another person used its code',
  ended: 'ended the seat',
};

const ASKED: Readonly<Record<OperationKind, string>> = {
  revoke: 'take the seat back',
  reassign: 'give the seat to another person',
  extend: 'extend the access',
  shorten: 'shorten the access',
  reissue: 'issue the code again',
  grant: 'give access directly',
};

const STATE: Readonly<Record<SeatState, string>> = {
  free: 'is free',
  invited: 'is offered to a person who has not accepted yet',
  exposed: 'has a code that was handed out and not used yet',
  claimed: 'was accepted and is not used yet',
  granting: 'is being set up',
  redeemed: 'is in use',
  removing: 'is being taken back',
  ended: 'has ended',
};

/** Names of people may be long, and a refusal is one sentence. */
export function doerOf({ kind, name }: Actor): string {
  if (kind === 'system') return 'Dealseat';
  if (kind === 'platform') return 'The learning platform';
  return name ?? (kind === 'crm' ? 'Someone in the CRM' : 'Someone');
}

interface Happened {
  readonly kind: SeatEventKind;
  readonly actor: Actor;
  readonly at: Date;
}

/** `Kim Vale ended the seat on 29 Nov 2026, 21:41 UTC`. */
export function happenedInWords({ kind, actor, at }: Happened): string {
  return `${doerOf(actor)} ${HAPPENED[kind]} on ${momentInWords(at.getTime())}`;
}

/** `Kim Vale asked on 29 Nov 2026, 21:41 UTC to take the seat back`. */
export function askedInWords(kind: OperationKind, actor: Actor, at: Date): string {
  return `${doerOf(actor)} asked on ${momentInWords(at.getTime())} to ${ASKED[kind]}`;
}

export function whatIsAsked(kind: OperationKind): string {
  return ASKED[kind];
}

/** Goes on after "The seat". */
export function stateInWords(state: SeatState): string {
  return STATE[state];
}

const DONE: Readonly<Record<OperationKind, string>> = {
  revoke: 'The seat was taken back and is free again.',
  reassign: 'The seat was given to the other person.',
  extend: 'The access was extended.',
  shorten: 'The access was shortened.',
  reissue: 'The code was issued again.',
  grant: 'The person has access.',
};

export function doneInWords(kind: OperationKind): string {
  return DONE[kind];
}
