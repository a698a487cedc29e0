import type { PlannedGroup } from '../planning/plan.ts';
import type { CodeGroup } from './code-group.ts';

/**
 * What keeps an existing group from standing for a planned one, in words; empty when it may be adopted.
 * The platform never tells the code length, so that cannot be compared.
 */
export function adoptionObstacles(planned: PlannedGroup, existing: CodeGroup): string[] {
  const obstacles: string[] = [];
  const compare = (what: string, wanted: unknown, found: unknown) => {
    if (wanted !== found)
      obstacles.push(`${what} is ${String(found ?? 'unset')}, expected ${String(wanted ?? 'unset')}`);
  };
  compare('seat count', planned.seatCount, existing.seatCount);
  compare('client', fold(planned.client), fold(existing.client));
  compare('code expiry', instant(planned.codesExpireAt), instant(existing.codesExpireAt));
  compare('access days', planned.accessDays, existing.accessDays);
  compare('access end', instant(planned.accessUntil), instant(existing.accessUntil));
  for (const kind of ['courses', 'learningPaths', 'bundles', 'licenses'] as const) {
    compare(kind, idSet(planned.grants[kind]), idSet(existing.grants[kind]));
  }
  return obstacles;
}

/**
 * Of several groups with one token the one to keep: the pinned one and no other, if one was chosen before; else the one
 * that learners have redeemed from, else the lowest id, so that every attempt of every worker chooses the same.
 */
export function chooseGroup(
  groups: readonly CodeGroup[],
  pinnedId: string | null = null,
): { readonly chosen: CodeGroup; readonly orphans: readonly CodeGroup[] } | null {
  const inOrder = [...groups].sort(
    (a, b) => b.redeemedCount - a.redeemedCount || (a.id < b.id ? -1 : Number(a.id > b.id)),
  );
  const chosen = pinnedId === null ? inOrder[0] : inOrder.find(({ id }) => id === pinnedId);
  if (chosen === undefined) return null;
  return { chosen, orphans: inOrder.filter(({ id }) => id !== chosen.id) };
}

/** Ids are compared without case: samples of the platform show both. */
function fold(id: string | null): string | null {
  return id === null ? null : id.toLowerCase();
}

function idSet(ids: readonly string[]): string {
  return [...new Set(ids.map((id) => id.toLowerCase()))].sort().join(' ');
}

function instant(date: string | null): number | null {
  return date === null ? null : Date.parse(date);
}
