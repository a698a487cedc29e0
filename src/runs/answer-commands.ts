import type { AskedQuestion } from '../contracts/run.ts';
import type { DealRef } from '../domain/deal/deal.ts';
import type { FailureCode, Problem } from '../domain/failure.ts';

/** The question of a run as a person meets it. */
interface Asked {
  readonly deal: Pick<DealRef, 'crm' | 'dealId'>;
  readonly question: AskedQuestion;
  /** What the question is about; not known where runs are only listed. */
  readonly problems?: readonly Pick<Problem, 'code'>[];
}

const MAIL_IN_DOUBT: FailureCode = 'crm.mail_unknown';

/** The command lines that answer the question, to be copied; a reason is left to be filled in. */
export function answerCommands({ deal, question, problems = [] }: Asked): string[] {
  const isAboutMail = problems.some(({ code }) => code === MAIL_IN_DOUBT);
  return question.answers.flatMap((verb) => {
    const command = `dealseat ${verb} ${deal.crm} ${deal.dealId} --question ${question.id}`;
    if (verb !== 'retry') return [`${command} --reason "…"`];
    return isAboutMail ? [`${command} --resend`, `${command} --mail-was-sent`] : [command];
  });
}

const KINDS: Readonly<Record<AskedQuestion['kind'], string>> = {
  help: 'something is to be put right',
  approval: 'more seats need approval',
  withdrawal: 'fewer seats are sold than the customer has',
};

/** `3f1c0a9b (more seats need approval)`. */
export function questionWords({ id, kind }: Pick<AskedQuestion, 'id' | 'kind'>): string {
  return `${id} (${KINDS[kind]})`;
}

export function questionLine({ since, until, ...question }: AskedQuestion): string {
  return `${questionWords(question)}, asked since ${since}, given up ${until}`;
}
