import { EXIT, type ExitCode } from '../commands/terminal/exit-code.ts';
import { facts, problemLine } from '../commands/terminal/print.ts';
import { answerCommands, questionLine } from '../contracts/answer-commands.ts';
import { FINAL_STATUSES, type Progress, type RunStatus } from '../contracts/run.ts';
import { countOf } from '../domain/words.ts';
import type { RunConsole } from './console.ts';
import type { ProvisioningView } from './port.ts';

/** A run as `status` and `provision --wait` show it. */
export interface RunReport extends ProvisioningView {
  /** Null when no worker answers, or the run was made by other code. */
  readonly progress: Progress | null;
}

/** Null when Temporal knows no run of this id (any more). */
export async function readRun(
  runs: Pick<RunConsole, 'describe' | 'progress'>,
  id: string,
): Promise<RunReport | null> {
  const view = await runs.describe(id);
  if (view === null) return null;
  return { ...view, progress: await runs.progress(id).catch(() => null) };
}

export function noRun(id: string): Error {
  return new Error(`Temporal has no run ${id}, or has forgotten it. Start one with \`dealseat provision\`.`);
}

const EXIT_OF_STATUS: Readonly<Record<RunStatus, ExitCode>> = {
  Planning: EXIT.notDelivered,
  Provisioning: EXIT.notDelivered,
  AwaitingCodes: EXIT.notDelivered,
  HandingOver: EXIT.notDelivered,
  Delivered: EXIT.ok,
  NeedsAttention: EXIT.notDelivered,
  Compensating: EXIT.notDelivered,
  Failed: EXIT.failed,
  Skipped: EXIT.notDelivered,
  Cancelled: EXIT.failed,
};

export function exitCodeOf({ status, closedAt }: Pick<ProvisioningView, 'status' | 'closedAt'>): ExitCode {
  const code = Object.hasOwn(EXIT_OF_STATUS, status) ? EXIT_OF_STATUS[status as RunStatus] : EXIT.failed;
  // A run that Temporal ended (terminated, timed out) has the status it had then.
  return closedAt !== null && code === EXIT.notDelivered && status !== 'Skipped' ? EXIT.failed : code;
}

/** Ended by a hand in Temporal, not by its own code. */
function statusOf({ status, closedAt }: RunReport): string {
  const isFinal = FINAL_STATUSES.some((final) => final === status);
  return closedAt !== null && !isFinal ? `${status} when Temporal ended it; nothing was undone` : status;
}

export function reportText(report: RunReport): string {
  const { progress, problems } = report;
  // A run that Temporal ended while it waited still shows what it asked.
  const question = report.closedAt === null ? (progress?.question ?? null) : null;
  return facts([
    ['Id', report.id],
    [
      'Deal',
      progress?.dealName ? `${progress.dealName} (${progress.dealUrl ?? report.dealId})` : report.dealId,
    ],
    ['Status', statusOf(report)],
    ['Step', report.detail],
    ['Seats', report.seats === 0 ? null : String(report.seats)],
    ['Groups', groupLines(report)],
    [
      'Roster',
      progress?.roster ? `${countOf(progress.roster.codeCount, 'code')}, ${progress.roster.url}` : null,
    ],
    [
      'Messages',
      lines(progress?.messages, ({ contactId, audience, state }) => `${audience} ${contactId}: ${state}`),
    ],
    ['To fix', lines(report.problems, problemLine)],
    ['Question', question && questionLine(question)],
    ['To answer', question && answerCommands({ deal: report, question, problems }).join('\n')],
    ['Undone', lines(progress?.undone, ({ step, outcome, detail }) => `${step}: ${outcome}. ${detail}`)],
    ['Warnings', lines(progress?.warnings, (warning) => warning)],
    ['Started', report.startedAt],
    ['Ended', report.closedAt],
    ['Run', report.runUrl === report.id ? null : report.runUrl],
  ]);
}

function groupLines({ progress, groupLabels }: RunReport): string | null {
  if (!progress) return groupLabels.join('\n');
  return lines(
    progress.groups,
    ({ label, title, seatCount }) => `${label}: ${title}, ${countOf(seatCount, 'seat')}`,
  );
}

function lines<T>(items: readonly T[] | undefined, line: (item: T) => string): string | null {
  return items && items.length > 0 ? items.map(line).join('\n') : null;
}
