import type { OpenStore } from '../../processes/open-rebuild.ts';
import type { openSeatDesk } from '../../processes/open-seat-desk.ts';
import type { Painted } from './look.ts';
import { printable } from './printable.ts';

/** What a command may use of its process. Tests hand in their own. */
export interface Terminal {
  readonly env: NodeJS.ProcessEnv;
  /** Whether a person looks at what `write` writes. */
  readonly isInteractive: boolean;
  /** Whether a person looks at what `note` writes. */
  readonly areNotesWatched?: boolean;
  /** Width of what `write` writes to, which may change; absent: there is none. */
  readonly columns?: () => number;
  /** Height of the same. */
  readonly rows?: () => number;
  readonly hasColours?: boolean;
  /** Whether addresses can be put behind a text (OSC 8). */
  readonly hasLinks?: boolean;
  /** Standard output: what was asked for. */
  write(text: string): void;
  /** Standard error, one line: everything else. */
  note(line: string): void;
  /** Aborted when the process is asked to end. */
  readonly interrupted: AbortSignal;
  /** Bound of the connection to Temporal and of each call. Absent: what a person has the patience for. */
  readonly temporalTimeoutMs?: number;
  /** All of standard input, to its end; on a terminal its first line. Absent: there is none. */
  readonly readInput?: () => Promise<string>;
  /** Absent: the desk of seats that the settings lead to. */
  readonly openSeats?: typeof openSeatDesk;
  /** Absent: the database of seats that the settings lead to. */
  readonly openStore?: OpenStore;
  /** Reads `.env` of the working directory into the environment; variables that are set already win. */
  loadDotEnv(): void;
}

export interface HarmlessTerminal extends Terminal {
  /** As `write`, for text with escape sequences of ours. */
  paint(text: Painted): void;
}

/** Whether a person looks at it. A terminal that reports no columns has no room for a display that redraws itself. */
export function isWatched({ isTTY, columns }: Pick<NodeJS.WriteStream, 'isTTY' | 'columns'>): boolean {
  return isTTY === true && columns > 0;
}

/**
 * The terminal as commands get it: whatever they write, no text of others (names in the CRM, answers of vendors) moves
 * the cursor, rings, or sets the title of the window.
 */
export function harmless(terminal: Terminal): HarmlessTerminal {
  return {
    ...terminal,
    paint: ({ raw }) => terminal.write(raw),
    write: (text) => terminal.write(printable(text)),
    note: (line) => terminal.note(printable(line)),
  };
}

/** What a sub-command is given besides its arguments. */
export interface CommandContext {
  readonly terminal: HarmlessTerminal;
  /** Sets the exit code; without a call it is 0. */
  exit(code: number): void;
}

export class InterruptedError extends Error {
  constructor() {
    super('Interrupted');
    this.name = 'InterruptedError';
  }
}

/** Wrong arguments or a wrong environment: what a person corrects before trying again. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}

/** Settles with `work`, or rejects with `InterruptedError`; what `work` does after that is ignored. */
export function unlessInterrupted<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const onInterrupt = () => reject(new InterruptedError());
    if (signal.aborted) return onInterrupt();
    signal.addEventListener('abort', onInterrupt, { once: true });
    work()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', onInterrupt));
  });
}
