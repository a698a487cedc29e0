import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { LEAN_FLAGS, MEMORY_VARIABLES } from '../src/commands/terminal/lean-process.ts';
import type { WorkerMemory, WorkerMessage, WorkerOrder, WorkerQuestion } from './worker-protocol.ts';

/** A worker in a process of its own: its memory is its own, and it does not wait for the stand-ins' turn. */
export interface WorkerHandle {
  /** From now on `readPeak` tells of this moment and what comes after. */
  startPeak(): Promise<WorkerMemory>;
  readPeak(): Promise<WorkerMemory>;
  stop(): Promise<void>;
}

const ENTRY = fileURLToPath(new URL('./worker-process.ts', import.meta.url));
const ANSWER_DEADLINE_MS = 60_000;

/** Resolves once the worker polls. */
export async function forkWorker(order: WorkerOrder): Promise<WorkerHandle> {
  const child = fork(ENTRY, [JSON.stringify(order)], {
    // As a worker of the product begins.
    execArgv: ['--expose-gc', ...LEAN_FLAGS],
    env: { ...MEMORY_VARIABLES, ...process.env },
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  await nextMessage(child, 'ready');
  const ask = async (question: WorkerQuestion): Promise<WorkerMemory> => {
    const answer = nextMessage(child, 'memory');
    child.send(question);
    return answer;
  };
  return {
    startPeak: () => ask('startPeak'),
    readPeak: () => ask('readPeak'),
    stop: async () => {
      child.kill('SIGKILL'); // Nothing of it is needed any more, so there is nothing to drain.
      await ended;
    },
  };
}

type MessageOf<K extends WorkerMessage['kind']> = Extract<WorkerMessage, { kind: K }>;

function nextMessage<K extends WorkerMessage['kind']>(child: ChildProcess, kind: K): Promise<MessageOf<K>> {
  return new Promise((resolve, reject) => {
    const done = (settle: () => void) => {
      clearTimeout(timer);
      child.off('message', onMessage).off('close', onClose).off('error', onError);
      settle();
    };
    const onMessage = (message: WorkerMessage) => {
      if (message.kind === kind) done(() => resolve(message as MessageOf<K>));
    };
    const onClose = (code: number | null, signal: string | null) =>
      done(() =>
        reject(new Error(`A worker ended with ${signal ?? `exit code ${code}`} before it was ${kind}`)),
      );
    const onError = (error: Error) => done(() => reject(error));
    const timer = setTimeout(
      () => done(() => reject(new Error(`A worker said nothing (${kind}) for ${ANSWER_DEADLINE_MS} ms`))),
      ANSWER_DEADLINE_MS,
    );
    child.on('message', onMessage).once('close', onClose).once('error', onError);
  });
}
