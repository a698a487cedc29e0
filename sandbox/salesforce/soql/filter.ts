import { parseDateTime } from '../dates.ts';
import { toId18 } from '../ids.ts';
import type { Field, ObjectType, Schema } from '../schema.ts';
import type { FieldValue, Row, Store } from '../store.ts';
import { queryError } from './failure.ts';
import { literalCharacters, literalValue } from './lexer.ts';
import type { Condition, Literal } from './parser.ts';
import { readPath, resolvePath } from './paths.ts';

export type Filter = (row: Row) => boolean;

interface Scope {
  readonly schema: Schema;
  readonly store: Store;
  readonly object: ObjectType;
  readonly soql: string;
}

type Comparison = Extract<Condition, { kind: 'compare' }>;

/** Checks a WHERE clause against the object's fields and turns it into a test of a row. */
export function compileFilter(scope: Scope, condition: Condition): Filter {
  switch (condition.kind) {
    case 'and': {
      const parts = condition.parts.map((part) => compileFilter(scope, part));
      return (row) => parts.every((part) => part(row));
    }
    case 'or': {
      const parts = condition.parts.map((part) => compileFilter(scope, part));
      return (row) => parts.some((part) => part(row));
    }
    case 'not': {
      const part = compileFilter(scope, condition.part);
      return (row) => !part(row);
    }
    case 'compare':
      return compileComparison(scope, condition);
  }
}

function compileComparison(scope: Scope, comparison: Comparison): Filter {
  const { schema, store, object, soql } = scope;
  const { name, operator, literals } = comparison;
  const path = resolvePath(schema, object, name, soql);
  const { field } = path;
  if (!field.filterable) {
    throw queryError(
      'INVALID_FIELD',
      `field '${field.name}' can not be filtered in a query call`,
      soql,
      name.at,
    );
  }
  if (operator === 'LIKE') {
    const pattern = likePattern(scope, field, literals);
    return (row) => {
      const value = readPath(store, row, path);
      return typeof value === 'string' && pattern.test(value);
    };
  }
  const values = literals.map((literal) => comparable(field, literalFor(scope, field, literal)));
  return (row) => matches(comparable(field, readPath(store, row, path)), operator, values);
}

function matches(
  value: FieldValue,
  operator: Exclude<Comparison['operator'], 'LIKE'>,
  wanted: readonly FieldValue[],
): boolean {
  const [first = null] = wanted;
  switch (operator) {
    case '=':
    case 'IN':
      return wanted.includes(value);
    case '!=':
    case 'NOT IN':
      return !wanted.includes(value);
    default:
      return compareOrdered(value, operator, first);
  }
}

/** Nothing is smaller or larger than null. */
function compareOrdered(value: FieldValue, operator: '<' | '>' | '<=' | '>=', wanted: FieldValue): boolean {
  if (value === null || wanted === null) return false;
  switch (operator) {
    case '<':
      return value < wanted;
    case '>':
      return value > wanted;
    case '<=':
      return value <= wanted;
    case '>=':
      return value >= wanted;
  }
}

/** Text is compared without regard to case, ids with. */
function comparable(field: Field, value: FieldValue): FieldValue {
  return typeof value === 'string' && !isIdField(field) ? value.toLowerCase() : value;
}

function literalFor(scope: Scope, field: Field, literal: Literal): FieldValue {
  if (literal.kind === 'null') return null;
  const { expected, quoted } = literalKind(field);
  if (literal.kind !== expected) {
    throw queryError(
      'INVALID_FIELD',
      `value of filter criterion for field '${field.name}' must be of type ${field.type} and should ${quoted ? '' : 'not '}be enclosed in quotes`,
      scope.soql,
      literal.at,
    );
  }
  switch (literal.kind) {
    case 'boolean':
      return literal.text === 'true';
    case 'number':
      return Number(literal.text);
    case 'date':
      return literal.text;
    case 'datetime':
      return parseDateTime(literal.text.toUpperCase());
    case 'string':
      // An empty text is null here as in the stored rows.
      if (literal.text === '') return null;
      return isIdField(field) ? idLiteral(scope, literal) : literalValue(literal.text);
  }
}

function isIdField(field: Field): boolean {
  return field.type === 'id' || field.type === 'reference';
}

function literalKind(field: Field): { expected: Literal['kind']; quoted: boolean } {
  switch (field.type) {
    case 'boolean':
    case 'date':
    case 'datetime':
      return { expected: field.type, quoted: false };
    case 'double':
    case 'currency':
    case 'percent':
    case 'int':
      return { expected: 'number', quoted: false };
    default:
      return { expected: 'string', quoted: true };
  }
}

function idLiteral({ soql }: Scope, literal: Literal): string {
  const id = toId18(literalValue(literal.text));
  if (id !== null) return id;
  throw queryError('INVALID_QUERY_FILTER_OPERATOR', `invalid ID field: ${literal.text}`, soql, literal.at);
}

function likePattern({ soql }: Scope, field: Field, literals: readonly Literal[]): RegExp {
  const [literal] = literals;
  const isText = literalKind(field).quoted && !isIdField(field);
  if (!isText || literal?.kind !== 'string') {
    throw queryError(
      'INVALID_QUERY_FILTER_OPERATOR',
      "invalid operator on field: 'LIKE'",
      soql,
      literal?.at ?? 0,
    );
  }
  const source = literalCharacters(literal.text)
    .map(({ char, escaped }) => {
      if (!escaped && char === '%') return '[\\s\\S]*';
      if (!escaped && char === '_') return '[\\s\\S]';
      return char.replace(/[\\^$.*+?()[\]{}|/]/, '\\$&');
    })
    .join('');
  return new RegExp(`^${source}$`, 'iu');
}
