import { type DestinationStream, type Logger, pino, stdTimeFunctions } from 'pino';
import type { Config } from '../config/config.ts';
import { redactData } from './redaction.ts';

export type { Logger };

/**
 * The process's logger: one JSON line an outcome. Redaction is the last thing before the line is written, so it
 * covers messages, fields, child bindings, errors and their causes alike.
 */
export function createLogger(
  options: { readonly level: Config['logLevel'] },
  destination: DestinationStream = pino.destination({ dest: 2, sync: true }),
): Logger {
  return pino(
    {
      level: options.level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      hooks: { streamWrite: redactLine },
    },
    destination,
  );
}

function redactLine(line: string): string {
  try {
    return `${JSON.stringify(redactData(JSON.parse(line)))}\n`;
  } catch {
    // A line that cannot be read cannot be redacted either.
    return `${JSON.stringify({ level: 'error', msg: 'A log line was dropped: it is not JSON.' })}\n`;
  }
}
