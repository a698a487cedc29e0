import { fixerOf } from '../domain/failure.ts';
import type { Progress } from './run.ts';

/** Who or what a deal waits for: the person who can help, the decision that is asked for, or the codes. */
export const WAITS_FOR = ['sales', 'admin', 'approval', 'withdrawal', 'deployment', 'codes'] as const;

export type WaitsFor = (typeof WAITS_FOR)[number];

/** Null: the run is at work, or over. Where several people must help, sales come first: they are asked on the deal. */
export function waitsForOf({
  status,
  question,
  problems,
}: Pick<Progress, 'status' | 'question' | 'problems'>): WaitsFor | null {
  if (status === 'AwaitingCodes') return 'codes';
  if (status !== 'NeedsAttention') return null;
  if (question === null) return 'deployment';
  if (question.kind !== 'help') return question.kind;
  return problems.some(({ code }) => fixerOf(code) === 'sales') ? 'sales' : 'admin';
}
