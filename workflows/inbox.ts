import { type CancellationScope, setHandler } from '@temporalio/workflow';
import {
  type CancelRequest,
  type Carried,
  type Decision,
  type ProvisionInput,
  type RetryRequest,
  type Source,
  sourceOf,
  strongerSource,
} from '../src/contracts/run.ts';
import type { Answer } from '../src/domain/planning/question.ts';
import * as messages from './messages.ts';
import type { RunView } from './run-view.ts';

/** What people and events have said, written by the message handlers alone. */
export interface Inbox {
  /** Who asked for the deal, as far as the last reading knows. */
  readonly source: Source;
  /** Who has told of the deal since the last reading; null: nobody. */
  readonly news: Source | null;
  /** By id of the question. */
  readonly answers: ReadonlyMap<string, Answer>;
  /** The last one, until the run waits again. */
  readonly retry: RetryRequest | null;
  readonly cancelledBy: CancelRequest | null;
  /** To be called just before the deal is read: what is told from here on is news. */
  takeNews(): void;
  /** To be called when the run begins to wait: what was said so far is used up. */
  forgetRetry(): void;
  /** What a person said on the deal itself, as the updates of the same names would. */
  answer(questionId: string, answer: Answer): void;
  goOn(request: RetryRequest): void;
  /** A person asks for the deal. */
  askAgain(): void;
}

interface Listening {
  readonly input: ProvisionInput;
  readonly view: RunView;
  readonly work: CancellationScope;
  /** Why the run cannot be cancelled any more, or null. */
  readonly cancelObstacle: () => string | null;
}

/** Call before the first await: a message that comes with the start must find its handler. */
export function openInbox({ input, view, work, cancelObstacle }: Listening): Inbox {
  const { carried } = input;
  let source = carried?.source ?? sourceOf(input.trigger);
  let news: Source | null = carried?.work?.news ?? null;
  const answers = new Map<string, Answer>(Object.entries(answersOf(carried)));
  let retry: RetryRequest | null = carried?.work?.retry ?? null;
  let cancelledBy: CancelRequest | null = null;

  setHandler(messages.progress, () => view.progress, { description: messages.DESCRIPTIONS.progress });
  setHandler(
    messages.dealChanged,
    (trigger) => {
      const told = sourceOf(trigger);
      news = news === null ? told : strongerSource(news, told);
    },
    { description: messages.DESCRIPTIONS.dealChanged },
  );
  setHandler(
    messages.retry,
    (request) => {
      retry = request;
      news = 'person';
      view.answered();
      return view.progress;
    },
    {
      description: messages.DESCRIPTIONS.retry,
      validator: (request) => requireAnswer(view, 'retry', request),
    },
  );
  setHandler(
    messages.cancel,
    (request) => {
      cancelledBy = request;
      work.cancel();
      return view.progress;
    },
    {
      description: messages.DESCRIPTIONS.cancel,
      validator: (request) => {
        requireWords(request);
        const obstacle = cancelObstacle();
        if (obstacle !== null) throw new Error(obstacle);
      },
    },
  );
  for (const [verb, update] of Object.entries(DECISIONS) as [Answer['verb'], typeof messages.approve][]) {
    setHandler(
      update,
      ({ question, by, reason }) => {
        answers.set(question, { verb, by, reason });
        view.answered();
        return view.progress;
      },
      {
        description: messages.DESCRIPTIONS[verb],
        validator: (decision) => requireAnswer(view, verb, decision),
      },
    );
  }
  return {
    get source() {
      return source;
    },
    get news() {
      return news;
    },
    get retry() {
      return retry;
    },
    get cancelledBy() {
      return cancelledBy;
    },
    answers,
    takeNews() {
      if (news !== null) source = strongerSource(source, news);
      news = null;
    },
    forgetRetry() {
      retry = null;
    },
    answer(questionId, answer) {
      // Who was faster has been told so.
      if (!answers.has(questionId)) answers.set(questionId, answer);
    },
    goOn(request) {
      retry ??= request;
      news = 'person';
    },
    askAgain() {
      news = 'person';
    },
  };
}

const DECISIONS: Readonly<Record<Answer['verb'], typeof messages.approve>> = {
  approve: messages.approve,
  reject: messages.reject,
  withdraw: messages.withdraw,
  keep: messages.keep,
};

function answersOf(carried: Carried | undefined): Readonly<Record<string, Answer>> {
  return carried?.work?.answers ?? {};
}

/** An answer belongs to its question: whoever read another one is told what is asked now. */
function requireAnswer({ progress }: RunView, verb: string, decision: Decision): void {
  requireWords(decision);
  const { question, problems } = progress;
  if (question === null) {
    throw new Error(
      `The run is ${progress.status} and asks nothing just now, so there is nothing to ${verb}`,
    );
  }
  const asked = problems.map(({ message }) => message).join('; ');
  const now = `What is asked now is question ${question.id}: ${asked}. Its answers are: ${question.answers.join(', ')}`;
  if (!question.answers.includes(verb)) throw new Error(`This cannot be answered with ${verb}. ${now}`);
  if (decision.question === question.id) return;
  throw new Error(`Question ${JSON.stringify(decision.question ?? null)} is not asked, or not now. ${now}`);
}

/** Messages also come from the Temporal UI, where anything can be typed. */
function requireWords(said: CancelRequest): void {
  for (const field of ['by', 'reason'] as const) {
    const value: unknown = said?.[field];
    if (typeof value === 'string' && value.trim() !== '') continue;
    throw new Error(`"${field}" is missing; expected a JSON object with the texts "by" and "reason"`);
  }
}
