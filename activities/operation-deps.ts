import type { AlertActivities } from '../src/contracts/alert.ts';
import type { SeatStore } from '../src/store/seat-store.ts';
import type { ActivityDeps } from './deps.ts';

/** What the steps of operations on seats act on. */
export interface OperationDeps extends Pick<ActivityDeps, 'platforms' | 'crms' | 'lags' | 'sealer' | 'now'> {
  readonly seats: SeatStore;
  readonly raiseAlert: AlertActivities['raiseAlert'];
}
