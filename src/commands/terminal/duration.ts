const UNITS = [
  [24 * 60 * 60, 'd'],
  [60 * 60, 'h'],
  [60, 'min'],
] as const;

/** `0.7 s`, `12 s`, `3 min`, `3 h`, `5 d`: as exact as a person needs it. */
export function durationOf(milliseconds: number): string {
  const seconds = Math.max(0, milliseconds) / 1_000;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const [size, unit] = UNITS.find(([each]) => seconds >= each) ?? [1, 's'];
  return `${Math.floor(seconds / size)} ${unit}`;
}

/** Whole seconds at least: `40 s`, `3 h`. */
export function ageOf(since: string, now: Date): string {
  const milliseconds = Math.max(1_000, now.getTime() - new Date(since).getTime());
  return durationOf(milliseconds).replace(/\.\d/, '');
}
