import { availableParallelism } from 'node:os';
import { useOf } from './processes.ts';
import type { Receiver } from './receiver.ts';

/** How much of all cores was used while something was measured: by name of a program, from 0 to 1. */
export interface CpuUse {
  readonly cores: number;
  readonly shares: readonly { readonly name: string; readonly share: number }[];
}

/** Begins to watch; the returned function tells what was used since. Null where the receiver's processes are not known. */
export function watchCpu(receiver: Receiver): () => CpuUse | null {
  const startedAt = performance.now();
  const before = new Map(useOf(receiver.processIds()).map(({ pid, cpuMs }) => [pid, cpuMs]));
  const ownBefore = process.cpuUsage();
  return () => {
    const after = useOf(receiver.processIds());
    if (after.length === 0) return null;
    const own = process.cpuUsage(ownBefore);
    const used = after.map(({ pid, name, cpuMs }) => ({ name, ms: cpuMs - (before.get(pid) ?? 0) }));
    used.push({ name: 'stand-ins and driver', ms: (own.user + own.system) / 1_000 });
    const cores = availableParallelism();
    const availableMs = (performance.now() - startedAt) * cores;
    const shares = [...Map.groupBy(used, ({ name }) => name)]
      .map(([name, group]) => ({ name, share: group.reduce((sum, { ms }) => sum + ms, 0) / availableMs }))
      .sort((a, b) => b.share - a.share);
    return { cores, shares };
  };
}

/** From this share on the machine is what bounds a row. */
const BUSY = 0.85;

/** What bounds a row whose deals run at full speed: the cores, or waiting. */
export function boundByCpu(cpu: CpuUse | null, otherwise: string): string {
  if (cpu === null) return otherwise;
  const busy = cpu.shares.reduce((sum, { share }) => sum + share, 0);
  const parts = cpu.shares
    .filter(({ share }) => share >= 0.02)
    .map(({ name, share }) => `${name} ${percent(share)}`)
    .join(', ');
  const cores = `${cpu.cores} cores`;
  return busy >= BUSY
    ? `the ${cores}: ${parts}`
    : `${otherwise}; the ${cores} were busy for ${percent(busy)} (${parts})`;
}

const percent = (share: number) => `${Math.round(share * 100)} %`;
