import { type CancellationScope, setHandler } from '@temporalio/workflow';
import { answerRefusal } from '../src/contracts/answer-refusal.ts';
import { faultIn, triggerIn, type UpdateName } from '../src/contracts/message-arguments.ts';
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
  /** The system that the run waits for has answered. */
  readonly hasSystemAnswered: boolean;
  /** To be called just before the deal is read: what is told from here on is news. */
  takeNews(): void;
  /** To be called when the run begins to wait: what was said so far is used up. */
  forgetRetry(): void;
  /** To be called before the run asks to be woken. */
  forgetSystem(): void;
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
  let hasSystemAnswered = false;

  setHandler(messages.progress, () => view.progress, { description: messages.DESCRIPTIONS.progress });
  setHandler(
    messages.dealChanged,
    (trigger) => {
      const told = sourceOf(triggerIn(trigger));
      news = news === null ? told : strongerSource(news, told);
    },
    { description: messages.DESCRIPTIONS.dealChanged },
  );
  setHandler(
    messages.systemAnswers,
    () => {
      hasSystemAnswered = true;
    },
    { description: messages.DESCRIPTIONS.systemAnswers },
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
        requireArgument('cancel', request);
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
    get hasSystemAnswered() {
      return hasSystemAnswered;
    },
    answers,
    takeNews() {
      if (news !== null) source = strongerSource(source, news);
      news = null;
    },
    forgetRetry() {
      retry = null;
    },
    forgetSystem() {
      hasSystemAnswered = false;
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

function requireAnswer({ progress }: RunView, verb: UpdateName, decision: Decision): void {
  requireArgument(verb, decision);
  const refusal = answerRefusal(progress, verb, decision.question);
  if (refusal !== null) throw new Error(refusal);
}

/** Messages also come from the Temporal UI, where anything can be typed. */
function requireArgument(update: UpdateName, argument: unknown): void {
  const fault = faultIn(update, argument);
  if (fault !== null) throw new Error(fault);
}
