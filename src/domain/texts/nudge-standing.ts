import type { NudgeRecord } from '../seats/nudge-record.ts';
import type { NudgeObstacle, NudgeStanding } from '../seats/nudge-standing.ts';
import { NUDGE_BOUND_MS } from '../seats/nudges.ts';
import { dayInWords } from './days.ts';
import { sentence } from './sentences.ts';

/** What became of a reminder, in sentences, for those who support buyers. */
export function nudgeStandingText(standing: NudgeStanding): string {
  const { record, isInCatalog } = standing;
  return [
    ...(record === null ? toComeLines(standing) : recordLines(standing, record)),
    ...(isInCatalog === false ? ['The catalog does not have this rule now.'] : []),
  ].join(' ');
}

function toComeLines({ state, dueAt, obstacle, tool }: NudgeStanding): string[] {
  if (state === 'stopped') return [`It does not come: ${WHY[obstacle ?? 'not_needed']}.`];
  const day = dayInWords(dueAt ?? 0);
  const lines =
    state === 'due'
      ? [`Due on ${day}.`]
      : [
          `Due since ${day}.`,
          obstacle === null
            ? 'It goes out with the next daily look, if the deal is won and Delivered.'
            : `Fewer seats are unused than the rule asks for. If that changes by ${dayInWords((dueAt ?? 0) + NUDGE_BOUND_MS)}, it goes out.`,
        ];
  if (tool !== null && !tool.writesToPeople)
    lines.push(`${cannotWrite(tool.via)} The owner gets a task instead.`);
  return lines;
}

function recordLines({ state, obstacle }: NudgeStanding, record: NudgeRecord): string[] {
  const day = dayInWords(record.settledAt ?? record.claimedAt);
  if (record.state === 'claimed') {
    return state === 'waiting'
      ? ['Dealseat is sending it now.']
      : [
          `It was interrupted on ${day} and may be out.`,
          'The next daily look finds that out, and sends what is missing.',
        ];
  }
  return [...endLines(record, { day, obstacle }), ...taskLines(record, day)];
}

function endLines(
  { mail, via, why, state }: NudgeRecord,
  { day, obstacle }: { readonly day: string; readonly obstacle: NudgeObstacle | null },
): string[] {
  const reason = why === null ? [] : [sentence(`The reason: ${why}`)];
  const stopped = state === 'skipped' && obstacle !== null ? [`It was stopped: ${WHY[obstacle]}.`] : [];
  switch (mail) {
    case 'sent':
      return [`The buyer got a mail by ${via} on ${day}.`];
    case 'in_doubt':
      return [
        `In doubt since ${day}: the buyer may have got the mail. Dealseat does not send it again.`,
        ...reason,
        ...stopped,
      ];
    case 'refused':
      return [`The mail to the buyer by ${via} was refused on ${day}.`, ...reason, ...stopped];
    case 'impossible':
      return [cannotWrite(via ?? 'none'), ...stopped];
    case null:
      return stopped.length === 0 ? [] : [`It did not go out on ${day}: ${WHY[obstacle ?? 'not_needed']}.`];
  }
}

function taskLines({ task }: NudgeRecord, day: string): string[] {
  return task === null ? [] : [`The owner got a task on ${day}, which is ${task}.`];
}

function cannotWrite(via: string): string {
  return via === 'none'
    ? 'The catalog names no e-mail tool for this CRM, so Dealseat cannot remind the buyer.'
    : `The e-mail tool ${via} cannot remind the buyer.`;
}

const WHY: Readonly<Record<NudgeObstacle, string>> = {
  reminded: 'its readers had another reminder on its day or later',
  rule_changed: 'the rule was changed while it was being sent',
  not_delivered: 'the deal was not won and Delivered',
  not_needed: 'the seats needed no reminder by then',
  merged: 'the deal was merged while it was being sent',
  refused: 'the CRM took neither the mail nor the task',
  withdrawn: 'the deal has no seats now',
  all_used: 'all seats are in use',
  ended: 'the codes or the access of all unused seats have ended',
  never_ends: 'neither the codes nor the access of the unused seats ever end',
  ends_too_soon: 'the unused seats ended so soon after the delivery that its mail said so',
  missed: 'its day is more than 14 days past, and it was not sent by then',
  enough_used: 'fewer seats are unused than the rule asks for',
};
