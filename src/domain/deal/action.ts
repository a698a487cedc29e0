import { isSameName } from '../names.ts';
import { dayInWords } from '../texts/days.ts';

/** What people set on a deal to act on it: values and labels of the pick-list, in its order. */
export const ACTIONS = [
  'Retry',
  'Approve',
  'Reject',
  'Withdraw',
  'Keep',
  'Mail was sent',
  'Send again',
] as const;

export type Action = (typeof ACTIONS)[number];

/** The field as people find it. */
export const ACTION_FIELD = 'Dealseat action';

/** An action that stands on a deal. */
export interface DealAction {
  /** As it stands in the field. */
  readonly text: string;
  /** ISO instant by the CRM's clock; null: the CRM does not say. */
  readonly setAt: string | null;
  /** Null: the CRM does not say. */
  readonly by: Actor | null;
}

/** Who set it, by the CRM's own history. */
export interface Actor {
  /** Name of the user, or how else the CRM calls who it was. Not an e-mail address. */
  readonly name: string;
  /** A user by hand, and no automation, import or other integration. */
  readonly isPerson: boolean;
  /** The CRM keeps who set this very field, and not only who changed the record last. */
  readonly isProven: boolean;
  /** Names and addresses by which the catalog may know the user, under its keys. */
  readonly knownAs: Readonly<Record<string, readonly string[]>>;
}

/** By key of the catalog: whose approvals on the deal count. */
export type Approvers = Readonly<Record<string, readonly string[]>>;

/** An action as a run knows it: it enters history, so it holds no e-mail address. */
export interface SeenAction {
  /** Null: the text is none of the pick-list. */
  readonly action: Action | null;
  readonly text: string;
  readonly setAt: string | null;
  readonly by: string;
  readonly mayApprove: boolean;
}

export function seeAction(
  { text, setAt, by }: DealAction,
  { approvers }: { readonly approvers?: Approvers },
): SeenAction {
  return {
    action: actionIn(text),
    text,
    setAt,
    by: withoutAddresses(by?.name ?? '') || 'someone',
    mayApprove: approvers === undefined || (by !== null && isApprover(by, approvers)),
  };
}

/** Some users have an address for a name. */
function withoutAddresses(name: string): string {
  const parts = name.split(/\s+/);
  return parts.filter((part) => !part.includes('@')).join(' ');
}

export function actionIn(text: string | null): Action | null {
  return ACTIONS.find((action) => action === text) ?? null;
}

/** Only who the CRM proves to have set it: the last editor of a record may be somebody else. */
function isApprover({ isPerson, isProven, knownAs }: Actor, approvers: Approvers): boolean {
  if (!isPerson || !isProven) return false;
  return Object.entries(approvers).some(([key, named]) =>
    (knownAs[key] ?? []).some((name) => named.some((other) => isSameName(name, other))),
  );
}

const DONE: Readonly<Record<Action, string>> = {
  Retry: 'Retry asked for by',
  Approve: 'Approved by',
  Reject: 'Rejected by',
  Withdraw: 'Withdrawal decided by',
  Keep: 'Kept by decision of',
  'Mail was sent': 'Mail reported as sent by',
  'Send again': 'Another mail asked for by',
};

/** `Approved by Ana Ruiz on 29 Nov 2026 at 21:41 UTC` */
export function saidOnDeal({ action, text, by, setAt }: SeenAction): string {
  const what = action === null ? `${JSON.stringify(text)} set by` : DONE[action];
  return `${what} ${by}${setAt === null ? '' : ` on ${dayAndTime(setAt)}`}`;
}

/** The reason that an answer gives which was set on the deal. */
export function placeAndTime({ setAt }: SeenAction): string {
  return setAt === null ? 'set on the deal' : `set on the deal on ${dayAndTime(setAt)}`;
}

const ANSWER_START = `${ACTION_FIELD} "`;

/** The line on the deal that answers an action which was not carried out. */
export function answerTo({ text, by, setAt }: SeenAction, answer: string): string {
  return `${ANSWER_START}${text}", set by ${by}${setAt === null ? '' : ` on ${dayAndTime(setAt)}`}: ${answer}`;
}

/** For an action whose author was not looked up. */
export function answerToUnread(text: string, answer: string): string {
  return `${ANSWER_START}${text}": ${answer}`;
}

/** What stands on the deal, without the answers to earlier actions. */
export function withoutAnswers(detail: string | null): string {
  const lines = (detail ?? '').split('\n');
  return lines.filter((line) => !line.startsWith(ANSWER_START)).join('\n');
}

export const ASKED_BEFORE = 'It was set before Dealseat asked this. Set it again if it still applies.';

function dayAndTime(instant: string): string {
  return `${dayInWords(instant)} at ${new Date(instant).toISOString().slice(11, 16)} UTC`;
}
