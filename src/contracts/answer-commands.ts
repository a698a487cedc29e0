import type { DealRef } from '../domain/deal/deal.ts';
import type { FailureCode, Problem } from '../domain/failure.ts';
import type { AskedQuestion } from './run.ts';

/** The question of a run as a person meets it. */
interface Asked {
  readonly deal: Pick<DealRef, 'crm' | 'dealId'>;
  readonly question: AskedQuestion;
  /** What the question is about; not known where runs are only listed. */
  readonly problems?: readonly Pick<Problem, 'code'>[];
}

const MAIL_IN_DOUBT: FailureCode = 'crm.mail_unknown';

/** Whether an answer says what became of a message. */
export function isAboutMail(problems: readonly Pick<Problem, 'code'>[]): boolean {
  return problems.some(({ code }) => code === MAIL_IN_DOUBT);
}

/** The command lines that answer the question, to be copied; a reason is left to be filled in. */
export function answerCommands({ deal, question, problems = [] }: Asked): string[] {
  const isInDoubt = isAboutMail(problems);
  return question.answers.flatMap((verb) => {
    const command = `dealseat ${verb} ${deal.crm} ${deal.dealId} --question ${question.id}`;
    if (verb !== 'retry') return [`${command} --reason "…"`];
    return isInDoubt ? [`${command} --resend`, `${command} --mail-was-sent`] : [command];
  });
}

const KINDS: Readonly<Record<AskedQuestion['kind'], string>> = {
  help: 'something needs to be fixed',
  approval: 'more seats need approval',
  withdrawal: 'fewer seats are sold than the customer has',
};

/** `3f1c0a9b (more seats need approval)`. */
export function questionWords({ id, kind }: Pick<AskedQuestion, 'id' | 'kind'>): string {
  return `${id} (${KINDS[kind]})`;
}

export function questionLine({ since, until, ...question }: AskedQuestion): string {
  return `${questionWords(question)}, asked at ${since}, open until ${until}`;
}
