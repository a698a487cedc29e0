import type { Migration } from 'kysely/migration';
import { seats } from './seats.ts';

/** By name, in the order of their names. One that was released is never changed: a later one changes what it made. */
export const MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0001-seats': seats,
};
