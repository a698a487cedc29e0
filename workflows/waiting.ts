import { CancellationScope, condition, isCancellation, log } from '@temporalio/workflow';
import { type Problem, problem } from '../src/domain/failure.ts';
import { letGo } from './claim.ts';
import { problemOf, runFailure } from './failures.ts';
import type { Run } from './run.ts';
import { READING } from './run-state.ts';

/** After a step that met a problem: whoever can settle it is waited for. */
export async function waitForHelp(run: Run, found: Problem): Promise<void> {
  if (found.code === 'run.claimed_elsewhere') await waitForOtherDeployment(run, found);
  // The next reading tells which deal it is by now.
  else if (found.code !== 'deal.merged') await waitForPerson(run, [found]);
}

/**
 * Tells the deal's owner what to fix and waits until someone asks for a retry or the deal changes. Throws
 * `run.attention_expired` when nobody does before the deadline.
 */
export async function waitForPerson(run: Run, problems: readonly Problem[]): Promise<void> {
  // Whoever asked for a retry is at it, so the time starts anew.
  if (run.retryRequest !== null) run.waiting = null;
  run.retryRequest = null;
  run.state.update({
    status: 'NeedsAttention',
    step: 'Waiting until someone fixes what is listed below',
    problems,
  });
  const subject = 'Dealseat needs your help with this deal';
  await whileTelling(run, { subject, text: textOf(problems), problems }, () =>
    waitUntil(run, () => run.retryRequest !== null || run.hasDealChanged, problems),
  );
}

/**
 * The deal is another deployment's for now: nothing is written on it. Ends after a quarter of the lease, or when someone
 * asks for a retry or the deal changes.
 */
async function waitForOtherDeployment(run: Run, found: Problem): Promise<void> {
  letGo(run);
  run.retryRequest = null;
  run.state.update({
    status: 'NeedsAttention',
    step: 'Waiting for another deployment of Dealseat',
    problems: [found],
  });
  if (!run.hasMetAnother) run.state.warn(found.message);
  run.hasMetAnother = true;
  log.warn('Another deployment of Dealseat works on the same deal', { problem: found.message });
  await condition(() => run.retryRequest !== null || run.hasDealChanged, run.input.policy.claimLeaseMs / 4);
  run.claim = { is: 'unknown' };
  run.state.update({ problems: [] });
}

/** Waits for `approve` or `reject`; a changed deal also ends the wait, because it may need another decision. */
export async function waitForDecision(
  run: Run,
  asked: readonly Problem[],
  { subject, step }: { readonly subject: string; readonly step: string },
): Promise<void> {
  run.decision = null;
  run.state.update({
    status: 'NeedsAttention',
    step,
    problems: asked,
    awaitsApproval: true,
  });
  await whileTelling(run, { subject, text: textOf(asked), problems: asked }, () =>
    waitUntil(run, () => run.decision !== null || run.hasDealChanged, asked),
  );
}

function textOf(problems: readonly Problem[]): string {
  return problems.map(({ message, cure }) => `- ${message}. ${cure}`).join('\n');
}

async function waitUntil(run: Run, isOver: () => boolean, problems: readonly Problem[]): Promise<void> {
  const key = keyOf(problems);
  if (run.waiting?.key !== key) run.waiting = { key, since: Date.now() };
  const leftMs = run.waiting.since + run.input.policy.attentionDeadlineMs - Date.now();
  if (leftMs > 0 && (await condition(isOver, leftMs))) return;
  throw runFailure(
    problem('run.attention_expired', 'The deadline passed and these problems were not fixed'),
    { problems },
  );
}

interface Telling {
  readonly subject: string;
  readonly text: string;
  readonly problems: readonly Problem[];
}

/**
 * Waits and tells at the same time: a CRM that cannot be written to must not keep the run from hearing a retry.
 * What could not be told becomes a warning.
 */
async function whileTelling(run: Run, telling: Telling, wait: () => Promise<void>): Promise<void> {
  const scope = new CancellationScope();
  const told = scope.run(() => tell(run, telling));
  try {
    await wait();
    // At once: whoever looks, or asks once more, must not be answered as if nobody had helped yet.
    run.state.update({ ...READING, problems: [], awaitsApproval: false });
  } finally {
    scope.cancel();
    await CancellationScope.nonCancellable(() => told);
  }
}

async function tell(run: Run, { subject, text, problems }: Telling): Promise<void> {
  // Writing the same again would make a CRM that reports every edit wake this run for ever.
  const key = `attention-${run.deal.dealId}-${keyOf(problems)}`;
  if (run.lastTold === key) return;
  run.lastTold = key;
  const { deal } = run;
  const { deal: ref } = run.input;
  try {
    await run.proxies
      .writing('Show on the deal what to fix')
      .writeDealStatus({ deal: ref, status: 'NeedsAttention', detail: text });
    await run.proxies
      .writing('Tell the owner what to fix')
      .notifyOwner({ deal: ref, ownerId: deal.ownerId, key, subject, text: `${deal.name}\n${text}` });
  } catch (error) {
    run.lastTold = null;
    if (isCancellation(error)) return;
    const { code, message } = problemOf(error);
    if (code === 'deal.merged') run.hasDealChanged = true;
    run.state.warn(`The owner could not be told (${code}): ${message}`);
  }
}

/** HubSpot gives every answer another one, so it makes no other problem. */
const CORRELATION_ID = / \(correlation id [^)]*\)/g;

/** A short stable name for a set of problems (32-bit FNV-1a): equal sets are told once. */
function keyOf(problems: readonly Problem[]): string {
  const lines = problems
    .map(({ code, message }) => `${code} ${message.replaceAll(CORRELATION_ID, '')}`)
    .sort();
  let hash = 0x811c9dc5;
  for (const character of lines.join('\n')) {
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  }
  return hash.toString(16).padStart(8, '0');
}
