import type { ProvisioningActivities } from '../src/contracts/activities.ts';
import { attachRoster } from './attach-roster.ts';
import { awaitCodes } from './await-codes.ts';
import { concludeDelivery } from './conclude-delivery.ts';
import type { ActivityDeps } from './deps.ts';
import { ensureCodeGroup } from './ensure-code-group.ts';
import { underHold } from './hold.ts';
import { closeNotices, notifyOwner } from './notices.ts';
import { withPatience } from './patience.ts';
import { planDeal } from './plan-deal.ts';
import { createRecentListings } from './recent-listings.ts';
import { sayingRepeats } from './say-repeats.ts';
import { sendMessages } from './send-messages.ts';
import { swapSeats } from './swap-seats.ts';
import { clearRedeemLinks, quarantineCodeGroup, removeRoster } from './undo.ts';
import { withdrawSeats } from './withdraw-seats.ts';
import { writeRecord } from './write-record.ts';

export type { ActivityDeps } from './deps.ts';

/** All activities of a worker, over one set of clients. */
export function createActivities(deps: ActivityDeps): ProvisioningActivities {
  const looks = createRecentListings();
  const rosters = createRecentListings();
  return withPatience({
    planDeal: sayingRepeats(deps, planDeal(deps)),
    ensureCodeGroup: sayingRepeats(deps, ensureCodeGroup(deps, looks)),
    awaitCodes: awaitCodes(deps, looks),
    attachRoster: sayingRepeats(deps, underHold(deps, attachRoster(deps, looks, rosters))),
    sendMessages: sendMessages(deps, rosters),
    withdrawSeats: sayingRepeats(deps, underHold(deps, withdrawSeats(deps))),
    concludeDelivery: concludeDelivery(deps),
    writeRecord: writeRecord(deps),
    notifyOwner: notifyOwner(deps),
    closeNotices: closeNotices(deps),
    swapSeats: swapSeats(deps),
    quarantineCodeGroup: quarantineCodeGroup(deps),
    clearRedeemLinks: clearRedeemLinks(deps),
    removeRoster: removeRoster(deps),
  });
}
