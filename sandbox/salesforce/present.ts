import type { Field, ObjectType, Schema } from './schema.ts';
import { type FieldValue, idOf, type Row } from './store.ts';

/** A record as JSON: `attributes` first, parents and child pages nested. */
export type JsonRecord = Record<string, unknown>;

export function recordUrl(apiVersion: string, object: ObjectType, row: Row): string {
  return `/services/data/v${apiVersion}/sobjects/${object.name}/${idOf(row)}`;
}

/** Files are not in the record: their field holds the path to fetch them from. */
export function valueFor(apiVersion: string, object: ObjectType, row: Row, field: Field): FieldValue {
  if (field.type === 'base64') return `${recordUrl(apiVersion, object, row)}/${field.name}`;
  return row[field.name] ?? null;
}

export function wholeRecord(apiVersion: string, schema: Schema, object: ObjectType, row: Row): JsonRecord {
  return partOfRecord(apiVersion, object, row, schema.fields(object));
}

export function partOfRecord(
  apiVersion: string,
  object: ObjectType,
  row: Row,
  fields: readonly Field[],
): JsonRecord {
  return {
    attributes: { type: object.name, url: recordUrl(apiVersion, object, row) },
    ...Object.fromEntries(fields.map((field) => [field.name, valueFor(apiVersion, object, row, field)])),
  };
}
