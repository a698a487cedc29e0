export type JsonObject = Readonly<Record<string, unknown>>;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The objects of an answer in which its content may lie: the answer itself and what its envelope wraps.
 * Some pages of the vendor's reference show bodies bare, others as `{"data":{"APIxxx":{…}}}`.
 */
export function layersOf(body: unknown): JsonObject[] {
  if (!isJsonObject(body)) return [];
  const data = body.data;
  if (!isJsonObject(data)) return [body];
  return [body, data, ...Object.values(data).filter(isJsonObject)];
}

export function hasId(record: JsonObject): boolean {
  return typeof record.id === 'string' && record.id !== '';
}

/** Whether an answer names a record, however little else of it can be read. */
export function namesRecord(body: unknown): boolean {
  return layersOf(body).some(hasId);
}

/** The rows of a list under one of these names: bare, or in one of the envelopes that the vendor documents. */
export function rowsIn(body: unknown, ...names: readonly string[]): readonly JsonObject[] {
  const lists = layersOf(body).flatMap((layer) => names.map((name) => layer[name]));
  return (lists.find(Array.isArray) ?? []).filter(isJsonObject);
}
