import type { Variable } from './variables.ts';

export interface ConfigFault {
  readonly variable: string;
  /** What was expected and, unless it is a secret, what was found. */
  readonly message: string;
}

/** Variables of one system: they are set together or not at all. */
export type VariableGroup = Readonly<Record<string, Variable<unknown>>>;

type ValueOf<V> = V extends { readonly schema: { readonly _output: infer T } }
  ? T | (V extends { readonly fallback: infer F } ? F : never)
  : never;

export type ValuesOf<Group extends VariableGroup> = { readonly [Name in keyof Group]: ValueOf<Group[Name]> };

/** Values of a group that has faults are not to be used: the caller throws when there is any fault. */
export function readGroup<Group extends VariableGroup>(
  env: NodeJS.ProcessEnv,
  group: Group,
  faults: ConfigFault[],
): ValuesOf<Group> {
  const values: Record<string, unknown> = {};
  for (const [name, variable] of Object.entries(group))
    values[name] = readVariable(env, name, variable, faults);
  return values as ValuesOf<Group>;
}

/** Null: the system is off, because none of its variables is set. */
export function readSystem<Group extends VariableGroup>(
  env: NodeJS.ProcessEnv,
  group: Group,
  faults: ConfigFault[],
): ValuesOf<Group> | null {
  const isAnySet = Object.keys(group).some((name) => Boolean(env[name]?.trim()));
  return isAnySet ? readGroup(env, group, faults) : null;
}

export function readVariable<T>(
  env: NodeJS.ProcessEnv,
  name: string,
  variable: Variable<T>,
  faults: ConfigFault[],
): T | undefined {
  const text = env[name]?.trim();
  if (!text) {
    if (!('fallback' in variable)) {
      faults.push({
        variable: name,
        message: `is not set, although others of the same system are; expected ${variable.expects}`,
      });
    }
    return variable.fallback;
  }
  const parsed = variable.schema.safeParse(text);
  if (parsed.success) return parsed.data;
  const found = variable.secret ? '' : `, found ${JSON.stringify(showable(text))}`;
  faults.push({ variable: name, message: `expected ${variable.expects}${found}` });
  return variable.fallback;
}

/** An address may hold a password although it should not. */
function showable(text: string): string {
  return text.replace(/\/\/[^/]*@/, '//***@').slice(0, 120);
}
