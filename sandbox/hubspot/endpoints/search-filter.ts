import { invalid } from '../answers.ts';
import type { PropertyDefinition } from '../property-definitions.ts';
import { parseInstant } from '../property-values.ts';
import { asString, asStrings, type JsonObject, optional, requireFields } from '../request-body.ts';

const OPERATORS = [
  'EQ',
  'NEQ',
  'LT',
  'LTE',
  'GT',
  'GTE',
  'BETWEEN',
  'IN',
  'NOT_IN',
  'HAS_PROPERTY',
  'NOT_HAS_PROPERTY',
  'CONTAINS_TOKEN',
  'NOT_CONTAINS_TOKEN',
] as const;
type Operator = (typeof OPERATORS)[number];

export interface Filter {
  readonly property: PropertyDefinition;
  readonly operator: Operator;
  readonly value: string;
  readonly highValue: string;
  readonly values: readonly string[];
}

export function readFilter(
  input: JsonObject,
  find: (name: string) => PropertyDefinition | undefined,
): Filter {
  requireFields(input, ['propertyName', 'operator'], 'Filter');
  const name = asString(input.propertyName, 'propertyName');
  const property = find(name);
  if (!property) throw invalid(`There was a problem with the request: no property "${name}" exists`);
  const operator = OPERATORS.find((known) => known === input.operator);
  if (!operator)
    throw invalid(`Invalid input JSON on line 1, column 1: "${String(input.operator)}" is not an operator`);
  const value = optional(input.value, 'value', asString);
  const highValue = optional(input.highValue, 'highValue', asString);
  const values = optional(input.values, 'values', asStrings);
  const needsNone = operator.endsWith('HAS_PROPERTY');
  const needsList = operator === 'IN' || operator === 'NOT_IN';
  if (needsList && (values === null || values.length === 0)) throw invalid(`${operator} needs values`);
  if (!needsList && !needsNone && value === null) throw invalid(`${operator} needs a value`);
  if (operator === 'BETWEEN' && highValue === null) throw invalid('BETWEEN needs a highValue');
  return { property, operator, value: value ?? '', highValue: highValue ?? '', values: values ?? [] };
}

export function matchesFilter(filter: Filter, record: Readonly<Record<string, string>>): boolean {
  const { property, operator, value, highValue, values } = filter;
  const stored = record[property.name];
  if (operator === 'NOT_HAS_PROPERTY') return stored === undefined;
  if (stored === undefined) return false;
  const order = (other: string) => compare(property, stored, other);
  switch (operator) {
    case 'HAS_PROPERTY':
      return true;
    case 'EQ':
      return order(value) === 0;
    case 'NEQ':
      return order(value) !== 0;
    case 'LT':
      return order(value) < 0;
    case 'LTE':
      return order(value) <= 0;
    case 'GT':
      return order(value) > 0;
    case 'GTE':
      return order(value) >= 0;
    case 'BETWEEN':
      return order(value) >= 0 && order(highValue) <= 0;
    case 'IN':
      return values.some((item) => isListed(property, stored, item));
    case 'NOT_IN':
      return !values.some((item) => isListed(property, stored, item));
    case 'CONTAINS_TOKEN':
      return containsToken(stored, value);
    case 'NOT_CONTAINS_TOKEN':
      return !containsToken(stored, value);
  }
}

/** NaN, which no comparison accepts, where a value is no number or date. */
function compare(property: PropertyDefinition, stored: string, other: string): number {
  switch (property.type) {
    case 'number':
      return Number(stored) - Number(other);
    case 'date':
    case 'datetime':
      return (parseInstant(stored) ?? Number.NaN) - (parseInstant(other) ?? Number.NaN);
    case 'string':
      return ordinal(stored.toLowerCase(), other.toLowerCase());
    default:
      return ordinal(stored, other);
  }
}

/** The index holds text in lower case and does not lower the list: upper case in a list never matches. */
function isListed(property: PropertyDefinition, stored: string, item: string): boolean {
  return property.type === 'string' ? stored.toLowerCase() === item : compare(property, stored, item) === 0;
}

function containsToken(stored: string, token: string): boolean {
  const pattern = token
    .toLowerCase()
    .split('*')
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('[^\\s@]*');
  return new RegExp(`(^|[^a-z0-9])${pattern}([^a-z0-9]|$)`).test(stored.toLowerCase());
}

function ordinal(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
