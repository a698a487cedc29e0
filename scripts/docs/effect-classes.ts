import { ACTIVITY_CLASS, ACTIVITY_NAMES, type EffectClass } from '../../src/contracts/activities.ts';
import { DEFAULT_POLICY } from '../../src/contracts/policy.ts';
import { activityBounds } from '../../workflows/calls.ts';
import { markdownTable } from './markdown.ts';

type Bounds = ReturnType<typeof activityBounds>[EffectClass];

/** What a repeat would do, as `EffectClass` says it. */
const CLASSES: Readonly<Record<EffectClass, string>> = {
  read: 'changes nothing',
  poll: 'its retry is the poll',
  create: 'looks for what it makes before it makes it',
  roster: 'writes the same again, after listing all codes',
  send: 'irreversible',
  write: 'writes the same again',
  undo: 'takes back what is there',
};

/** The activities by effect class, with the time bounds that each class has unless they are configured. */
export function effectClassTable(): string {
  const bounds = activityBounds(DEFAULT_POLICY);
  const rows = (Object.keys(CLASSES) as EffectClass[]).map((name) => [
    `${name}: ${CLASSES[name]}`,
    activitiesOf(name),
    oneAttempt(bounds[name]),
    allAttempts(name, bounds[name]),
  ]);
  return markdownTable(['class', 'activities', 'one attempt', 'all attempts'], rows);
}

function activitiesOf(name: EffectClass): string {
  const own = ACTIVITY_NAMES.filter((activity) => ACTIVITY_CLASS[activity] === name);
  const activities = own.map((activity) => `\`${activity}\``).join(', ');
  return name === 'undo' ? `${activities}; and what a run writes when it ends badly` : activities;
}

function oneAttempt({ startToCloseTimeout, heartbeatTimeout }: Bounds): string {
  const attempt = duration(startToCloseTimeout);
  return heartbeatTimeout === undefined
    ? attempt
    : `${attempt}, ${duration(heartbeatTimeout)} without a heartbeat`;
}

function allAttempts(name: EffectClass, { scheduleToCloseTimeout, retry }: Bounds): string {
  const total = duration(scheduleToCloseTimeout);
  return name === 'poll' ? `${total}, in gaps up to ${duration(retry?.maximumInterval)}` : total;
}

const UNITS = [
  { ms: 24 * 3_600_000, name: 'days', from: 2 },
  { ms: 3_600_000, name: 'h', from: 1 },
  { ms: 60_000, name: 'min', from: 1 },
  { ms: 1_000, name: 's', from: 0 },
] as const;

/** Milliseconds in the largest unit that fits. */
function duration(ms: unknown): string {
  if (typeof ms !== 'number') throw new TypeError(`A bound of ${String(ms)} is no number of milliseconds`);
  const unit = UNITS.find((candidate) => ms % candidate.ms === 0 && ms / candidate.ms >= candidate.from);
  if (unit === undefined) throw new RangeError(`A bound of ${ms} ms is no whole number of seconds`);
  return `${ms / unit.ms} ${unit.name}`;
}
