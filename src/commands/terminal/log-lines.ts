import { isFailureCode } from '../../domain/failure.ts';
import { withCure } from '../../domain/words.ts';

/** A line of the log for a person who watches: time, what happened, and what to do. Other fields stay in the JSON. */
export function logLine(json: string): string | null {
  const { level, time, msg, code, cure, attempt, err } = JSON.parse(json) as Line;
  // The banner says it.
  if (msg?.startsWith('Server listening at')) return null;
  const at = new Date(time ?? 0).toTimeString().slice(0, 8);
  const what = msg ?? err?.message ?? '';
  const reason = err?.message === undefined || what.includes(err.message) ? '' : `: ${err.message}`;
  const withNumber = attempt !== undefined && attempt > 1 ? `${what} (try ${attempt})` : what;
  const named = isFailureCode(code) ? `${code}: ${withNumber}` : withNumber;
  const text = cure === undefined ? `${named}${reason}` : withCure(`${named}${reason}`, cure);
  return `${MARKS[level ?? ''] ?? ' '} ${at}  ${text}`;
}

interface Line {
  readonly level?: string;
  readonly time?: string;
  readonly msg?: string;
  readonly code?: unknown;
  readonly cure?: string;
  readonly attempt?: number;
  readonly err?: { readonly message?: string };
}

const MARKS: Readonly<Record<string, string>> = { warn: '!', error: '✖', fatal: '✖' };
