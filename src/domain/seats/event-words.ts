import { dayInWords } from '../texts/days.ts';
import { type Actor, SEAT_STATES, type SeatEnd, type SeatEventKind, type SeatState } from './seat-state.ts';
import { END_WORDS, STATE_WORDS } from './seat-words.ts';

/** One event of a seat, as the ledger has it. */
export interface SeatEvent {
  readonly kind: SeatEventKind;
  readonly actor: Actor;
  /** The columns of the seat that it set, under their names in the store. */
  readonly changed: Readonly<Record<string, unknown>>;
}

/** What happened, in a sentence without its time and its reason: `Kim gave the seat to ana@example.com`. */
export function eventWords({ kind, actor, changed }: SeatEvent): string {
  return `${actorWords(actor)} ${WHAT[kind](changed)}`;
}

/** Who did it, at the beginning of a sentence. */
export function actorWords({ kind, name }: Actor): string {
  if (kind === 'system') return 'Dealseat';
  if (kind === 'platform') return 'The learning platform';
  if (name !== null) return kind === 'api' ? `${name} (by API)` : name;
  return kind === 'crm' ? 'Someone in the CRM' : 'Someone';
}

type Changed = SeatEvent['changed'];

const WHAT: Readonly<Record<SeatEventKind, (changed: Changed) => string>> = {
  created: (changed) => `added the seat${asState(changed)}${forHolder(changed)}`,
  asked: () => 'asked for a change of the seat',
  assigned: (changed) => `gave the seat to ${holderOf(changed) ?? 'a person'}`,
  unassigned: () => 'took the seat from its holder; it is free again',
  exposed: (changed) => `handed the code out${forHolder(changed)}`,
  redeemed: (changed) => `reported that the code was used${byRedeemer(changed)}`,
  granting: (changed) => `began to give access directly${forHolder(changed)}`,
  granted: (changed) => `gave access directly${forHolder(changed)}`,
  removing: () => 'began to take the access away',
  kept: () => 'left the access as it was',
  access_changed: ({ access_until: until }) =>
    typeof until === 'string' ? `set the access to end on ${dayInWords(until)}` : 'removed the end of access',
  code_changed: () => 'replaced the code',
  flagged: () => 'noted that another person than the holder used the code',
  ended: ({ ended_why: why }) => `ended the seat${isEnd(why) ? `: ${END_WORDS[why]}` : ''}`,
};

function holderOf({ learner_email: email, learner_name: name, contact_id: id }: Changed): string | null {
  if (typeof email === 'string') return typeof name === 'string' ? `${name} (${email})` : email;
  if (typeof name === 'string') return name;
  return typeof id === 'string' ? `contact ${id}` : null;
}

function forHolder(changed: Changed): string {
  const holder = holderOf(changed);
  return holder === null ? '' : `, for ${holder}`;
}

function byRedeemer({ redeemer_email: email }: Changed): string {
  return typeof email === 'string' ? ` by ${email}` : '';
}

function asState({ state }: Changed): string {
  return isState(state) ? ` (${STATE_WORDS[state].toLowerCase()})` : '';
}

function isState(value: unknown): value is SeatState {
  return SEAT_STATES.some((state) => state === value);
}

function isEnd(value: unknown): value is SeatEnd {
  return typeof value === 'string' && Object.hasOwn(END_WORDS, value);
}
