import { CancellationScope, condition, isCancellation, type TemporalFailure } from '@temporalio/workflow';
import { NOTICE } from '../../src/contracts/activities.ts';
import { isPastPivot } from '../../src/contracts/hand-over.ts';
import type { AskedQuestion } from '../../src/contracts/run.ts';
import { fixerOf, type Problem, problem } from '../../src/domain/failure.ts';
import type { Outage } from '../../src/domain/outage.ts';
import { howToAct, isBound } from '../../src/domain/planning/act.ts';
import { ANSWERS, type OpenQuestion, type Question } from '../../src/domain/planning/question.ts';
import { isSameDeal, type Reading } from '../../src/domain/planning/reading.ts';
import { dayInWords } from '../../src/domain/texts/days.ts';
import { TASK_SUBJECTS } from '../../src/domain/texts/tasks.ts';
import { forAdministrator, waitingText } from '../../src/domain/texts/waiting.ts';
import { storyEnd } from '../failures.ts';
import { closeAsked, tellEveryWay } from '../notices.ts';
import { untilSystemAnswers } from '../parking/park.ts';
import { readIfChanged } from '../reading.ts';
import { showOnDeal } from '../record.ts';
import type { Run, Step } from '../run.ts';
import { startAfreshIfLong } from '../start-afresh.ts';
import { actionOn, heedAnswer, questionOf } from './act.ts';
import { alertOperators } from './alert.ts';

/**
 * Tells the deal and its owner what is asked, and waits until it is answered or the deal changes. Being woken costs one
 * reading of the deal; where that brings nothing new the run goes on waiting. `mayMend`: what failed is tried again as often
 * as the run looks at the deal by itself, because nothing tells of a rule or a right that was mended. Throws
 * `run.attention_expired`.
 */
export async function ask(
  run: Run,
  asked: Question,
  { mayMend, awaits }: Pick<OpenQuestion, 'mayMend' | 'awaits'> = {},
): Promise<Step> {
  const question = asBefore(run, asked);
  open(run, { question, ...(mayMend ? { mayMend } : {}), ...(awaits ? { awaits } : {}) });
  run.view.update({
    status: 'NeedsAttention',
    step: question.step,
    problems: question.problems,
    question: shown(run, question),
  });
  const reading = await whileTelling(run, question, (isTelling) =>
    awaits
      ? untilSystemAnswers(run, waitFor(run, { question, awaits, isTelling }))
      : untilAnswered(run, question, isTelling),
  );
  run.view.answered();
  return { is: 'again', reading };
}

/** What the run met when it tried again by itself, in other words perhaps, is the question that people know. */
function asBefore({ open, inbox }: Run, question: Question): Question {
  if (open?.isTriedAgain !== true || inbox.retry !== null) return question;
  const codesOf = ({ problems }: Question) => problems.map(({ code }) => code).join();
  return codesOf(open.question) === codesOf(question) ? open.question : question;
}

/** Who tries again is at it, so the time starts anew, and whoever was asked is asked once more. */
function open(run: Run, asked: Pick<OpenQuestion, 'question' | 'mayMend' | 'awaits'>): void {
  const isTheSame = run.open?.question.id === asked.question.id && run.inbox.retry === null;
  if (!isTheSame || run.open === null) run.open = { ...asked, since: Date.now(), isTold: false };
  else {
    const { awaits: _, mayMend: __, ...before } = run.open;
    run.open = { ...before, ...asked };
  }
  run.inbox.forgetRetry();
}

function deadlineOf(run: Run): number {
  return (run.open?.since ?? 0) + run.input.policy.attentionDeadlineMs;
}

function shown(run: Run, { id, kind }: Question): AskedQuestion {
  return {
    id,
    kind,
    answers: ANSWERS[kind],
    since: new Date(run.open?.since ?? 0).toISOString(),
    until: new Date(deadlineOf(run)).toISOString(),
  };
}

/** What was read meanwhile, if the deal has changed; null: somebody has answered, or it is to be tried again. */
async function untilAnswered(
  run: Run,
  question: Question,
  isTelling: () => boolean,
): Promise<Reading | null> {
  const isAnswered = () => run.inbox.retry !== null || run.inbox.answers.has(question.id);
  const isActedOn = () => actionOn(run) !== null && mayBeActedOn(run, question);
  for (;;) {
    // Not every fix is reported: a contact of the deal may have been given its address.
    const leftMs = Math.min(deadlineOf(run) - Date.now(), lookAgainMs(run, question));
    const summary = `Waits for a person until ${dayInWords(deadlineOf(run))}, and reads the deal in between`;
    const isWoken =
      leftMs > 0 &&
      (await condition(() => isAnswered() || isActedOn() || run.inbox.news !== null, leftMs, { summary }));
    const isLast = Date.now() >= deadlineOf(run);
    if (isAnswered()) return null;
    const before = run.seen;
    const reading = await readIfChanged(run);
    if (isActedOn() && isAskedStill(question, reading)) {
      const isHeeded = await heedAnswer(run, question, textOnDeal(run, question));
      if (isHeeded) return reading;
    }
    if (reading !== null && !isOwnDoing(run, before, reading)) return reading;
    // The last look of a run that gives up: another run may have done what this one waits for.
    if (isLast) throw expired(run, question);
    if (isAnswered()) return null;
    // Trying again ends the telling, and whoever could mend it must have heard of it first.
    if (run.open?.mayMend && !isWoken && !isTelling()) {
      // The steps may write over what the deal says, so it is told again; the task is known by its key.
      run.open = { ...run.open, isTold: false, isShown: false, isTriedAgain: true };
      return null;
    }
    await startAfreshIfLong(run);
  }
}

/** A seat that is being taken back mostly comes within a minute or two, and no change of the deal tells of it. */
const FIRST_LOOK_MS = 60_000;

function lookAgainMs({ open, input }: Run, question: Question): number {
  const { lookAgainMs: usualMs } = input.policy;
  if (!isSeatComing(question)) return usualMs;
  return Math.min(usualMs, Math.max(FIRST_LOOK_MS, Date.now() - (open?.since ?? 0)));
}

function isSeatComing({ problems }: Question): boolean {
  return problems.every(({ code }) => code === 'deal.seat_coming');
}

/** Who sets an action must have read what it answers; that something was put right is true without that. */
function mayBeActedOn({ open }: Run, question: Question): boolean {
  return open?.isShown === true || (open?.isTold === true && !isBound(question));
}

function waitFor(
  run: Run,
  {
    question,
    ...wait
  }: { readonly question: Question; readonly awaits: Outage; readonly isTelling: () => boolean },
) {
  return {
    ...wait,
    untilMs: deadlineOf(run),
    isAnswered: () => run.inbox.retry !== null,
    heedAction: async () =>
      actionOn(run) !== null &&
      mayBeActedOn(run, question) &&
      (await heedAnswer(run, question, textOnDeal(run, question))),
    expired: () => expired(run, question),
  };
}

/** Whatever people were asked to put right, they may have done; who agrees to seats agrees to those that were shown. */
function isAskedStill({ id, kind }: Question, reading: Reading | null): boolean {
  return reading === null || kind === 'help' || questionOf(reading)?.id === id;
}

/** All that is new about the deal is what this run has noted on it itself. */
function isOwnDoing({ made }: Run, before: string | null, reading: Reading): boolean {
  if (before === null || reading.kind !== 'more' || !isSameDeal(before, reading.hash)) return false;
  const { revision } = reading.plan;
  return made.some((candidate) => candidate.what === 'note' && candidate.revision === revision);
}

function expired(run: Run, { problems }: Question): TemporalFailure {
  const day = dayInWords(deadlineOf(run));
  const open = problems.map(({ message }) => message.replace(/\.$/, '')).join('; ');
  const found = problem('run.attention_expired', `No one fixed this by ${day}. Still open: ${open}`);
  return storyEnd(found);
}

/**
 * Waits and tells at the same time: a CRM that cannot be written to must not keep the run from hearing an answer.
 */
async function whileTelling<T>(
  run: Run,
  question: Question,
  wait: (isTelling: () => boolean) => Promise<T>,
): Promise<T> {
  const scope = new CancellationScope();
  let isTelling = true;
  const told = scope
    .run(() => tell(run, question))
    .finally(() => {
      isTelling = false;
    });
  try {
    return await wait(() => isTelling);
  } finally {
    scope.cancel();
    await CancellationScope.nonCancellable(() => told);
  }
}

async function tell(run: Run, question: Question): Promise<void> {
  // Telling the same again would make a CRM that reports every edit wake this run for ever.
  if (run.open === null || run.open.isTold) return;
  const clears = isBound(question) && run.deal.action !== undefined ? { known: run.deal.action } : null;
  const key = `${NOTICE.ask}${question.id}-${run.open.since.toString(36)}`;
  try {
    if (await alertOperators(run, question)) run.open = { ...run.open, isAlerted: true };
    // Each try would be one more call of a system that is away; of one that is away again, something answers.
    if (run.open.awaits === 'crm' && !run.open.isTriedAgain) return;
    const text = textOnDeal(run, question);
    const { isTold } = await tellEveryWay(run, {
      onDeal: async () => {
        // Shown once more, it would empty a field in which somebody has answered.
        if (run.open?.isShown) return true;
        const asking = { status: 'NeedsAttention', detail: text, ...(clears && { clears }) } as const;
        const { isWritten } = await showOnDeal(run, asking);
        if (isWritten && run.open) run.open = { ...run.open, isShown: true };
        return isWritten;
      },
      notice: {
        key,
        subject: question.subject,
        text: [run.deal.name, text, ...(run.open?.isAlerted ? [] : forAdministrator(question.problems))].join(
          '\n',
        ),
        priority: 'high',
      },
      // The owner can do nothing about it, and those who can know.
      isOnDealEnough: isSeatComing(question) || (isForAdmin(question) && run.open?.isAlerted === true),
    });
    if (!isTold) return;
    await closeAsked(run, key);
    run.open = { ...run.open, isTold };
  } catch (error) {
    if (!isCancellation(error)) throw error;
  }
}

/** Codes that no one can hold yet; null: people may hold some, or it is not known. */
function codesMade(run: Run): number | null {
  if (run.deal.hasSeats || isPastPivot(run.handOver)) return null;
  // One whose making has an unknown outcome may be there.
  if (run.made.some((made) => made.what === 'group' && made.groupId === null)) return null;
  const made = run.view.progress.groups.filter(({ groupId }) => groupId !== null);
  return made.reduce((sum, { seatCount }) => sum + seatCount, 0);
}

function isForAdmin({ problems }: Question): boolean {
  return problems.every(({ code }) => fixerOf(code) === 'admin');
}

/** What is asked, and how to answer it where the reader is. */
function textOnDeal(run: Run, question: Question): string {
  const { kind, problems } = question;
  const since = run.open?.since ?? 0;
  const isAlerted = run.open?.isAlerted === true;
  const waiting = { kind, problems, since, until: deadlineOf(run), isAlerted, codesMade: codesMade(run) };
  // The reader of the deal has nothing to do then.
  const isLeftToAdmin = isAlerted && isForAdmin(question);
  return [waitingText(waiting), ...(isLeftToAdmin ? [] : howToAnswer(run, question))].join('\n');
}

function howToAnswer(run: Run, question: Question): string[] {
  if (run.deal.action !== undefined) return [howToAct(question, deadlineOf(run))];
  const { id, kind } = question;
  if (kind === 'help') return [];
  const { crm, dealId } = run.input.deal;
  const commands = ANSWERS[kind].map((verb) => `dealseat ${verb} ${crm} ${dealId} --question ${id}`);
  return [`Question ${id}. To answer: ${commands.join(', or ')}`];
}

/** What keeps a step from going on, as a question. */
export function helpWith(problems: readonly Problem[]): Question {
  return {
    id: idOf(problems),
    kind: 'help',
    problems,
    subject: TASK_SUBJECTS.help,
    step: 'Waiting until someone fixes what is listed below',
    ifLeft: null,
  };
}

/** HubSpot gives every answer another one, so it makes no other problem. */
const CORRELATION_ID = / \(correlation id [^)]*\)/g;

/** A short stable name for a set of problems (32-bit FNV-1a): equal sets are told once. */
function idOf(problems: readonly Problem[]): string {
  const lines = problems
    .map(({ code, message }) => `${code} ${message.replaceAll(CORRELATION_ID, '')}`)
    .sort();
  let hash = 0x811c9dc5;
  for (const character of lines.join('\n')) {
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  }
  return hash.toString(16).padStart(8, '0');
}
