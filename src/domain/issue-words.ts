import { nearestOf } from './did-you-mean.ts';
import { countOf, numberOf } from './words.ts';

/** What a schema refuses, as far as words for it need it: the shape of zod's raw issues, which this folder does not import. */
interface RefusedValue {
  readonly code?: string | undefined;
  readonly input?: unknown;
  readonly expected?: unknown;
  readonly values?: unknown;
  readonly minimum?: unknown;
  readonly maximum?: unknown;
  readonly inclusive?: unknown;
  readonly exact?: unknown;
  readonly origin?: unknown;
  readonly divisor?: unknown;
  readonly format?: unknown;
  readonly pattern?: unknown;
  readonly keys?: unknown;
  readonly options?: unknown;
}

/**
 * An error map for zod: `schema.safeParse(data, { error: issueInWords })`. Says what is expected and the shape of what was
 * found, and never the value, which may be a code. What the schema says itself of a value comes before it.
 */
export function issueInWords(issue: RefusedValue): string {
  if (issue.code === 'unrecognized_keys') return unknownKeys(issue);
  const expected = `expected ${expectation(issue)}`;
  if (issue.input === undefined) return `is missing; ${expected}`;
  // Of a union the input is all of it, and the path leads to the key that chooses a form.
  return issue.code === 'invalid_union' ? expected : `${expected}; ${findingOf(issue)}`;
}

function unknownKeys({ keys }: RefusedValue): string {
  const quoted = Array.isArray(keys) ? keys.map((key) => JSON.stringify(key)) : [];
  return `unknown ${quoted.length === 1 ? 'key' : 'keys'} ${quoted.join(', ')}; remove ${quoted.length === 1 ? 'it' : 'them'} or correct the spelling`;
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  tuple: 'a list',
  object: 'an object with keys and values',
  record: 'an object with keys and values',
  date: 'a date',
  null: 'null',
  never: 'nothing',
};

const FORMATS: Readonly<Record<string, string>> = {
  date: 'a day such as 2027-12-31',
  datetime: 'an instant such as 2027-12-31T12:00:00Z',
  email: 'an e-mail address',
  guid: 'a UUID',
  url: 'an address such as https://learn.example.com',
  uuid: 'a UUID',
};

function expectation(issue: RefusedValue): string {
  switch (issue.code) {
    case 'invalid_type':
      return TYPES[String(issue.expected)] ?? `a value of type ${String(issue.expected)}`;
    case 'invalid_value':
      return oneOf(issue.values);
    case 'too_small':
      return bound(issue, issue.exact === true ? 'exactly' : leastWord(issue), issue.minimum);
    case 'too_big':
      return bound(issue, issue.exact === true ? 'exactly' : mostWord(issue), issue.maximum);
    case 'invalid_format':
      return FORMATS[String(issue.format)] ?? `a text of the form ${String(issue.pattern ?? issue.format)}`;
    case 'not_multiple_of':
      return `a multiple of ${String(issue.divisor)}`;
    case 'invalid_union':
      return Array.isArray(issue.options) ? oneOf(issue.options) : 'one of its forms in the documentation';
    default:
      return 'another value, see the documentation';
  }
}

function oneOf(values: unknown): string {
  const known = Array.isArray(values) ? values.map((value) => String(value)) : [];
  return known.length === 1 ? (known[0] ?? '') : `one of ${known.join(', ')}`;
}

function leastWord({ inclusive }: RefusedValue): string {
  return inclusive === false ? 'more than' : 'at least';
}

function mostWord({ inclusive }: RefusedValue): string {
  return inclusive === false ? 'less than' : 'at most';
}

/** What is counted in a value of that kind. */
const UNITS: Readonly<Record<string, string>> = {
  string: 'character',
  array: 'element',
  object: 'key',
};

function bound({ origin }: RefusedValue, word: string, limit: unknown): string {
  const unit = UNITS[String(origin)];
  if (unit === undefined || typeof limit !== 'number') return `${word} ${written(limit)}`;
  return `${word} ${countOf(limit, unit)}`;
}

function written(limit: unknown): string {
  return typeof limit === 'number' ? numberOf(limit) : String(limit);
}

function findingOf(issue: RefusedValue): string {
  const nearest = nearestMeant(issue);
  const found = `found ${shapeOf(issue)}`;
  return nearest === null ? found : `${found}, did you mean "${nearest}"?`;
}

function nearestMeant({ code, input, values }: RefusedValue): string | null {
  if (code !== 'invalid_value' || typeof input !== 'string' || !Array.isArray(values)) return null;
  return nearestOf(input, values.map(String));
}

function shapeOf({ input, code }: RefusedValue): string {
  if (input === null) return 'null';
  if (Array.isArray(input))
    return input.length === 0 ? 'an empty list' : `a list of ${countOf(input.length, 'element')}`;
  switch (typeof input) {
    case 'string':
      return input === '' ? 'an empty text' : `a text of ${countOf(input.length, 'character')}`;
    case 'number':
    case 'bigint':
      return numberShape(Number(input), code);
    case 'boolean':
      return String(input);
    default:
      return 'an object with keys and values';
  }
}

function numberShape(input: number, code: string | undefined): string {
  if (code === 'too_small') return 'a smaller number';
  if (code === 'too_big') return 'a larger number';
  if (code === 'invalid_value') return 'another number';
  return Number.isInteger(input) ? 'a number' : 'a number with decimals';
}
