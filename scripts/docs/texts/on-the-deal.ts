import type { Ledger } from '../../../src/domain/deal/ledger.ts';
import { FAILURES, type FailureCode, fixerOf } from '../../../src/domain/failure.ts';
import { howToAct } from '../../../src/domain/planning/act.ts';
import { deliveryAtHand } from '../../../src/domain/planning/ledger-after.ts';
import type { QuestionKind } from '../../../src/domain/planning/question.ts';
import { accessLeftText } from '../../../src/domain/texts/access-behind.ts';
import { withContactNames } from '../../../src/domain/texts/contacts.ts';
import { deliveredText } from '../../../src/domain/texts/delivered.ts';
import {
  cancelledText,
  decidedText,
  decisionText,
  failedText,
  skippedText,
  undoneText,
} from '../../../src/domain/texts/endings.ts';
import {
  creatingLeftOutText,
  creatingText,
  givingCodesText,
  REWRITING_ROSTER,
  swappingText,
  UNDOING,
  UNDOING_NOTE,
  withdrawingText,
} from '../../../src/domain/texts/under-way.ts';
import { repeatsText, waitingText } from '../../../src/domain/texts/waiting.ts';
import { carriedOut, deal, line, planOf } from '../../../test/unit/example-deals.ts';
import type { TextEntry, TextSection } from './entry.ts';
import { EXAMPLES, PEOPLE } from './problems.ts';

const NOW = Date.parse('2026-11-29T21:54:00.000Z');
const UNTIL = Date.parse('2026-12-13T21:54:00.000Z');
const ANA = { by: 'Ana Ruiz', at: NOW } as const;

const KINDS: Readonly<Partial<Record<FailureCode, QuestionKind>>> = {
  'approval.required': 'approval',
  'deal.seat_in_use': 'approval',
  'withdrawal.required': 'withdrawal',
};

/** Codes that a run asks people about. */
export const ASKED = (Object.keys(FAILURES) as FailureCode[]).filter(
  (code) =>
    !['never'].includes(FAILURES[code].class) && code !== 'run.held_elsewhere' && code !== 'run.superseded',
);

function asked(code: FailureCode, isAlerted: boolean): string {
  const kind = KINDS[code] ?? 'help';
  const isUnsure =
    code.startsWith('crm.mail') || code === 'crm.roster_missing' || code === 'lms.outcome_unknown';
  const codesMade = isUnsure || kind !== 'help' ? null : code.startsWith('lms.codes') ? 25 : 0;
  const problems = [EXAMPLES[code]];
  const text = waitingText({ kind, problems, since: NOW, until: UNTIL, isAlerted, codesMade });
  return fixerOf(code) === 'admin' && isAlerted ? text : `${text}\n${howToAct({ kind, problems }, UNTIL)}`;
}

function entry(name: string, text: string, covers: readonly string[] = []): TextEntry {
  return { name, covers, text: withContactNames(text, PEOPLE) };
}

const PLAN = planOf(deal({ lineItems: [line('LEAD-101', 25), line('NEGO-201', 5)] }));
const DELIVERED: Ledger = {
  ...carriedOut(PLAN),
  handedOver: { at: '2026-11-29T21:41:00.000Z', to: '6001', by: 'sent' },
};
const TO_LEARNERS: Ledger = { ...DELIVERED, audience: 'learners', learners: ['6002', '6003'] };
const MADE = { isHandedOut: false, isUnfinished: false } as const;
const TAKEN_BACK = [
  undoneText('roster', { outcome: 'undone', detail: '' }),
  undoneText('group', { outcome: 'quarantined', detail: '', codeCount: 25 }),
];
const SKIPPED = Object.keys(FAILURES).filter((code) =>
  [
    'deal.no_seats',
    'deal.closed_long_ago',
    'deal.not_won',
    'deal.won_before',
    'deal.left_out',
    'deal.stopped',
    'deal.merged',
    'approval.rejected',
    'plan.changed',
  ].includes(code),
) as FailureCode[];

export const ON_THE_DEAL: readonly TextSection[] = [
  {
    title: 'On the deal: what is being done',
    reader: 'sales',
    entries: [
      entry('Creating', creatingText(25), ['Provisioning']),
      entry('Creating one', creatingText(1)),
      entry('Creating what was rejected before', creatingLeftOutText(10)),
      entry('More learners', givingCodesText(1)),
      entry('The roster is put back', REWRITING_ROSTER),
      entry('Withdrawing', withdrawingText(4)),
      entry('A seat in use goes to another learner', swappingText(1)),
      entry('Being undone', UNDOING, ['Compensating']),
      entry('A note being undone', UNDOING_NOTE),
    ],
  },
  {
    title: 'On the deal: what waits for a person',
    reader: 'sales',
    entries: [
      ...ASKED.map((code) => entry(`Needs attention: ${code}`, asked(code, true), [code])),
      entry(
        'Needs attention, and no way to alert the operators is set',
        asked('lms.codes_path_missing', false),
      ),
      entry(
        'Several problems at once',
        waitingText({
          kind: 'help',
          problems: [
            EXAMPLES['deal.buyer_email_missing'],
            EXAMPLES['deal.close_date_missing'],
            EXAMPLES['catalog.product_unmapped'],
          ],
          since: NOW,
          until: UNTIL,
          isAlerted: true,
          codesMade: 0,
        }),
      ),
      entry(
        'A step fails and is repeated',
        repeatsText({
          at: NOW,
          said: 'Dealseat has tried 8 times to continue with this deal',
          code: 'lms.unavailable',
        }),
      ),
    ],
  },
  {
    title: 'On the deal: how it ended',
    reader: 'sales',
    entries: [
      entry('Delivered to the buyer', deliveredText(DELIVERED, deliveryAtHand(PLAN)), ['Delivered']),
      entry(
        'Delivered: the e-mail tool only accepts',
        deliveredText(
          { ...DELIVERED, handedOver: { at: '2026-11-29T21:41:00.000Z', to: '6001', by: 'accepted' } },
          deliveryAtHand(PLAN),
        ),
      ),
      entry(
        'Delivered without an e-mail',
        deliveredText(
          { ...DELIVERED, handedOver: { at: '2026-11-29T21:41:00.000Z', to: '6001', by: 'roster' } },
          deliveryAtHand(PLAN),
        ),
      ),
      entry(
        'Delivered to learners, the spare codes to the buyer',
        deliveredText({ ...TO_LEARNERS, isSpareOut: true }, deliveryAtHand(PLAN)),
      ),
      entry(
        'Delivered to learners, the spare codes kept',
        deliveredText(TO_LEARNERS, deliveryAtHand({ ...PLAN, isAmendment: true, addedSeats: 5 })),
      ),
      entry('Delivered by an earlier run', deliveredText(DELIVERED)),
      ...SKIPPED.map((code) => entry(`Skipped: ${code}`, skippedText(EXAMPLES[code]), [code])),
      entry('Rejected', decidedText({ verb: 'reject', ...ANA, reason: 'Not paid yet' }, null), ['reject']),
      entry(
        'Withdrawn',
        decidedText(
          { verb: 'withdraw', seatCount: 4, ...ANA, reason: 'Sold fewer' },
          deliveredText(DELIVERED),
        ),
        ['withdraw'],
      ),
      entry(
        'Withdrawn, and learners used some of the seats',
        decisionText({
          verb: 'withdraw',
          seatCount: 4,
          ...ANA,
          reason: 'Sold fewer',
          accessLeft: { count: 2, byCode: 1, rule: 'ask' },
        }),
      ),
      ...(['revoke', 'allow'] as const).map((rule) =>
        entry(`The same, and the catalog says \`${rule}\``, accessLeftText({ count: 2, rule })),
      ),
      entry('Kept', decidedText({ verb: 'keep', ...ANA, reason: 'Goodwill' }, deliveredText(DELIVERED)), [
        'keep',
      ]),
      entry(
        'Cancelled',
        cancelledText({
          ...ANA,
          reason: 'Customer withdrew',
          hasSeats: false,
          areCodesLeft: true,
          ...MADE,
          undone: TAKEN_BACK,
        }),
        ['run.cancelled', 'Cancelled'],
      ),
      entry(
        'Cancelled: a change of a delivered deal',
        cancelledText({
          ...ANA,
          reason: 'Signed by mistake',
          hasSeats: true,
          areCodesLeft: false,
          ...MADE,
          undone: [],
        }),
      ),
      entry(
        'Failed: no one fixed it',
        failedText({
          found: EXAMPLES['run.attention_expired'],
          open: [EXAMPLES['crm.mail_rejected'], EXAMPLES['lms.forbidden']],
          until: '2026-12-13T21:54:00.000Z',
          ...MADE,
          undone: TAKEN_BACK,
        }),
        ['run.attention_expired', 'Failed'],
      ),
      ...(Object.keys(FAILURES) as FailureCode[])
        .filter((code) => FAILURES[code].class !== 'attention' && fixerOf(code) === 'admin')
        .map((code) =>
          entry(`Failed: ${code}`, failedText({ found: EXAMPLES[code], open: [], ...MADE, undone: [] }), [
            code,
          ]),
        ),
      entry(
        'Failed after codes may be with people',
        failedText({
          found: EXAMPLES['crm.unavailable'],
          open: [],
          isHandedOut: true,
          isUnfinished: true,
          undone: [],
        }),
      ),
      ...(['note', 'roster', 'links', 'group'] as const).map((what) =>
        entry(`An undo that failed: ${what}`, undoneText(what, { outcome: 'failed', detail: '' })),
      ),
      entry('Links taken back', undoneText('links', { outcome: 'undone', detail: '' })),
      entry('No group was made', undoneText('group', { outcome: 'nothing_to_undo', detail: '' })),
    ],
  },
];
