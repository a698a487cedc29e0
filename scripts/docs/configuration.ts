import type { VariableGroup } from '../../src/config/read-variables.ts';
import {
  GENERAL,
  POLICY,
  SEATS,
  SWEEP,
  THOUGHT_INDUSTRIES,
  TI_WEBHOOK,
  type Variable,
} from '../../src/config/variables.ts';
import { CRMS } from '../../src/processes/crms.ts';
import { fillPlace, markdownTable } from './markdown.ts';
import { VARIABLE_MEANINGS } from './variable-meanings.ts';

/** Every variable that Dealseat itself reads, under the name of its place on the page. */
const GROUPS: Readonly<Record<string, VariableGroup>> = {
  general: GENERAL,
  sweep: SWEEP,
  seats: SEATS,
  'Thought Industries': { ...THOUGHT_INDUSTRIES, ...TI_WEBHOOK },
  ...Object.fromEntries(CRMS.map(({ facts, environment }) => [facts.displayName, environment.variables])),
  'time bounds': Object.fromEntries([...POLICY.values()].map(({ name, variable }) => [name, variable])),
};

export const VARIABLES: ReadonlyMap<string, Variable<unknown>> = new Map(
  Object.values(GROUPS).flatMap((group) => Object.entries(group)),
);

/** `docs/configuration.md` with its tables as the code has the variables now. Throws on a variable without a meaning. */
export function withCurrentConfiguration(page: string): string {
  const unknown = Object.keys(VARIABLE_MEANINGS).filter((name) => !VARIABLES.has(name));
  if (unknown.length > 0)
    throw new Error(`variable-meanings.ts explains ${unknown.join(', ')}, which no code reads`);
  return Object.entries(GROUPS).reduce(
    (text, [name, group]) => fillPlace(text, `${name} variables`, tableOf(group)),
    page,
  );
}

/** Where all variables expect the same, a sentence above the table says it once. */
function tableOf(group: VariableGroup): string {
  const variables = Object.entries(group);
  const expected = new Set(variables.map(([, { expects }]) => expects));
  const isUniform = expected.size === 1;
  const head = ['variable', 'default', ...(isUniform ? [] : ['value']), 'meaning'];
  const rows = variables.map(([name, variable]) => [
    `\`${name}\``,
    codeOf(defaultOf(variable)),
    ...(isUniform ? [] : [variable.expects]),
    meaningOf(name),
  ]);
  const table = markdownTable(head, rows);
  return isUniform ? `Each value is ${[...expected].join('')}.\n\n${table}` : table;
}

/** As it stands in the table: empty when there is none. */
export function defaultOf({ fallback }: Variable<unknown>): string {
  return typeof fallback === 'string' || typeof fallback === 'number' ? String(fallback) : '';
}

function codeOf(text: string): string {
  return text === '' ? '' : `\`${text}\``;
}

function meaningOf(name: string): string {
  const meaning = VARIABLE_MEANINGS[name];
  if (meaning === undefined) throw new Error(`Say in scripts/docs/variable-meanings.ts what ${name} means`);
  return meaning;
}
