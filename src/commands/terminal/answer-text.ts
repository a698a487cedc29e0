import { countOf } from '../../domain/words.ts';
import type { RunReport } from '../../runs/report.ts';
import { durationOf } from './duration.ts';
import { problemLine } from './print.ts';

/** What each answer has done, at the beginning of a line. */
const DONE = {
  retry: 'Retried',
  cancel: 'Stopped',
  approve: 'Approved',
  reject: 'Rejected',
  withdraw: 'Withdrawal decided',
  keep: 'Seats left with the customer',
} as const;

/** What a run has been sent. */
export interface Sent {
  readonly by: string;
  readonly reason: string;
  readonly question?: string;
}

export function sentText(verb: keyof typeof DONE, { by, reason, question }: Sent): string {
  return `${DONE[verb]} by ${by}: ${reason}${question === undefined ? '' : ` (question ${question})`}`;
}

/** What has become of the deal since. */
export function resultText(
  report: RunReport,
  { tookMs, hasGoneOn }: { readonly tookMs: number; readonly hasGoneOn: boolean },
): string {
  const { status, waitsFor, detail, seats, problems, crm, dealId } = report;
  const took = `(${durationOf(tookMs)})`;
  if (status === 'Delivered') return `Delivered: ${countOf(seats, 'seat')} ${took}\n`;
  if (status !== 'NeedsAttention') return `${status}: ${detail} ${took}\n`;
  const waits = `${hasGoneOn ? status : `Still ${status}`}, waits for ${waitsFor ?? 'a person'} ${took}:`;
  const lines = problems.map((found) => `- ${problemLine(found)}`);
  return [waits, ...lines, `See: dealseat status ${crm} ${dealId}`, ''].join('\n');
}
