import { ACTING } from './acting.ts';
import { BUSY } from './busy.ts';
import { MERGING } from './merging.ts';
import { NAMING } from './names.ts';
import { PEOPLE } from './people.ts';
import { READING } from './reading.ts';
import type { Scene } from './scene.ts';
import { SEATS } from './seats.ts';
import { SELLING } from './selling.ts';
import { TELLING } from './telling.ts';
import { TIMING } from './timing.ts';
import { WINNING } from './winning.ts';

export const SCENES: readonly Scene[] = [
  ...PEOPLE,
  ...MERGING,
  ...NAMING,
  ...SELLING,
  ...WINNING,
  ...TIMING,
  ...BUSY,
  ...TELLING,
  ...ACTING,
  ...READING,
  ...SEATS,
];
