import type { SeatSyncActivities } from '../src/contracts/seat-sync.ts';
import { closeKeptTasks } from './close-kept-tasks.ts';
import { countRedemptions } from './count-redemptions.ts';
import { withPatience } from './patience.ts';
import { readRedemptions } from './read-redemptions.ts';
import type { SeatSyncDeps } from './seat-sync-deps.ts';
import { settleAccessLeft } from './settle-access-left.ts';
import { settleLateRedemptions } from './settle-late-redemptions.ts';
import { showSeatNumbers } from './show-seat-numbers.ts';

/** What keeps the seats of the store true to what learners do. The next sync comes soon, so nothing is waited for. */
export function createSeatSyncActivities(deps: SeatSyncDeps): SeatSyncActivities {
  return withPatience<SeatSyncActivities>({
    readRedemptions: readRedemptions(deps),
    countRedemptions: countRedemptions(deps),
    settleLateRedemptions: async (input) => {
      const late = await settleLateRedemptions(deps)(input);
      const left = await settleAccessLeft(deps)(input);
      await closeKeptTasks(deps)(input);
      return {
        revoked: late.revoked + left.revoked,
        allowed: late.allowed + left.allowed,
        asked: late.asked + left.asked,
      };
    },
    showSeatNumbers: showSeatNumbers(deps),
  });
}
