import { countOf } from '../../domain/words.ts';
import { redactData, redactText } from '../../observability/redaction.ts';
import { type Look, Painted } from '../terminal/look.ts';
import type { DoctorCheck } from './check.ts';

type State = DoctorCheck['state'];

const COLORS = {
  ok: 'green',
  fixed: 'green',
  warning: 'yellow',
  failed: 'red',
  skipped: 'gray',
} as const satisfies Record<State, string>;

/** Shorter ones are not worth a look. */
const SLOW_MS = 1_000;
const STATE_WIDTH = 9;
const MASK = '***';

/** One line: state, name, what was found, what to do. */
export function lineOf({ state, name, found, cure, tookMs }: DoctorCheck, look: Look): Painted {
  const texts = [found, cure].filter((text) => text !== null && text !== '');
  const rest = texts.length === 0 ? '' : `: ${texts.join('. ').replaceAll('..', '.')}`;
  const took = tookMs >= SLOW_MS ? look.style('gray', `  (${(tookMs / 1_000).toFixed(1)} s)`) : '';
  const word = look.style(COLORS[state], state.padEnd(STATE_WIDTH));
  return Painted.join(['  ', word, `${name}${rest}`, took, '\n']);
}

export function headOf(group: string, look: Look): Painted {
  return Painted.join([look.style('bold', group), '\n']);
}

/** For scripts, support and public reports: without addresses of people, names of customers, and what looks like a secret. */
export function documentOf(checks: readonly DoctorCheck[]): object {
  const shown = checks.map(({ customers = [], ...check }) => {
    const masked = (text: string | null) =>
      text &&
      customers.filter((name) => name !== '').reduce((rest, name) => rest.replaceAll(name, MASK), text);
    return { ...check, name: masked(check.name) ?? '', found: masked(check.found), cure: masked(check.cure) };
  });
  const isHealthy = !checks.some(({ state }) => state === 'failed');
  return { isHealthy, summary: redactText(summaryOf(shown)), checks: redactData(shown) };
}

/** What is wrong, and the first thing to do. */
export function summaryOf(checks: readonly DoctorCheck[]): string {
  const failures = checks.filter(({ state }) => state === 'failed');
  const warnings = checks.filter(({ state }) => state === 'warning');
  if (failures.length === 0 && warnings.length === 0)
    return `Nothing is wrong (${countOf(checks.length, 'check')}).`;
  const parts = [
    ...(failures.length > 0 ? [`${countOf(failures.length, 'check')} failed`] : []),
    ...(warnings.length > 0 ? [countOf(warnings.length, 'warning')] : []),
  ];
  const [first] = [...failures, ...warnings];
  return `${parts.join(', ')}. First: ${first?.name}: ${first?.cure ?? first?.found}`;
}
