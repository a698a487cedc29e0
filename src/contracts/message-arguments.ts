import type { MESSAGES, Trigger } from './run.ts';

/** Updates of a run; the Temporal UI and command let people send them anything. */
export type UpdateName = Exclude<keyof typeof MESSAGES, 'dealChanged' | 'systemAnswers' | 'progress'>;

interface FieldRule {
  readonly maxLength: number;
  /** Absent: any text. */
  readonly oneOf?: readonly string[];
  readonly isOptional?: true;
}

const BY: FieldRule = { maxLength: 200 };
const REASON: FieldRule = { maxLength: 2_000 };
const QUESTION: FieldRule = { maxLength: 64 };
const DECISION = { question: QUESTION, by: BY, reason: REASON };

const ARGUMENTS: Readonly<Record<UpdateName, Readonly<Record<string, FieldRule>>>> = {
  retry: { ...DECISION, mail: { maxLength: 10, oneOf: ['resend', 'was_sent'], isOptional: true } },
  approve: DECISION,
  reject: DECISION,
  withdraw: DECISION,
  keep: DECISION,
  cancel: { by: BY, reason: REASON },
};

/** To be copied: the argument of each update. */
export const EXAMPLES: Readonly<Record<UpdateName, string>> = {
  retry: '{"question": "<id>", "by": "<your name>", "reason": "<what was done>"}',
  approve: '{"question": "<id>", "by": "<your name>", "reason": "<why>"}',
  reject: '{"question": "<id>", "by": "<your name>", "reason": "<why>"}',
  withdraw: '{"question": "<id>", "by": "<your name>", "reason": "<why>"}',
  keep: '{"question": "<id>", "by": "<your name>", "reason": "<why>"}',
  cancel: '{"by": "<your name>", "reason": "<why>"}',
};

/** What is wrong with the argument of an update, all of it, and what is expected; null: nothing. */
export function faultIn(update: UpdateName, argument: unknown): string | null {
  const faults = faultsIn(ARGUMENTS[update], argument);
  if (faults.length === 0) return null;
  return `The argument of ${update} cannot be used: ${faults.join('; ')}. Expected one JSON object: ${EXAMPLES[update]}`;
}

function faultsIn(rules: Readonly<Record<string, FieldRule>>, argument: unknown): string[] {
  if (argument === undefined) return ['it is missing'];
  if (typeof argument !== 'object' || argument === null || Array.isArray(argument)) {
    return [`it is ${kindOf(argument)}`];
  }
  const given = argument as Readonly<Record<string, unknown>>;
  const unknown = Object.keys(given).filter((name) => !Object.hasOwn(rules, name));
  const faults = Object.entries(rules).flatMap(([name, rule]) => faultOf(name, rule, given[name]));
  return [...faults, ...unknown.map((name) => `${JSON.stringify(short(name))} is not a field of it`)];
}

function faultOf(name: string, { maxLength, oneOf, isOptional }: FieldRule, value: unknown): string[] {
  if (value === undefined && isOptional) return [];
  if (value === undefined) return [`"${name}" is missing`];
  if (typeof value !== 'string') return [`"${name}" is ${kindOf(value)}, expected a text`];
  if (oneOf && !oneOf.includes(value)) {
    return [
      `"${name}" is ${JSON.stringify(short(value))}, expected ${oneOf.map((one) => `"${one}"`).join(' or ')}`,
    ];
  }
  if (value.trim() === '') return [`"${name}" is empty`];
  if (value.length > maxLength) {
    return [`"${name}" has ${value.length} characters, expected at most ${maxLength}`];
  }
  return [];
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`.replace('a string', 'a text');
}

function short(text: string): string {
  return text.slice(0, 40);
}

/** A signal cannot be refused. What does not say who sent it counts as an event. */
export function triggerIn(argument: unknown): Trigger {
  const { by, detail } = (typeof argument === 'object' && argument !== null ? argument : {}) as Partial<
    Record<keyof Trigger, unknown>
  >;
  return {
    by: typeof by === 'string' ? by.slice(0, BY.maxLength) : 'signal',
    detail: typeof detail === 'string' ? detail.slice(0, REASON.maxLength) : '',
  };
}
