import { rosterNote } from '../../../activities/write-roster.ts';
import type { LateObstacle } from '../../../src/domain/seats/late-decision.ts';
import { accessLeftTask } from '../../../src/domain/texts/access-left.ts';
import { lateRedemptionTask } from '../../../src/domain/texts/late-redemption.ts';
import { nudgeTask } from '../../../src/domain/texts/nudge.ts';
import { lateRedemptionFinding } from '../../../src/domain/texts/seat-findings.ts';
import {
  deliveredTask,
  endedFromOutsideTask,
  mergedIntoOldTask,
  mergedWhileMadeTask,
  TASK_SUBJECTS,
  type TaskText,
  unusedCodesTask,
  withdrawnCodesTask,
  withdrawnNoteHtml,
} from '../../../src/domain/texts/tasks.ts';
import { forAdministrator } from '../../../src/domain/texts/waiting.ts';
import { deal, planOf } from '../../../test/unit/example-deals.ts';
import type { TextEntry, TextSection } from './entry.ts';
import { ON_THE_DEAL } from './on-the-deal.ts';
import { EXAMPLES } from './problems.ts';

const GROUP = 'acme-leadership-essentials-2026-11-20-d44cbb8b0c1d2e3';

const LATE = {
  dealName: 'Acme leadership rollout',
  found: lateRedemptionFinding('Leadership Essentials', 'withdrawn').text,
  learner: 'mia.berg@acme.example',
};

const NUDGE = {
  dealName: 'Acme leadership rollout',
  products: [
    { title: 'Leadership Essentials', sold: 20, used: 4 },
    { title: 'Manager Track', sold: 5, used: 5 },
  ],
  endsOn: '2027-11-20',
};

const NO_ADDRESS = 'Dana Reyes has no e-mail address. Add one.';

const WHY = {
  unknown_learner: 'and the platform does not say by whom',
  other_seat: 'and the learner has another seat',
  not_ended: 'and the access cannot be ended',
  no_free_seat: 'and no seat is free',
} as const satisfies Record<LateObstacle, string>;

const LEFT_ASKED = [
  { outcome: 'asked', email: 'kim.doe@acme.example' },
  { outcome: 'not_ended', email: 'lee.park@acme.example' },
  { outcome: 'unknown_learner', email: null },
] as const;

const LEFT_SETTLED = [
  { outcome: 'revoked', email: 'kim.doe@acme.example' },
  { outcome: 'revoked', email: 'lee.park@acme.example' },
  { outcome: 'allowed', email: 'ana.silva@acme.example' },
  { outcome: 'gone', email: 'max.roe@acme.example' },
] as const;

const LATE_OBSTACLES = Object.keys(WHY) as LateObstacle[];

function task(name: string, { subject, text }: TaskText, covers: readonly string[]): TextEntry {
  return { name, covers, subject, text };
}

function detailOf(name: string): string {
  const found = ON_THE_DEAL.flatMap(({ entries }) => entries).find((entry) => entry.name === name);
  if (found === undefined) throw new Error(`no text "${name}"`);
  return `Acme leadership rollout\n${found.text}`;
}

export const TASKS: TextSection = {
  title: 'Tasks and notes on the deal',
  reader: 'sales',
  entries: [
    task('Help', { subject: TASK_SUBJECTS.help, text: detailOf('Needs attention: deal.no_line_items') }, [
      'ask-',
    ]),
    task(
      'Held up, and no one could alert the operators',
      {
        subject: TASK_SUBJECTS.help,
        text: [
          detailOf('Needs attention, and no way to alert the operators is set'),
          ...forAdministrator([EXAMPLES['crm.invalid_request']]),
        ].join('\n'),
      },
      [],
    ),
    task('Failed', { subject: TASK_SUBJECTS.failed, text: detailOf('Failed: no one fixed it') }, ['ended-']),
    task(
      'Delivered',
      deliveredTask({
        dealName: 'Acme leadership rollout',
        seatCount: 30,
        news: null,
        detail: detailOf('Delivered to the buyer').split('\n')[1] ?? '',
        rosterUrl: 'https://app.hubspot.com/files/62515/184200000002',
        warnings: ['A second group has the token of this deal: acme-2 (77)'],
      }),
      ['delivered-'],
    ),
    task('Unused codes', unusedCodesTask([`${GROUP} (39d3040d)`], 4), ['unused-']),
    task('One unused code', unusedCodesTask([`${GROUP} (39d3040d)`], 1), []),
    task(
      'Withdrawn codes',
      withdrawnCodesTask({
        dealName: 'Acme leadership rollout',
        withdrawnSeats: 4,
        fileName: 'withdrawn-d0123456789abcde.csv',
        groups: [{ label: GROUP, groupId: '39d3040d', codeCount: 4, redeemedCount: 1 }],
        contactCount: 2,
        accessLeft: { count: 1, byCode: 1, rule: 'ask' },
      }),
      ['withdrawn-'],
    ),
    task(
      'One withdrawn code',
      withdrawnCodesTask({
        dealName: 'Acme leadership rollout',
        withdrawnSeats: 1,
        fileName: 'withdrawn-d0123456789abcde.csv',
        groups: [{ label: GROUP, groupId: '39d3040d', codeCount: 1, redeemedCount: 0 }],
        contactCount: 0,
      }),
      [],
    ),
    task(
      'Merged while its seats were being made',
      mergedWhileMadeTask({ dealId: '9002', groups: [`${GROUP} (39d3040d)`], isHandedOut: false }),
      ['merged-'],
    ),
    task(
      'The same, with codes that may be with people',
      mergedWhileMadeTask({ dealId: '9002', groups: [`${GROUP} (39d3040d)`], isHandedOut: true }),
      [],
    ),
    task(
      'Merged into a deal that is left alone',
      mergedIntoOldTask({ dealId: '9002', why: 'The deal was won before Dealseat began.' }),
      [],
    ),
    {
      name: 'The note that carries the roster',
      covers: [],
      text: rosterNote(planOf(deal()), {
        codes: Array.from({ length: 25 }, (_, n) => `ABCDEF${String(n).padStart(2, '0')}GHIJ`),
        hasXlsx: false,
      }),
    },
    {
      name: 'The note that carries the codes of a withdrawal',
      covers: [],
      text: withdrawnNoteHtml(['AB12CD34']),
    },
    {
      name: 'The same, with a code that Excel alters',
      covers: [],
      text: withdrawnNoteHtml(['AB12CD34', '12E34567']),
    },
    task(
      'A code that was taken back is in use',
      lateRedemptionTask({ ...LATE, outcome: { is: 'asked', because: null } }),
      ['late-'],
    ),
    ...LATE_OBSTACLES.map((because) =>
      task(
        `The same, ${WHY[because]}`,
        lateRedemptionTask({ ...LATE, learner: null, outcome: { is: 'asked', because } }),
        [],
      ),
    ),
    task(
      'The same, and the catalog says that access ends',
      lateRedemptionTask({ ...LATE, outcome: { is: 'revoked' } }),
      [],
    ),
    task(
      'The same, and the catalog says that it counts',
      lateRedemptionTask({ ...LATE, outcome: { is: 'allowed' } }),
      [],
    ),
    task(
      'Seats ended in use, and the owner is asked',
      accessLeftTask({ dealName: 'Acme leadership rollout', settled: LEFT_ASKED }),
      ['left-'],
    ),
    task(
      'The same, and the catalog, or a person, has decided',
      accessLeftTask({ dealName: 'Acme leadership rollout', settled: LEFT_SETTLED }),
      [],
    ),
    task(
      'Seats are not in use, and the catalog says that the owner is reminded',
      nudgeTask({ ...NUDGE, buyer: { is: 'none' } }),
      ['nudge-'],
    ),
    task(
      'The same, and the buyer was reminded',
      nudgeTask({ ...NUDGE, endsOn: null, buyer: { is: 'sent', via: 'singleSend' } }),
      [],
    ),
    task(
      'The same, and the e-mail tool cannot do so',
      nudgeTask({ ...NUDGE, buyer: { is: 'impossible', via: 'list' } }),
      [],
    ),
    task(
      'The same, and the buyer could not be reminded',
      nudgeTask({ ...NUDGE, buyer: { is: 'refused', via: 'emailSimple', why: NO_ADDRESS } }),
      [],
    ),
    task(
      'The same, and it is not known whether the buyer was reminded',
      nudgeTask({
        ...NUDGE,
        buyer: {
          is: 'in_doubt',
          via: 'singleSend',
          why: 'the e-mail tool did not say what became of the mail',
        },
      }),
      [],
    ),
    task('Stopped from outside', endedFromOutsideTask({ how: 'Terminated', status: 'AwaitingCodes' }), []),
  ],
};
