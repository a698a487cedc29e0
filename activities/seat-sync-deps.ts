import type { SeatStore } from '../src/store/seat-store.ts';
import type { ActivityDeps } from './deps.ts';

export interface SeatSyncDeps extends Pick<ActivityDeps, 'platforms' | 'crms' | 'catalog' | 'now'> {
  readonly seats: SeatStore;
}
