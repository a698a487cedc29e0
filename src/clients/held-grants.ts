import type { Grants } from '../domain/deal/catalog.ts';
import type { HeldGrant, Learner } from './learners.ts';

const KINDS: readonly (keyof Grants)[] = ['courses', 'learningPaths', 'bundles', 'licenses'];

/** What the record of a learner shows: one entry for each id of the grants. */
export function heldGrants(learner: Learner, grants: Grants): readonly HeldGrant[] {
  return KINDS.flatMap((kind) => grants[kind].map((id) => ({ kind, id, held: isHeld(learner, kind, id) })));
}

/** Platforms show ids in both cases. */
export function isHeld({ holds }: Learner, kind: keyof Grants, id: string): HeldGrant['held'] {
  if (holds[kind].some((held) => held.toLowerCase() === id.toLowerCase())) return 'yes';
  return holds.known[kind] ? 'no' : 'unknown';
}
