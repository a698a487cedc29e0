import { isFailureCode } from '../../domain/failure.ts';
import { withCure } from '../../domain/words.ts';

/** A line of the log for a person who watches: time, what happened, and what to do. Other fields stay in the JSON. */
export function logLine(json: string): string | null {
  const { level, time, msg, code, cure, attempt, err, reqId, ...request } = JSON.parse(json) as Line;
  // What the banner says already, and requests that were served.
  const { problem } = request;
  const isServed = reqId !== undefined && problem === undefined;
  if (level === 'info' && (isServed || msg?.startsWith('Server listening at'))) return null;
  const at = new Date(time ?? 0).toTimeString().slice(0, 8);
  const what = problem !== undefined && reqId !== undefined ? refusal(request) : (msg ?? err?.message ?? '');
  const reason = err?.message === undefined || what.includes(err.message) ? '' : `: ${err.message}`;
  const withNumber = attempt !== undefined && attempt > 1 ? `${what} (try ${attempt})` : what;
  const named = isFailureCode(code) ? `${code}: ${withNumber}` : withNumber;
  const text = cure === undefined ? `${named}${reason}` : withCure(`${named}${reason}`, cure);
  return `${MARKS[level ?? ''] ?? ' '} ${at}  ${text}`;
}

function refusal({ method, route, status, problem }: Line): string {
  return `${method} ${route} refused with ${status} (${problem})`;
}

interface Line {
  readonly level?: string;
  readonly time?: string;
  readonly msg?: string;
  readonly code?: unknown;
  readonly cure?: string;
  readonly attempt?: number;
  readonly reqId?: unknown;
  readonly method?: string;
  readonly route?: string;
  readonly status?: number;
  /** Why a request was refused. */
  readonly problem?: string;
  readonly err?: { readonly message?: string };
}

const MARKS: Readonly<Record<string, string>> = { warn: '!', error: '✖', fatal: '✖' };
