import { withCure } from '../domain/words.ts';
import type { UpdateName } from './message-arguments.ts';
import type { Decision, Progress } from './run.ts';

/** Why the run does not take this answer, with what it asks instead; null: it takes it. An answer belongs to its question. */
export function answerRefusal(
  { status, question, problems }: Pick<Progress, 'status' | 'question' | 'problems'>,
  verb: UpdateName,
  answered: Decision['question'] | undefined,
): string | null {
  if (question === null)
    return `The run is ${status} and asks nothing just now, so there is nothing to ${verb}.`;
  const asked = problems.map(({ message }) => message).join('; ');
  const now = withCure(
    `It asks question ${question.id}: ${asked}`,
    `The answers to that: ${question.answers.join(', ')}.`,
  );
  if (!question.answers.includes(verb)) return `The run does not take ${verb} as an answer. ${now}`;
  return answered === question.id
    ? null
    : `The run does not ask question ${JSON.stringify(answered ?? null)} now. ${now}`;
}
