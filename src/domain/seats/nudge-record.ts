/** What became of the mail to the buyer. */
export const NUDGE_MAILS = ['sent', 'in_doubt', 'refused', 'impossible'] as const;
export type NudgeMail = (typeof NUDGE_MAILS)[number];

/** Why a nudge that was due did not go out, or not again. */
export const NUDGE_STOPS = [
  /** Everyone whom it is for was reminded on its day or later. */
  'reminded',
  'rule_changed',
  'not_delivered',
  'not_needed',
  'merged',
  /** Neither mail nor task was taken. */
  'refused',
] as const;
export type NudgeStop = (typeof NUDGE_STOPS)[number];

/** How a nudge ended that was claimed. */
export interface NudgeEnd {
  readonly state: 'sent' | 'skipped';
  /** Null: it had none. */
  readonly mail: NudgeMail | null;
  /** E-mail tool of the deal; null: it had no mail. */
  readonly via: string | null;
  /** Why the mail did not go out for certain, for people. */
  readonly why: string | null;
  /** `open`: the owner got a task. */
  readonly task: 'open' | null;
  /** Null: it reached somebody. */
  readonly stopped: NudgeStop | null;
}

/** A nudge that was due. Times are milliseconds since the epoch. */
export interface NudgeRecord extends Omit<NudgeEnd, 'state' | 'task'> {
  readonly rule: string;
  readonly dueAt: number;
  /** `claimed`: it is being sent and may be out. */
  readonly state: 'claimed' | 'sent' | 'skipped';
  readonly toBuyer: boolean;
  readonly toOwner: boolean;
  readonly task: 'open' | 'closed' | null;
  readonly claimedAt: number;
  /** While claimed: until then one worker alone may send it; null: the worker let go of it. */
  readonly heldUntil: number | null;
  readonly settledAt: number | null;
}
