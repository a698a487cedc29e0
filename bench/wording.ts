import type { BenchCrm } from './deals.ts';
import type { Spread } from './statistics.ts';

/** How figures are written, on every table. */

export const CRM_TITLES: Record<BenchCrm, string> = { hubspot: 'HubSpot', salesforce: 'Salesforce' };

/** "median (lower quartile to upper quartile)". */
export function show({ median, low, high }: Spread, write: (value: number) => string): string {
  return `${write(median)} (${write(low)} to ${write(high)})`;
}

export const times = (value: number) => `${value.toFixed(2)} x`;
export const milliseconds = (value: number) => `${Math.round(value)} ms`;
export const tenths = (value: number) => `${value.toFixed(1)} ms`;
export const seconds = (value: number) => `${(value / 1_000).toFixed(1)} s`;
export const perSecond = (value: number) => `${value.toFixed(1)}/s`;
export const kibibytes = (value: number) => `${(value / 1_024).toFixed(1)} KiB`;
export const mebibytes = (value: number) => `${Math.round(value / 1_024 ** 2)} MiB`;
export const count = (value: number) => value.toLocaleString('en-GB');
/** Up to one place after the point. */
export const average = (value: number) => String(Math.round(value * 10) / 10);
export const percent = (value: number) => `${Math.round(value * 100)} %`;
