import { effectClassTable } from './effect-classes.ts';
import { REMOTE_CALLS } from './effects/effects.ts';
import { REMOTE_SYSTEMS } from './effects/remote-call.ts';
import { fillPlace, markdownTable } from './markdown.ts';

const WRITE_COLUMNS = [
  'write',
  'made by',
  'class',
  'key',
  'when the outcome is unknown',
  'looked for',
  'if it stays unknown',
];
const READ_COLUMNS = ['read', 'system', 'made by'];

/** `docs/remote-writes.md` with its tables of activities and remote calls as the code has them now. */
export function withCurrentEffects(page: string): string {
  const writes = REMOTE_SYSTEMS.reduce(
    (text, system) => fillPlace(text, `writes to ${system}`, writeTable(system)),
    fillPlace(page, 'effect classes', effectClassTable()),
  );
  return fillPlace(writes, 'remote reads', readTable());
}

function writeTable(system: string): string {
  const rows = REMOTE_CALLS.flatMap((call) =>
    call.effect === 'read' || call.system !== system
      ? []
      : [
          [
            nameOf(call),
            call.usedBy,
            call.effect,
            call.key,
            call.whenUnknown,
            call.lookFor,
            call.ifStillUnknown,
          ],
        ],
  );
  return markdownTable(WRITE_COLUMNS, rows);
}

function readTable(): string {
  const rows = REMOTE_CALLS.flatMap((call) =>
    call.effect === 'read' ? [[nameOf(call), call.system, call.usedBy]] : [],
  );
  return markdownTable(READ_COLUMNS, rows);
}

function nameOf({ call, method, path }: (typeof REMOTE_CALLS)[number]): string {
  return `${call}: \`${method} ${path}\``;
}
