import { createHash } from 'node:crypto';
import type { SeatOperationActivities } from '../src/contracts/seat-operations.ts';
import { replacementToken } from '../src/domain/deal/ids.ts';
import { replacementLabel } from '../src/domain/deal/label.ts';
import { DealseatError } from '../src/domain/failure.ts';
import type { PlannedGroup } from '../src/domain/planning/plan.ts';
import { countOf } from '../src/domain/words.ts';
import { addReplacementGroup } from '../src/store/replacement-group.ts';
import { readTopUp, type TopUp } from '../src/store/top-up.ts';
import { listCodes } from './code-lists.ts';
import { makeGroupOnce } from './make-group-once.ts';
import type { OperationDeps } from './operation-deps.ts';
import { pauseAfterShortList } from './pause-after-short-list.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** The name of the group that is to be made. */
export async function labelOf(deps: OperationDeps, operationId: string): Promise<string> {
  const topUp = await readTopUp(deps.seats, operationId);
  return topUp === null ? '' : groupOf(topUp).label;
}

/** Exactly one for each operation that needs one, on the terms of a group that was sold. */
export function makeReplacementGroup(deps: OperationDeps): SeatOperationActivities['makeReplacementGroup'] {
  return async ({ operationId, ...bounds }) => {
    const topUp = await readTopUp(deps.seats, operationId);
    if (topUp === null) throw new Error(`Operation ${operationId} makes no codes`);
    const group = groupOf(topUp);
    const { groupId } = await makeGroupOnce(
      deps,
      { ...bounds, group, pinnedGroupId: null },
      async () => undefined,
    );
    return { groupId };
  };
}

/** Poll: throws `lms.codes_not_listed` until all codes are there. */
export function takeReplacementCodes(deps: OperationDeps): SeatOperationActivities['takeReplacementCodes'] {
  return async ({ operationId, groupId }) => {
    const topUp = await readTopUp(deps.seats, operationId);
    if (topUp === null) return;
    const { token, platform, label, seatCount } = groupOf(topUp);
    const codes = await listCodes(deps, topUp.deal, { token, platform, groupId, label });
    if (codes.length < seatCount) {
      throw new DealseatError({
        code: 'lms.codes_not_listed',
        message: `${codes.length} of ${countOf(seatCount, 'code')} of ${label} are listed`,
        retryAfterMs: pauseAfterShortList(seatCount),
      });
    }
    await addReplacementGroup(
      deps.seats,
      operationId,
      { token, groupId, label, codes },
      new Date(deps.now()),
    );
  };
}

/** The label has that of the sold group in it, so that people and a rebuild know whose codes they are. */
function groupOf({ operationId, like, codes, codeLength }: TopUp): PlannedGroup {
  const { platform, product_key: productKey, title, client, grants, redeem_url: redeemUrl } = like;
  const token = replacementToken(like.token, operationId, sha256);
  return {
    token,
    platform,
    label: replacementLabel(like, token),
    productKey,
    title,
    part: 1,
    seatCount: codes,
    codeLength,
    client,
    codesExpireAt: like.codes_expire_at?.toISOString() ?? null,
    codesExpireOn: null,
    accessDays: like.access_days,
    accessUntil: like.access_until?.toISOString() ?? null,
    accessEndsOn: null,
    grants,
    redeemUrl,
  };
}
