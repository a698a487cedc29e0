import { Listr, type ListrTask } from 'listr2';
import type { Terminal } from '../terminal/terminal.ts';

/** One thing that happens before the viewer's eyes. */
export interface DemoTask {
  /** Who acts, as the prefix of plain lines. */
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

/** A progress display where somebody watches, plain lines where the output goes elsewhere. */
export function createDisplay(terminal: Pick<Terminal, 'isInteractive' | 'write'>): Display {
  return terminal.isInteractive ? createProgressDisplay() : createPlainDisplay(terminal.write);
}

function createProgressDisplay(): Display {
  const toListr = (task: DemoTask): ListrTask => ({
    title: task.title,
    task: (_, own) =>
      task.run((line) => {
        own.output = line;
      }),
    rendererOptions: { persistentOutput: true },
  });
  // Its own handler would end the process before anything that runs was stopped.
  const options = { registerSignalListeners: false, rendererOptions: { collapseSubtasks: false } };
  return {
    async inOrder(tasks) {
      await new Listr(tasks.map(toListr), options).run();
    },
    async sideBySide(title, tasks) {
      const together = { ...options, concurrent: true, exitOnError: false };
      const parent: ListrTask = { title, task: (_, own) => own.newListr(tasks.map(toListr), together) };
      await new Listr([parent], options).run();
    },
  };
}

/** `HubSpot       4.2 s  Provisioning: Creating the code groups`: the seconds since the demo began. */
function createPlainDisplay(write: (text: string) => void, now = performance.now.bind(performance)): Display {
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
      line(`${task.title}: FAILED: ${error instanceof Error ? error.message : String(error)}`);
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

const ACTOR_WIDTH = 10;
const SECONDS_WIDTH = 7;
