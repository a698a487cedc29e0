import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';

/** What the kernel tells of processes; only Linux does. */
export interface ProcessUse {
  readonly pid: number;
  /** Of its program. */
  readonly name: string;
  /** Its own memory and its share of what it has in common with others (PSS). */
  readonly memoryBytes: number;
  readonly cpuMs: number;
}

/** Of `/proc/<pid>/stat`, whose times count in hundredths of a second on every Linux. */
const MS_PER_TICK = 10;

/** These and all that they started, as far as they still run. */
export function processTree(pids: readonly number[]): number[] {
  const parents = new Map(runningProcesses().map(({ pid, parent }) => [pid, parent]));
  const tree = new Set(pids.filter((pid) => parents.has(pid)));
  // A child may have a smaller number than its parent, so once is not enough.
  for (let size = -1; size !== tree.size; ) {
    size = tree.size;
    for (const [pid, parent] of parents) if (tree.has(parent)) tree.add(pid);
  }
  return [...tree];
}

/** Those that end while they are looked at are left out. */
export function useOf(pids: readonly number[]): ProcessUse[] {
  return pids.flatMap((pid) => {
    try {
      const name = basename(readlinkSync(`/proc/${pid}/exe`));
      const { ticks } = readStat(pid);
      return [{ pid, name, memoryBytes: proportionalBytes(pid), cpuMs: ticks * MS_PER_TICK }];
    } catch {
      return [];
    }
  });
}

function runningProcesses(): { readonly pid: number; readonly parent: number }[] {
  return readdirSync('/proc').flatMap((entry) => {
    const pid = Number(entry);
    if (!Number.isInteger(pid)) return [];
    try {
      const { parent, state } = readStat(pid);
      return state === 'Z' ? [] : [{ pid, parent }];
    } catch {
      return [];
    }
  });
}

function readStat(pid: number) {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // What stands in brackets is chosen by the program, and may hold spaces and brackets.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return {
    state: fields[0] ?? '',
    parent: Number(fields[1]),
    ticks: Number(fields[11]) + Number(fields[12]),
  };
}

function proportionalBytes(pid: number): number {
  const [, kibibytes] = /^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')) ?? [];
  return Number(kibibytes) * 1_024;
}
