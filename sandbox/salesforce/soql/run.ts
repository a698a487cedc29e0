import { type JsonRecord, recordUrl, valueFor } from '../present.ts';
import type { ObjectType, Schema } from '../schema.ts';
import { type FieldValue, idOf, type Row, type Store, text } from '../store.ts';
import { noSuchRelationship, queryError } from './failure.ts';
import { compileFilter } from './filter.ts';
import { type Condition, type Name, type Order, parseSoql, type Query } from './parser.ts';
import { type FieldPath, readPath, resolvePath } from './paths.ts';

export interface QueryOrg {
  readonly schema: Schema;
  readonly store: Store;
  readonly apiVersion: string;
  /** Cuts a list of records into pages and returns the first. */
  readonly firstPage: (records: readonly JsonRecord[]) => QueryPage;
  /** Also what lies in the recycle bin. */
  readonly withBin?: boolean;
}

export interface QueryPage {
  readonly totalSize: number;
  readonly done: boolean;
  readonly nextRecordsUrl?: string;
  readonly records: readonly JsonRecord[];
}

interface Scope extends QueryOrg {
  readonly soql: string;
}

type Output = { readonly path: FieldPath } | { readonly key: string; readonly children: Children };

interface Children {
  readonly linkField: string;
  readonly rowsOf: (rows: readonly Row[]) => readonly JsonRecord[];
  readonly object: ObjectType;
}

export function runSoql(org: QueryOrg, soql: string): QueryPage {
  const scope = { ...org, soql };
  const query = parseSoql(soql);
  const object = org.schema.find(query.from.path.join('.'));
  if (!object) {
    throw queryError(
      'INVALID_TYPE',
      `sObject type '${query.from.path.join('.')}' is not supported. If you are attempting to use a custom object, be sure to append the '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names.`,
      soql,
      query.from.at,
    );
  }
  if (object.name === 'ContentDocumentLink') requireLinkFilter(scope, query);
  const answer = compileQuery(scope, object, query);
  const { store, withBin = false } = org;
  const records = answer(withBin ? store.visibleRowsAndBin(object.name) : store.visibleRows(object.name));
  if (query.countOnly) return { totalSize: records.length, done: true, records: [] };
  return org.firstPage(records);
}

function compileQuery(
  scope: Scope,
  object: ObjectType,
  query: Query,
): (rows: readonly Row[]) => readonly JsonRecord[] {
  const outputs = compileSelect(scope, object, query);
  const filter = query.where ? compileFilter({ ...scope, object }, query.where) : () => true;
  const order = compileOrder(scope, object, query.orderBy);
  const end = query.limit === null ? undefined : query.offset + query.limit;
  return (rows) =>
    rows
      .filter(filter)
      .toSorted(order)
      .slice(query.offset, end)
      .map((row) => present(scope, object, row, outputs));
}

function compileSelect(scope: Scope, object: ObjectType, query: Query): Output[] {
  const seen = new Set<string>();
  return query.select.map((item) => {
    if (item.kind === 'children') return compileChildren(scope, object, item.query);
    const name = item.name.path.join('.');
    if (seen.has(name.toLowerCase())) {
      throw queryError('MALFORMED_QUERY', `duplicate field selected: ${name}`, scope.soql, item.name.at);
    }
    seen.add(name.toLowerCase());
    return { path: resolvePath(scope.schema, object, item.name, scope.soql) };
  });
}

function compileChildren(scope: Scope, parent: ObjectType, query: Query): Output {
  const name = query.from.path.join('.');
  const relation = parent.children.find(
    (candidate) => candidate.relationshipName.toLowerCase() === name.toLowerCase(),
  );
  if (!relation) throw noSuchRelationship(scope.soql, query.from.at, name, 'FROM');
  const object = scope.schema.object(relation.childSObject);
  return {
    key: relation.relationshipName,
    children: { object, linkField: relation.field, rowsOf: compileQuery(scope, object, query) },
  };
}

function present(scope: Scope, object: ObjectType, row: Row, outputs: readonly Output[]): JsonRecord {
  const record = newRecord(scope, object, row);
  for (const output of outputs) {
    if ('path' in output) setPath(scope, object, row, record, output.path);
    else record[output.key] = presentChildren(scope, row, output.children);
  }
  return record;
}

/** A record without children has null there, not an empty page. */
function presentChildren(scope: Scope, row: Row, children: Children): QueryPage | null {
  const mine = scope.store
    .visibleRows(children.object.name)
    .filter((candidate) => candidate[children.linkField] === idOf(row));
  const records = children.rowsOf(mine);
  return records.length === 0 ? null : scope.firstPage(records);
}

function setPath(scope: Scope, object: ObjectType, row: Row, record: JsonRecord, path: FieldPath): void {
  let currentObject = object;
  let currentRow = row;
  let currentRecord = record;
  for (const { lookup, relationshipName, target } of path.parents) {
    const parent = scope.store.findVisible(target.name, text(currentRow, lookup.name));
    if (!parent) {
      currentRecord[relationshipName] = null;
      return;
    }
    const existing = currentRecord[relationshipName];
    const next = isRecord(existing) ? existing : newRecord(scope, target, parent);
    currentRecord[relationshipName] = next;
    [currentObject, currentRow, currentRecord] = [target, parent, next];
  }
  currentRecord[path.field.name] = valueFor(scope.apiVersion, currentObject, currentRow, path.field);
}

function newRecord(scope: Scope, object: ObjectType, row: Row): JsonRecord {
  return { attributes: { type: object.name, url: recordUrl(scope.apiVersion, object, row) } };
}

function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && 'attributes' in value;
}

function compileOrder(
  scope: Scope,
  object: ObjectType,
  orders: readonly Order[],
): (left: Row, right: Row) => number {
  const keys = orders.map((order) => ({
    ...order,
    path: sortablePath(scope, object, order.name),
  }));
  return (left, right) => {
    for (const { path, descending, nullsLast } of keys) {
      const [a, b] = [readPath(scope.store, left, path), readPath(scope.store, right, path)];
      if (a === b) continue;
      if (a === null || b === null) return (a === null) === nullsLast ? 1 : -1;
      const compared = compareValues(a, b);
      if (compared !== 0) return descending ? -compared : compared;
    }
    return 0;
  };
}

function sortablePath(scope: Scope, object: ObjectType, name: Name): FieldPath {
  const path = resolvePath(scope.schema, object, name, scope.soql);
  if (path.field.filterable) return path;
  throw queryError(
    'INVALID_FIELD',
    `field '${path.field.name}' can not be sorted in a query call`,
    scope.soql,
    name.at,
  );
}

function compareValues(a: NonNullable<FieldValue>, b: NonNullable<FieldValue>): number {
  const [left, right] = [a, b].map((value) => (typeof value === 'string' ? value.toLowerCase() : value));
  if (left === undefined || right === undefined || left === right) return 0;
  return left < right ? -1 : 1;
}

/** Links can be listed only from one end: by file or by record. */
function requireLinkFilter(scope: Scope, query: Query): void {
  const isEnd = (condition: Condition): boolean => {
    if (condition.kind === 'and') return condition.parts.some(isEnd);
    if (condition.kind !== 'compare') return false;
    const names = ['contentdocumentid', 'linkedentityid'];
    return (
      names.includes(condition.name.path.join('.').toLowerCase()) && ['=', 'IN'].includes(condition.operator)
    );
  };
  if (query.where && isEnd(query.where)) return;
  throw queryError(
    'MALFORMED_QUERY',
    "Implementation restriction: ContentDocumentLink requires a filter by a single Id on ContentDocumentId or LinkedEntityId using the equals operator or multiple Id's using the IN operator.",
    scope.soql,
    query.from.at,
  );
}
