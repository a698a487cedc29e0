import { CancellationScope, log } from '@temporalio/workflow';
import type { UndoReport } from '../src/contracts/run.ts';
import { problemOf } from './failures.ts';

interface Compensation {
  /** Name of the step that it undoes, for people. */
  readonly step: string;
  readonly undo: () => Promise<Omit<UndoReport, 'step'>>;
}

export interface UndoOptions {
  /** Keys that stay registered. */
  readonly keep?: ReadonlySet<string>;
}

/** Names of what may have to be undone; what is made twice under one name is undone once. */
export const undoKeys = {
  group: (token: string) => `group ${token}`,
  /** A deal that was renamed in the meantime has a file of another name. */
  roster: (fileName: string) => `roster ${fileName}`,
  links: 'links',
  ledger: 'ledger',
} as const;

/**
 * The undo of each step, registered before the step: a call that timed out may have happened. A step that runs
 * again after a person helped registers the same key, so each is undone once.
 */
export class Compensations {
  readonly #registered = new Map<string, Compensation>();

  register(key: string, compensation: Compensation): void {
    if (!this.#registered.has(key)) this.#registered.set(key, compensation);
  }

  /** What was done is delivered now, or another deployment's: from here on it is not undone any more. */
  forget(isDelivered: (key: string) => boolean = () => true): void {
    for (const key of [...this.#registered.keys()]) if (isDelivered(key)) this.#registered.delete(key);
  }

  has(key: string): boolean {
    return this.#registered.has(key);
  }

  get isEmpty(): boolean {
    return this.#registered.size === 0;
  }

  /** Undoes everything but the named keys, last step first; one failing undo does not stop the rest. */
  async run(options: UndoOptions = {}): Promise<UndoReport[]> {
    const due = [...this.#registered].filter(([key]) => !options.keep?.has(key)).reverse();
    return CancellationScope.nonCancellable(async () => {
      const reports: UndoReport[] = [];
      for (const [key, { step, undo }] of due) {
        reports.push({ step, ...(await attempt(undo)) });
        this.#registered.delete(key);
      }
      return reports;
    });
  }
}

async function attempt(undo: Compensation['undo']): Promise<Omit<UndoReport, 'step'>> {
  try {
    return await undo();
  } catch (error) {
    const { code, message } = problemOf(error);
    log.error('A compensation failed for good', { code, message });
    return { outcome: 'failed', detail: `${code}: ${message}` };
  }
}
