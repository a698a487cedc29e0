type JsonObject = Readonly<Record<string, unknown>>;

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
