/**
 * A run that asks people one question, by the contract of real runs and without anything else of them: for the commands
 * that answer.
 */
import {
  ApplicationFailure,
  condition,
  defineQuery,
  defineUpdate,
  setHandler,
  sleep,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import {
  type AskedQuestion,
  type CancelRequest,
  type Decision,
  MESSAGES,
  type Progress,
  type ProvisionInput,
  type RetryRequest,
  type RunStatus,
} from '../../../src/contracts/run.ts';
import { searchAttributeKeys } from '../../../src/contracts/search-attributes.ts';
import { problem } from '../../../src/domain/failure.ts';
import { ANSWERS } from '../../../src/domain/planning/question.ts';

/** By the first digit of the deal's id. */
const ASKS = {
  '1': { kind: 'approval', code: 'approval.required' },
  '2': { kind: 'withdrawal', code: 'withdrawal.required' },
  '3': { kind: 'help', code: 'deal.close_date_missing' },
  '4': { kind: 'help', code: 'crm.mail_unknown' },
} as const;

export async function provisionDeal({ deal }: ProvisionInput): Promise<void> {
  let progress = asking(deal.dealId);
  const taken: string[] = [];
  setHandler(defineQuery<Progress>(MESSAGES.progress), () => progress);
  for (const verb of ['approve', 'reject', 'withdraw', 'keep', 'retry'] as const) {
    setHandler(
      defineUpdate<Progress, [Decision | RetryRequest]>(verb),
      (decision) => {
        taken.push(JSON.stringify({ verb, ...decision }));
        return progress; // As it was: the run acts on the answer later.
      },
      { validator: ({ question }) => refuseOther(question, verb, progress.question) },
    );
  }
  setHandler(defineUpdate<Progress, [CancelRequest]>(MESSAGES.cancel), (request) => {
    taken.push(JSON.stringify({ verb: 'cancel', ...request }));
    return progress;
  });
  upsertSearchAttributes([{ key: searchAttributeKeys.status, value: progress.status }]);
  await condition(() => taken.length > 0);
  const [step = ''] = taken;
  const { verb, by }: { verb: keyof typeof ENDS; by: string } = JSON.parse(step);
  progress = { ...progress, status: 'Provisioning', step, question: null, problems: [] };
  await sleep(50);
  // Whoever is called so has mended nothing.
  const status = by === 'nobody' ? 'NeedsAttention' : ENDS[verb];
  progress = status === 'NeedsAttention' ? asking(deal.dealId) : { ...progress, status };
  upsertSearchAttributes([{ key: searchAttributeKeys.status, value: status }]);
  if (status === 'NeedsAttention') await condition(() => false);
}

const ENDS = {
  approve: 'Delivered',
  reject: 'Skipped',
  withdraw: 'Delivered',
  keep: 'Delivered',
  retry: 'Delivered',
  cancel: 'Cancelled',
} as const satisfies Record<string, RunStatus>;

function asking(dealId: string): Progress {
  const { kind, code } = ASKS[dealId.charAt(0) as keyof typeof ASKS];
  return {
    status: 'NeedsAttention',
    step: 'Waiting for an answer',
    dealName: null,
    dealUrl: null,
    seatCount: 6,
    groups: [],
    roster: null,
    messages: [],
    problems: [problem(code, 'As the test wants it')],
    question: {
      id: `q-${dealId}`,
      kind,
      answers: ANSWERS[kind],
      since: '2026-11-20T09:00:00.000Z',
      until: '2026-12-04T09:00:00.000Z',
    },
    undone: [],
    warnings: [],
  };
}

function refuseOther(question: string, verb: string, asked: AskedQuestion | null): void {
  if (asked?.id === question && asked.answers.includes(verb)) return;
  throw ApplicationFailure.nonRetryable(
    `${verb} ${question} answers nothing: what is asked is ${asked?.id} (${asked?.kind})`,
  );
}
