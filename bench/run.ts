import { type Bench, openBench } from './bench.ts';
import { describeMachine } from './machine.ts';
import { type Figures, MEASURES } from './measures/all.ts';
import { MEASURE_NAMES, type MeasureName } from './measures/names.ts';
import type { BenchOptions } from './options.ts';
import type { BenchReport } from './report.ts';

export async function runBench(
  { effort, server, only }: Pick<BenchOptions, 'effort' | 'server' | 'only'>,
  report: (line: string) => void,
): Promise<BenchReport> {
  const startedAt = performance.now();
  const machine = describeMachine();
  const bench = openBench({ effort, server, report });
  const names = MEASURE_NAMES.filter((name) => only.length === 0 || only.includes(name));
  try {
    const figures: Partial<Figures>[] = [];
    for (const name of names) figures.push(await measureOne(bench, name));
    return {
      day: new Date().toISOString().slice(0, 10),
      tookMs: performance.now() - startedAt,
      machine,
      server,
      figures: Object.assign({}, ...figures),
    };
  } finally {
    await bench.close();
  }
}

async function measureOne<Name extends MeasureName>(
  bench: Bench,
  name: Name,
): Promise<{ readonly [N in Name]: Figures[N] }> {
  const { title, measure } = MEASURES[name];
  const since = performance.now();
  bench.report(`${title} (${name}) …`);
  const figure = await measure(bench);
  bench.report(`${title}: done in ${Math.round((performance.now() - since) / 1_000)} s`);
  return { [name]: figure } as { readonly [N in Name]: Figures[N] };
}
