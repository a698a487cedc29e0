/** Every measure, in the order in which they are made and shown. */
export const MEASURE_NAMES = [
  'sequence',
  'burst',
  'batch',
  'duplicates',
  'refused',
  'lost',
  'kill',
  'limited',
  'away',
  'workers',
  'startUp',
  'size',
  'latency',
  'throughput',
  'history',
  'memory',
  'requests',
  'acknowledgement',
  'seats',
] as const;

export type MeasureName = (typeof MEASURE_NAMES)[number];
