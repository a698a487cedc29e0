/** A worker's name, `pid@host`, which is also the name of its sticky queue. */
const WORKER_NAME = /^\d+@/;

/** The history without host, process and file names; everything that replay compares stays. */
export function scrub(value: unknown): unknown {
  if (typeof value === 'string') return WORKER_NAME.test(value) ? 'recorder' : value;
  if (Array.isArray(value)) return value.map(scrub);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, key === 'stackTrace' ? '' : scrub(inner)]),
  );
}
