import { ACTION_FIELD, type Action, type SeenAction } from '../deal/action.ts';
import type { Problem } from '../failure.ts';
import { dayInWords } from '../texts/days.ts';
import type { Answer, Question, QuestionKind } from './question.ts';

type Asked = Pick<Question, 'kind' | 'problems'>;

/** What an action on the deal means for the question that the deal shows. */
export type ActionVerdict =
  | { readonly is: 'answer'; readonly verb: Answer['verb'] }
  | { readonly is: 'retry'; readonly mail?: 'resend' | 'was_sent' }
  /** It is not carried out. `why`: a sentence for the deal. */
  | { readonly is: 'unfit'; readonly why: string };

export function judgeAction({ action, mayApprove }: SeenAction, asked: Asked): ActionVerdict {
  if (action === null || !fitting(asked).includes(action)) {
    return { is: 'unfit', why: `It does not answer what Dealseat asks. ${howToAct(asked)}` };
  }
  switch (action) {
    case 'Retry':
      return { is: 'retry' };
    case 'Mail was sent':
      return { is: 'retry', mail: 'was_sent' };
    case 'Send again':
      return { is: 'retry', mail: 'resend' };
    case 'Approve':
      if (!mayApprove) return { is: 'unfit', why: NOT_AN_APPROVER };
      return { is: 'answer', verb: 'approve' };
    case 'Reject':
      return { is: 'answer', verb: 'reject' };
    case 'Withdraw':
      return { is: 'answer', verb: 'withdraw' };
    case 'Keep':
      return { is: 'answer', verb: 'keep' };
  }
}

const NOT_AN_APPROVER =
  'Dealseat does not accept an approval by this user. Ask one of the people who may approve seats to set it.';

/** An old answer to any of these could do harm: it counts only for the question that the deal showed. */
export function isBound(asked: Asked): boolean {
  return asked.kind !== 'help' || isAboutMail(asked.problems);
}

/** How to answer a question on the deal: the labels of the fitting actions, and until when. */
export function howToAct(asked: Asked, until?: string | number): string {
  const named = namedFor(asked).map((action) => `"${action}"`);
  const by = until === undefined ? '' : ` by ${dayInWords(until)}`;
  return `Set "${ACTION_FIELD}" to ${named.join(' or ')}${by}.`;
}

/** After it a deal without an open question is started again, as `dealseat provision` does it. */
export const HOW_TO_START_AGAIN = `To start again, set "${ACTION_FIELD}" to "Retry".`;

const OF_KIND: Readonly<Record<QuestionKind, readonly Action[]>> = {
  help: ['Retry'],
  approval: ['Approve', 'Reject'],
  withdrawal: ['Withdraw', 'Keep'],
};

const OF_MAIL: readonly Action[] = ['Mail was sent', 'Send again'];

function namedFor({ kind, problems }: Asked): readonly Action[] {
  return kind === 'help' && isAboutMail(problems) ? OF_MAIL : OF_KIND[kind];
}

function fitting(asked: Asked): readonly Action[] {
  return [...OF_KIND[asked.kind], ...namedFor(asked)];
}

function isAboutMail(problems: readonly Problem[]): boolean {
  return problems.some(({ code }) => code === 'crm.mail_unknown');
}
