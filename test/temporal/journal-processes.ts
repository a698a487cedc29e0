import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface JournalOrder {
  readonly folder: string;
  /** Tokens of attempts that stay in flight, in base64. */
  readonly begun: readonly string[];
  /** Of attempts that have ended. */
  readonly ended: readonly string[];
}

export interface JournalProcess extends AsyncDisposable {
  /** Tokens that dead processes had left when this one began, in base64. */
  readonly found: readonly string[];
  /** Resolves when the results of attempts that have ended count as reported. */
  untilReported(): Promise<void>;
  /** What it wrote to its error stream. */
  said(): string;
  kill(): Promise<void>;
}

const MODULE = fileURLToPath(new URL('./journal-process.ts', import.meta.url));

/** Resolves when its attempts are noted. */
export async function startJournalProcess(
  folder: string,
  { begun = [], ended = [] }: Partial<JournalOrder> = {},
): Promise<JournalProcess> {
  const order: JournalOrder = { folder, begun, ended };
  const child = spawn(process.execPath, [MODULE, JSON.stringify(order)], { stdio: 'pipe' });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const gone = once(child, 'exit');
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const nextLine = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`The process has ended: ${said}`);
    return value;
  };
  const found = JSON.parse(await nextLine()) as string[];
  const kill = async () => {
    child.kill('SIGKILL');
    await gone;
  };
  return {
    found,
    said: () => said,
    untilReported: async () => void (await nextLine()),
    kill,
    [Symbol.asyncDispose]: kill,
  };
}
