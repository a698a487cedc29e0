import { previewText } from '../../../src/commands/provision.ts';
import { sweepText } from '../../../src/commands/sweep.ts';
import { resultText, sentText } from '../../../src/commands/terminal/answer-text.ts';
import { dealTable, questionsOf } from '../../../src/commands/terminal/deal-table.ts';
import { lookOf } from '../../../src/commands/terminal/look.ts';
import { reportText } from '../../../src/commands/terminal/report-text.ts';
import { proofText } from '../../../src/commands/verify.ts';
import { answerRefusal } from '../../../src/contracts/answer-refusal.ts';
import type { AskedQuestion, Progress } from '../../../src/contracts/run.ts';
import type { FailureCode } from '../../../src/domain/failure.ts';
import type { RunReport } from '../../../src/runs/report.ts';
import { entry, type TextSection } from './entry.ts';
import { EXAMPLES } from './problems.ts';

const LOOK = lookOf({});
const NOW = new Date('2026-11-29T21:54:00.000Z');
const HASH = '5f2e'.repeat(16);
const LABEL = 'acme-leadership-essentials-2026-11-29-d44cbb8b0c1d2e3';
const ROSTER = {
  fileId: '184200000002',
  fileName: 'roster-acme-corp-d91e50eb943ffdf5.csv',
  url: 'https://app.hubspot.com/files/62515/184200000002',
  codeCount: 1_200,
  sha256: 'a'.repeat(64),
} as const;

const PROGRESS: Progress = {
  status: 'AwaitingCodes',
  step: 'Waiting until every code is listed',
  dealName: 'Acme leadership rollout',
  dealUrl: 'https://app.hubspot.com/contacts/62515/record/0-3/9001',
  seatCount: 1_200,
  groups: [{ label: LABEL, title: 'Leadership Essentials', seatCount: 1_200, groupId: '39d3040d' }],
  roster: null,
  messages: [],
  problems: [],
  question: null,
  undone: [],
  warnings: [],
};

function run(changes: Partial<RunReport> = {}, progress: Partial<Progress> = {}): RunReport {
  const own: Progress = { ...PROGRESS, ...progress };
  return {
    id: 'provision:hubspot:62515:9001',
    crm: 'hubspot',
    account: '62515',
    dealId: '9001',
    dealName: 'Acme leadership rollout',
    status: own.status,
    waitsFor: null,
    code: own.problems[0]?.code ?? null,
    detail: own.step,
    seats: own.seatCount ?? 0,
    groupLabels: own.groups.map(({ label }) => label),
    problems: own.problems,
    question: own.question,
    repeating: [],
    startedAt: '2026-11-29T21:49:20.000Z',
    closedAt: null,
    runUrl: 'http://127.0.0.1:8233/namespaces/default/workflows/provision:hubspot:62515:9001',
    progress: own,
    delivery: null,
    ...changes,
  };
}

function asked(kind: AskedQuestion['kind'], answers: readonly string[], ...codes: FailureCode[]) {
  return {
    status: 'NeedsAttention',
    step: 'Waiting for an answer',
    groups: [],
    problems: codes.map((code) => EXAMPLES[code]),
    question: {
      id: '3f1c0a9b2d4e',
      kind,
      answers,
      since: '2026-11-29T21:50:00.000Z',
      until: '2026-12-13T21:50:00.000Z',
    },
  } as const satisfies Partial<Progress>;
}

const CODES = run({
  waitsFor: 'codes',
  repeating: [
    {
      step: 'awaitCodes',
      attempt: 4,
      code: 'lms.codes_not_listed',
      message: `412 of 1,200 codes of ${LABEL} are listed`,
    },
  ],
});
const REPEATING = run(
  {
    repeating: [
      { step: 'readDeal', attempt: 3, code: 'crm.unavailable', message: EXAMPLES['crm.unavailable'].message },
    ],
  },
  { status: 'Planning', step: 'Reading the deal', groups: [], seatCount: null },
);
const HELP = run(
  { waitsFor: 'sales' },
  asked('help', ['retry'], 'deal.close_date_missing', 'catalog.product_unmapped'),
);
const IN_DOUBT = run({ waitsFor: 'sales' }, asked('help', ['retry'], 'crm.mail_unknown'));
const APPROVAL = run({ waitsFor: 'approval' }, asked('approval', ['approve', 'reject'], 'approval.required'));
const FEWER = run(
  { waitsFor: 'withdrawal' },
  asked('withdrawal', ['withdraw', 'keep'], 'withdrawal.required'),
);
const DELIVERED = run(
  { closedAt: '2026-11-29T21:51:00.000Z' },
  {
    status: 'Delivered',
    step: 'Delivered',
    roster: ROSTER,
    messages: [{ contactId: '6001', audience: 'buyer', state: 'sent', reference: null }],
  },
);
const FAILED = run(
  { closedAt: '2026-11-29T21:51:00.000Z', code: 'run.attention_expired' },
  {
    status: 'Failed',
    step: EXAMPLES['run.attention_expired'].message,
    problems: [EXAMPLES['run.attention_expired']],
    undone: [{ step: 'group', outcome: 'quarantined', detail: LABEL, onDeal: '' }],
  },
);
const SILENT = run({ progress: null, problems: [], groupLabels: [], seats: 0 });

const status = (report: RunReport) => reportText(report, { look: LOOK, now: NOW }).plain;

export const IN_LIST: TextSection = {
  title: 'What `list` and `status` print',
  reader: 'operator',
  entries: [
    entry(
      'dealseat list',
      dealTable([HELP, APPROVAL, CODES, DELIVERED, FAILED], { look: LOOK, columns: 160, now: NOW }).plain +
        questionsOf([HELP, APPROVAL], LOOK).plain,
    ),
    entry('dealseat status: waits for codes', status(CODES)),
    entry('dealseat status: a step is repeated', status(REPEATING)),
    entry('dealseat status: needs help', status(HELP)),
    entry('dealseat status: a message that may be out', status(IN_DOUBT)),
    entry('dealseat status: waits for approval', status(APPROVAL)),
    entry('dealseat status: fewer seats are sold', status(FEWER)),
    entry('dealseat status: delivered', status(DELIVERED)),
    entry('dealseat status: failed', status(FAILED)),
    entry('dealseat status: no worker answers', status(SILENT)),
  ],
};

const BY = { by: 'ana', reason: 'signed off by finance' } as const;
const TOOK = { tookMs: 6_100, hasGoneOn: true } as const;

export const ANSWERS: TextSection = {
  title: 'What the commands that act on a deal print',
  reader: 'operator',
  entries: [
    entry(
      'dealseat approve',
      `${sentText('approve', BY)}. The run goes on …\n${resultText(DELIVERED, TOOK)}`,
    ),
    entry('dealseat reject', `${sentText('reject', BY)}. The run goes on …`),
    entry('dealseat withdraw', `${sentText('withdraw', BY)}. The run goes on …`),
    entry('dealseat keep', `${sentText('keep', BY)}. The run goes on …`),
    entry('dealseat cancel', `${sentText('cancel', BY)}. The run goes on …`),
    entry(
      'dealseat retry: the same is still wrong',
      `${sentText('retry', { by: 'ana', reason: 'what was asked for is done', question: '3f1c0a9b2d4e' })}. The run goes on …\n${resultText(HELP, { ...TOOK, hasGoneOn: false })}`,
    ),
    entry(
      'An answer to another question',
      answerRefusal(APPROVAL.progress ?? PROGRESS, 'approve', '0d1e2f3a4b5c') ?? '',
    ),
    entry(
      'An answer of another kind',
      answerRefusal(APPROVAL.progress ?? PROGRESS, 'keep', '3f1c0a9b2d4e') ?? '',
    ),
    entry('An answer while nothing is asked', answerRefusal(PROGRESS, 'approve', '3f1c0a9b2d4e') ?? ''),
    entry('dealseat retry: the run has failed', resultText(FAILED, TOOK)),
    entry(
      'dealseat provision --dry-run',
      previewText(
        {
          id: DELIVERED.id,
          hash: HASH,
          seats: 1_200,
          needsApproval: false,
          groups: [
            {
              label: LABEL,
              title: 'Leadership Essentials',
              seats: 1_200,
              codesExpireAt: '2027-11-29T23:59:59.000Z',
              codesExpireOn: '2027-11-29',
              access: '365 days from redemption',
              client: null,
            },
          ],
          problems: [],
          calls: ['Thought Industries: create a group', 'HubSpot: mark the deal as Delivered'],
          skipped: null,
        },
        'dealseat provision hubspot 9001',
      ),
    ),
    entry(
      'dealseat provision --dry-run: something to fix',
      previewText(
        {
          id: DELIVERED.id,
          hash: null,
          seats: 0,
          needsApproval: false,
          groups: [],
          problems: HELP.problems,
          calls: [],
          skipped: null,
        },
        'dealseat provision hubspot 9001',
      ),
    ),
    entry(
      'dealseat sweep',
      sweepText([
        {
          crm: 'hubspot',
          account: '62515',
          id: 'sweep:hubspot:62515',
          state: 'missing',
          next: null,
          last: null,
        },
      ]),
    ),
    entry(
      'dealseat verify',
      proofText({
        status: 'Delivered',
        checks: [
          {
            name: 'rows of the file = codes on the deal',
            isProven: false,
            found: '1,199 rows; the deal names 1,200',
          },
          { name: 'people find the file on the deal', isProven: true, found: 'its note or link' },
        ],
      }),
    ),
    entry('dealseat verify: nothing was delivered', proofText({ status: 'Planning', checks: [] })),
  ],
};
