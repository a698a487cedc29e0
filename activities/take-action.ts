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

/**
 * The field is emptied before anything comes of the action, so whatever ends this run, no other one carries it out again.
 * `taken`: an attempt whose answer was lost has written it. `gone`: it is not there, as after a reset of the run, whose
 * attempts begin anew.
 */
export function takenFields(
  { action, status, detail }: Take,
  { record, isRepeat }: { readonly record: RecordNow; readonly isRepeat: boolean },
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
 * could read it. Null: the deal shows this very question, and what was set since is an answer to it.
 */
export function askingFields({ status, detail, clears }: Show, record: RecordNow): DealFields | null {
  if (clears === undefined) return {};
  if (record.status === status && withoutAnswers(record.detail) === detail) return null;
  const found = record.action ?? null;
  // That somebody has fixed something is true of whatever is asked.
  if (found !== null && actionIn(found) === 'Retry') return {};
  if (found === null) return { action: null };
  const known = clears.known?.text === found ? clears.known : null;
  const answer = known === null ? answerToUnread(found, ASKED_BEFORE) : answerTo(known, ASKED_BEFORE);
  return { action: null, detail: `${answer}\n${detail}` };
}
