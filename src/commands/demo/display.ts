import { InterruptedError } from '../terminal/terminal.ts';

/** One thing that happens before the viewer's eyes. */
export interface DemoTask {
  /** Who acts, as the prefix of its lines. */
  readonly actor: string;
  readonly title: string;
  run(report: (line: string) => void): Promise<void>;
}

export interface Display {
  /** One after the other; the first failure ends it and is thrown. */
  inOrder(tasks: readonly DemoTask[]): Promise<void>;
  /** All at once under one title; a failure is shown and does not stop the others. */
  sideBySide(title: string, tasks: readonly DemoTask[]): Promise<void>;
}

const ACTOR_WIDTH = 10;
const SECONDS_WIDTH = 7;

/**
 * `HubSpot       4.2 s  Provisioning: Creating the code groups`: the seconds since the demo began. Every step stays where
 * it is, on a terminal as in a file. What a task failed of is the caller's to say, once.
 */
export function createDisplay(
  { write, interrupted }: { readonly write: (text: string) => void; readonly interrupted: AbortSignal },
  now = performance.now.bind(performance),
): Display {
  const startedAt = now();
  const show = async (task: DemoTask): Promise<void> => {
    const line = (text: string) => {
      const seconds = ((now() - startedAt) / 1_000).toFixed(1);
      const prefix = `${task.actor.padEnd(ACTOR_WIDTH)}${seconds.padStart(SECONDS_WIDTH)} s  `;
      write(text.replace(/^/gm, prefix).concat('\n'));
    };
    line(`${task.title} …`);
    try {
      await task.run(line);
      line(`${task.title}: done`);
    } catch (error) {
      const isStopped = interrupted.aborted || error instanceof InterruptedError;
      line(`${task.title}: ${isStopped ? 'interrupted' : 'FAILED'}`);
      throw error;
    }
  };
  return {
    async inOrder(tasks) {
      for (const task of tasks) await show(task);
    },
    async sideBySide(title, tasks) {
      write(`${title}\n`);
      await Promise.allSettled(tasks.map(show));
    },
  };
}
