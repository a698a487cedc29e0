import { ApiError } from '../api-error.ts';

const CONTEXT = 60;

/** A refusal of a query that points at the place, the way Salesforce words it. */
export function queryError(errorCode: string, message: string, soql: string, at: number): ApiError {
  const lineStart = soql.lastIndexOf('\n', at - 1) + 1;
  const lineEnd = soql.indexOf('\n', at);
  const from = Math.max(lineStart, at - CONTEXT);
  const to = Math.min(lineEnd === -1 ? soql.length : lineEnd, at + CONTEXT);
  const row = soql.slice(0, at).split('\n').length;
  const column = at - lineStart + 1;
  const pointer = `${' '.repeat(at - from)}^`;
  return new ApiError(
    400,
    errorCode,
    `\n${soql.slice(from, to)}\n${pointer}\nERROR at Row:${row}:Column:${column}\n${message}`,
  );
}

export function unexpectedToken(soql: string, at: number, token: string): ApiError {
  return queryError('MALFORMED_QUERY', `unexpected token: '${token === '' ? '<EOF>' : token}'`, soql, at);
}

export function noSuchColumn(soql: string, at: number, name: string, entity: string): ApiError {
  return queryError(
    'INVALID_FIELD',
    `No such column '${name}' on entity '${entity}'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names.`,
    soql,
    at,
  );
}

export function noSuchRelationship(
  soql: string,
  at: number,
  name: string,
  part: 'field path' | 'FROM',
): ApiError {
  const where = part === 'FROM' ? 'FROM part of query call' : 'field path';
  return queryError(
    part === 'FROM' ? 'INVALID_TYPE' : 'INVALID_FIELD',
    `Didn't understand relationship '${name}' in ${where}. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name. Please reference your WSDL or the describe call for the appropriate names.`,
    soql,
    at,
  );
}
