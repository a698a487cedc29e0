import { createHash } from 'node:crypto';
import type { Crm } from '../src/clients/crm.ts';
import type { NudgeSomeInput } from '../src/contracts/nudges.ts';
import { dayEndZone, lastWholeDay } from '../src/domain/deal/calendar.ts';
import type { Deal } from '../src/domain/deal/deal.ts';
import type { NudgeRule } from '../src/domain/seats/nudges.ts';
import type { OrderRow } from '../src/store/fill-order.ts';
import type { OrderUsage } from '../src/store/seat-usage.ts';
import type { ActivityDeps } from './deps.ts';
import type { SeatSyncDeps } from './seat-sync-deps.ts';

export interface NudgeDeps extends SeatSyncDeps, Pick<ActivityDeps, 'lags'> {}

/** One nudge of one order. */
export interface Nudging {
  readonly deps: NudgeDeps;
  readonly input: NudgeSomeInput;
  readonly order: OrderRow;
  readonly crm: Crm;
  readonly deal: Deal;
  readonly usage: OrderUsage;
  readonly key: string;
  readonly rule: NudgeRule;
  /** An attempt before may have sent it since then, in milliseconds since the epoch; null: this is the first one. */
  readonly mayBeOutSince: number | null;
}

/** In words of the catalog: the last whole day before the end, `YYYY-MM-DD`. */
export function lastDay({ deps }: Nudging, end: Date | null): string | null {
  return end === null ? null : lastWholeDay(end.toISOString(), dayEndZone(deps.catalog));
}

export function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
