import { execFile } from 'node:child_process';
import { readFile, readlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { promisify } from 'node:util';

/** Names one process for good: a process id alone is used again. */
export interface ProcessMark {
  readonly pid: number;
  /** As the system counts it; null: it does not say. */
  readonly startedAt: string | null;
  /** The machine since its last start, and the container on it: process ids of others say nothing here. */
  readonly machine: string;
}

const run = promisify(execFile);

export async function readOwnMark(): Promise<ProcessMark> {
  const { pid } = process;
  const [startedAt, machine] = await Promise.all([startOf(pid), ownMachine()]);
  return { pid, startedAt, machine };
}

/** Null: it is a process of another machine or container, of which nothing can be seen here. */
export async function isSameProcess({ pid, startedAt, machine }: ProcessMark): Promise<boolean | null> {
  if (machine !== (await ownMachine())) return null;
  if (!isThere(pid)) return false;
  const found = await startOf(pid);
  return startedAt === null || found === null || found === startedAt;
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It is there, and another user's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** When the process started, or null. Field 22 of /proc/<pid>/stat (see proc(5)), elsewhere what ps says. */
async function startOf(pid: number): Promise<string | null> {
  if (process.platform === 'linux') {
    const text = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '');
    // The name of the program, which may hold spaces and brackets, ends with the last bracket; field 3 follows.
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  }
  if (process.platform === 'win32') return null;
  const options = { env: { LC_ALL: 'C', TZ: 'UTC', PATH: process.env.PATH } };
  const shown = await run('ps', ['-o', 'lstart=', '-p', String(pid)], options).catch(() => ({ stdout: '' }));
  return shown.stdout.trim() || null;
}

let machineOfOurs: Promise<string> | undefined;

function ownMachine(): Promise<string> {
  machineOfOurs ??= readMachine();
  return machineOfOurs;
}

async function readMachine(): Promise<string> {
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'latin1').catch(() => '');
  const container = await readlink('/proc/self/ns/pid').catch(() => '');
  return [boot.trim() || hostname(), container].filter(Boolean).join(' ');
}
