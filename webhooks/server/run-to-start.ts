import type { DealRef } from '../../src/domain/deal/deal.ts';
import type { Trigger } from '../../src/runs/port.ts';
export interface RunToStart {
  readonly ref: DealRef;
  readonly trigger: Trigger;
  /** By what means (HubSpot) or by which user (Salesforce) the deal was changed; absent: the CRM does not say. */
  readonly changeSource?: string;
}
