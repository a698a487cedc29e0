import { countOf, numberOf } from '../words.ts';
import { type AccessLeftBehind, accessLeftText } from './access-behind.ts';
import { damagedCodesHtml } from './damaged-codes.ts';
import { sentence } from './sentences.ts';

/** Subject and text of a task or note on a deal. */
export interface TaskText {
  readonly subject: string;
  readonly text: string;
}

/** For information: nothing is to be done. */
export function deliveredTask({
  dealName,
  seatCount,
  news,
  detail,
  rosterUrl,
  actions = [],
  warnings,
}: {
  readonly dealName: string;
  readonly seatCount: number;
  readonly news: string | null;
  readonly detail: string;
  readonly rosterUrl: string | null;
  /** What people set on the deal. */
  readonly actions?: readonly string[];
  readonly warnings: readonly string[];
}): TaskText {
  return {
    subject: `Dealseat: ${countOf(seatCount, 'seat')} delivered${news === null ? '' : ` (${news})`}`,
    text: [
      dealName,
      detail,
      ...(rosterUrl === null ? [] : [`The roster: ${rosterUrl}`]),
      ...actions.map(sentence),
      ...warnings.map((warning) => `Note: ${sentence(warning)}`),
    ].join('\n'),
  };
}

/** `codeCount`: 0 where it is not known. */
export function unusedCodes(codeCount: number): string {
  if (codeCount === 1) return '1 unused code remains in the learning platform. No one has it.';
  const codes = codeCount === 0 ? 'Unused codes remain' : `${countOf(codeCount, 'unused code')} remain`;
  return `${codes} in the learning platform. No one has them.`;
}

/** A run ended before its codes were handed out. */
export function unusedCodesTask(groups: readonly string[], codeCount: number): TaskText {
  return {
    subject: 'Dealseat: unused code group, please expire',
    text: [
      unusedCodes(codeCount),
      `If this deal will not be started again, ask the administrator of the learning platform to expire ${groups.length === 1 ? 'this code group' : 'these code groups'}:`,
      ...groups.map((name) => `- ${name}`),
      'If it is started again, the codes are used, and this task closes itself.',
    ].join('\n'),
  };
}

/** The learning platform has no call that takes codes back, so its admin must. */
export function withdrawnCodesTask({
  dealName,
  withdrawnSeats,
  fileName,
  groups,
  contactCount,
  accessLeft,
}: {
  readonly dealName: string;
  readonly withdrawnSeats: number;
  readonly fileName: string;
  readonly groups: readonly {
    readonly label: string;
    readonly groupId: string;
    readonly codeCount: number;
    readonly redeemedCount: number;
  }[];
  readonly contactCount: number;
  /** Absent: Dealseat keeps no seats, and asks of none. */
  readonly accessLeft?: AccessLeftBehind | undefined;
}): TaskText {
  const sum = (of: 'codeCount' | 'redeemedCount') => groups.reduce((total, group) => total + group[of], 0);
  const [codeCount, redeemed] = [sum('codeCount'), sum('redeemedCount')];
  const are = (count: number) => (count === 1 ? 'is' : 'are');
  return {
    subject: `Dealseat: ${countOf(codeCount, 'withdrawn code')} must be expired`,
    text: [
      `${dealName}: ${countOf(withdrawnSeats, 'seat')} ${withdrawnSeats === 1 ? 'was' : 'were'} withdrawn.`,
      `Ask the administrator of the learning platform to expire the ${codeCount === 1 ? '1 code that is' : `${countOf(codeCount, 'code')} that are`} listed in the private file ${fileName} on this deal. Expire only ${codeCount === 1 ? 'this one' : 'these'}: the customer keeps all others.`,
      redeemedText(redeemed, accessLeft?.byCode ?? 0),
      ...(accessLeft === undefined || accessLeft.count === 0 ? [] : [accessLeftText(accessLeft)]),
      ...groups.map(
        ({ label, groupId, codeCount: count, redeemedCount }) =>
          `- ${label} (${groupId}): ${countOf(count, 'code')}, ${numberOf(redeemedCount)} ${are(redeemedCount)} redeemed`,
      ),
      ...(contactCount === 0 ? [] : [`The redeem links were taken off ${countOf(contactCount, 'contact')}.`]),
    ].join('\n'),
  };
}

/** `settled`: of how many of them Dealseat itself sees to the access. */
function redeemedText(redeemed: number, settled: number): string {
  if (redeemed === 0) return 'None of them has been redeemed.';
  const have = `${numberOf(redeemed)} of them ${redeemed === 1 ? 'has' : 'have'} been redeemed`;
  const left = redeemed - settled;
  if (left <= 0) return `${have}.`;
  if (settled > 0)
    return `${have}: also end the access of ${countOf(left, 'learner')} of whom Dealseat does not know.`;
  return `${have}: also end the access of ${left === 1 ? 'that learner' : 'those learners'}.`;
}

/** The note that carries the file in a CRM with such notes. */
export function withdrawnNoteHtml(codes: readonly string[]): string {
  const hint = damagedCodesHtml(
    codes,
    'Open the file with a text editor, or with Data > From Text/CSV and without detection of data types',
  );
  return `<p><strong>Dealseat: codes to expire.</strong></p><p>Expire only the codes in the attached file in the learning platform. Give them to no one.</p>${hint ?? ''}`;
}

/** On the surviving deal: the other one had groups made when it was merged. */
export function mergedWhileMadeTask({
  dealId,
  groups,
  isHandedOut,
}: {
  readonly dealId: string;
  readonly groups: readonly string[];
  readonly isHandedOut: boolean;
}): TaskText {
  return {
    subject: 'Dealseat: a deal was merged while its seats were being made',
    text: [
      `Deal ${dealId} was merged into this one while Dealseat made its seats. These code groups had been made:`,
      ...groups.map((name) => `- ${name}`),
      'This deal takes over those that it needs. Once it is Delivered, compare them with its field of group labels.',
      isHandedOut
        ? 'The codes of a group that the field does not name may be with people already: decide what is to become of them before anyone expires them.'
        : 'No one has the codes of a group that the field does not name: ask the administrator of the learning platform to expire it.',
    ].join('\n'),
  };
}

/** On the surviving deal, which Dealseat leaves alone for its age. */
export function mergedIntoOldTask({
  dealId,
  why,
}: {
  readonly dealId: string;
  readonly why: string;
}): TaskText {
  return {
    subject: 'Dealseat: a deal was merged into one that it leaves alone',
    text: [
      `Deal ${dealId} was merged into this one. ${why}`,
      'If seats of it are still owed, ask your Dealseat administrator to start this deal.',
    ].join('\n'),
  };
}

/** The server or a person ended the run from outside. */
export function endedFromOutsideTask({
  how,
  status,
}: {
  readonly how: string;
  readonly status: string;
}): TaskText {
  return {
    subject: 'Dealseat was stopped while it worked on this deal',
    text: `Dealseat was stopped from outside (${how}) while the deal was ${status}. It has started again and goes on from what is on the deal. This task closes itself.`,
  };
}

export const TASK_SUBJECTS = {
  /** Something is to be put right. */
  help: 'Dealseat needs your help with this deal',
  failed: 'Dealseat could not provision this deal',
} as const;
