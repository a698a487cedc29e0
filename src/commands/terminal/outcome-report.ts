import type { Outcome } from '../../contracts/outcomes.ts';
import { createLogger, type Logger } from '../../observability/logging.ts';
import { lookOf } from './look.ts';
import { outcomeLine, outcomeWords } from './outcome-line.ts';
import type { HarmlessTerminal } from './terminal.ts';

/** A fact for those who run the service: a line of JSON, and the same for a person. */
export interface ServiceOutput {
  /** Whether a person reads it. */
  readonly isWatched: boolean;
  readonly json: Logger;
  onOutcome(outcome: Outcome): void;
}

/** Standard output of a service: one line for each outcome of a deal. */
export function createServiceOutput(
  terminal: HarmlessTerminal,
  level: Parameters<typeof createLogger>[0]['level'],
): ServiceOutput {
  const json = createLogger({ level }, { write: (line) => terminal.write(line) });
  const look = lookOf(terminal);
  return {
    isWatched: terminal.isInteractive,
    json,
    onOutcome(outcome) {
      const importance = IMPORTANT.has(outcome.status) ? 'warn' : 'info';
      const name = outcome.dealName ?? `${outcome.crm} ${outcome.dealId}`;
      if (!terminal.isInteractive) json[importance](outcome, `${name}: ${outcomeWords(outcome)}`);
      else if (json.isLevelEnabled(importance)) {
        const columns = terminal.columns?.() ?? DEFAULT_COLUMNS;
        terminal.paint(outcomeLine(outcome, { look, at: new Date(), columns }));
      }
    },
  };
}

const IMPORTANT: ReadonlySet<Outcome['status']> = new Set(['NeedsAttention', 'Failed']);

const DEFAULT_COLUMNS = 80;
