import type { DealFields, RecordNow } from '../src/clients/crm.ts';
import type { RecordWrite } from '../src/contracts/activities.ts';
import {
  ASKED_BEFORE,
  actionIn,
  answerTo,
  answerToUnread,
  withoutAnswers,
} from '../src/domain/deal/action.ts';

type Show = Extract<RecordWrite, { what: 'show' }>;
type Take = Extract<RecordWrite, { what: 'take' }>;

interface Found {
  /** What Dealseat's fields say now. */
  readonly record: RecordNow;
  /** An attempt of the same step went before. */
  readonly isRepeat: boolean;
}

/**
 * The field is emptied before anything comes of the action, so whatever ends this run, no other one carries it out again.
 * `taken`: an attempt whose answer was lost has written it. `gone`: it is not there, as after a reset of the run, whose
 * attempts begin anew.
 */
export function takenFields(
  { action, status, detail }: Take,
  { record, isRepeat }: Found,
): DealFields | 'taken' | 'gone' {
  if (record.action === action) {
    const below = status === null ? withoutAnswers(record.detail) : '';
    return { action: null, detail: below === '' ? detail : `${detail}\n${below}` };
  }
  const isEmpty = (record.action ?? null) === null;
  return isRepeat && isEmpty && record.detail?.startsWith(detail) ? 'taken' : 'gone';
}

/**
 * The field is emptied together with the question, so an action that stands on the deal after it was set by somebody who
 * could read it. Null: an attempt whose answer was lost has shown it, and what was set since is an answer to it. A first
 * attempt believes no text that it finds: people could have written it beside an older answer.
 */
export function askingFields(
  { status, detail, clears }: Show,
  { record, isRepeat }: Found,
): DealFields | null {
  if (clears === undefined) return {};
  const isShown = record.status === status && withoutAnswers(record.detail) === detail;
  if (isRepeat && isShown) return null;
  const found = record.action ?? null;
  // That somebody has fixed something is true of whatever is asked.
  if (found !== null && actionIn(found) === 'Retry') return {};
  if (found === null) return { action: null };
  const known = clears.known?.text === found ? clears.known : null;
  const answer = known === null ? answerToUnread(found, ASKED_BEFORE) : answerTo(known, ASKED_BEFORE);
  return { action: null, detail: `${answer}\n${detail}` };
}
