import { FAULT_KINDS, type Fault } from './faults.ts';

/** A fault as the state page's API takes it: `path` is the source of an expression, `times` may be "always". */
export type ParsedFault = { readonly fault: Fault } | { readonly errors: readonly string[] };

type Check = (value: unknown) => boolean;

const isCount: Check = (value) => Number.isSafeInteger(value) && Number(value) >= 0;
const isText: Check = (value) => typeof value === 'string';
const isObject: Check = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

const FIELDS: Readonly<Record<string, { readonly check: Check; readonly expected: string }>> = {
  system: { check: oneOf(['ti', 'hubspot', 'salesforce']), expected: 'ti, hubspot or salesforce' },
  kind: { check: oneOf(FAULT_KINDS), expected: `one of ${FAULT_KINDS.join(', ')}` },
  method: {
    check: (value) => isText(value) && /^[A-Z]+$/.test(String(value)),
    expected: 'an upper-case method',
  },
  path: { check: isExpression, expected: 'a regular expression in text' },
  status: {
    check: (value) => isCount(value) && Number(value) >= 200 && Number(value) <= 599,
    expected: 'an HTTP status from 200 to 599',
  },
  body: { check: (value) => isText(value) || typeof value === 'object', expected: 'text or an object' },
  headers: {
    check: (value) => isObject(value) && Object.values(Object(value)).every(isText),
    expected: 'an object of texts',
  },
  delayMs: { check: isCount, expected: 'a whole number of milliseconds' },
  times: {
    check: (value) => value === 'always' || (isCount(value) && value !== 0),
    expected: 'a whole number above 0, or "always"',
  },
  after: { check: isCount, expected: 'a whole number' },
  commit: { check: (value) => typeof value === 'boolean', expected: 'true or false' },
};

/** Reports every wrong field at once. */
export function parseFault(json: unknown): ParsedFault {
  if (!isObject(json)) return { errors: ['The body must be a JSON object'] };
  const given = json as Readonly<Record<string, unknown>>;
  const errors: string[] = [];
  for (const name of ['system', 'kind']) {
    if (!Object.hasOwn(given, name)) errors.push(`${name}: expected ${FIELDS[name]?.expected}`);
  }
  for (const [name, value] of Object.entries(given)) {
    const field = Object.hasOwn(FIELDS, name) ? FIELDS[name] : undefined;
    if (!field) errors.push(`${name}: there is no such field`);
    else if (!field.check(value)) errors.push(`${name}: expected ${field.expected}`);
  }
  if (errors.length > 0) return { errors };
  const { path, times, ...rest } = given;
  // Every field was checked above.
  const fault = {
    ...rest,
    ...(path === undefined ? {} : { path: new RegExp(String(path)) }),
    ...(times === undefined ? {} : { times: times === 'always' ? Number.POSITIVE_INFINITY : times }),
  } as Fault;
  return { fault };
}

function oneOf(allowed: readonly string[]): Check {
  return (value) => typeof value === 'string' && allowed.includes(value);
}

function isExpression(value: unknown): boolean {
  if (typeof value !== 'string') return false;
  try {
    new RegExp(value);
    return true;
  } catch {
    return false;
  }
}
