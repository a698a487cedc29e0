import { Context } from '@temporalio/activity';
import type { Lms } from '../src/clients/lms.ts';
import type { ProvisioningActivities } from '../src/contracts/activities.ts';
import { DealseatError } from '../src/domain/failure.ts';
import type { EnsuredGroup } from '../src/domain/seats/code-group.ts';
import { type ActivityDeps, platformOf } from './deps.ts';
import { cancellationSignal } from './earlier-attempts.ts';

export function awaitCodes(deps: ActivityDeps): ProvisioningActivities['awaitCodes'] {
  return ({ group }) => requireListed(platformOf(deps, group.platform), group);
}

/**
 * Throws `lms.codes_not_listed` until the list of a group is complete. The first page is enough where it shows that the
 * list is short; only when it says that more follow the others are read. A list that cannot be read in half of an
 * attempt counts as complete, as far as it was full: the whole proof is made when the roster is written.
 */
async function requireListed(lms: Lms, group: EnsuredGroup): Promise<void> {
  const { groupId, label, seatCount } = group;
  const startedAt = Date.now();
  const first = await lms.countListedCodes(groupId, cancellationSignal());
  if (first.listedCount >= seatCount) return;
  const listedCount = first.hasMore ? await countAll(lms, group) : first.listedCount;
  if (listedCount === 'too_long' || listedCount >= seatCount) return;
  throw new DealseatError({
    code: 'lms.codes_not_listed',
    message: `${listedCount} of ${seatCount} codes of ${label} are listed`,
    retryAfterMs: first.hasMore ? pauseAfter(Date.now() - startedAt) : undefined,
  });
}

async function countAll(lms: Lms, { groupId, seatCount }: EnsuredGroup): Promise<number | 'too_long'> {
  const cancelled = cancellationSignal();
  const late = AbortSignal.timeout(Context.current().info.startToCloseTimeoutMs / 2);
  let listedCount = 0;
  try {
    for await (const page of lms.listCodes(groupId, AbortSignal.any([cancelled, late]))) {
      listedCount += page.length;
      if (listedCount >= seatCount) break;
    }
  } catch (error) {
    if (late.aborted && !cancelled.aborted) return 'too_long';
    throw error;
  }
  return listedCount;
}

/** A list of many pages is left alone for as long as its reading took: the platform's requests are for all deals. */
function pauseAfter(readingMs: number): number {
  const { retryPolicy } = Context.current().info;
  return Math.max(readingMs, Number(retryPolicy?.initialInterval ?? 0));
}
