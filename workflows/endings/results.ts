import type { Delivery } from '../../src/contracts/hand-over.ts';
import type { ProvisionResult } from '../../src/contracts/run.ts';
import type { FailureCode } from '../../src/domain/failure.ts';
import { deliveredLedger, describeDelivery } from '../../src/domain/planning/ledger-after.ts';
import type { MessageOutcomes } from '../../src/domain/seats/message-outcome.ts';
import { factsOf } from '../record.ts';
import type { Run } from '../run.ts';
import { receiptsOf } from '../steps/send-messages.ts';

export function resultOfDelivery(run: Run, delivery: Delivery, outcomes: MessageOutcomes): ProvisionResult {
  const { plan, groups, roster } = delivery;
  const { seatCount, groupLabels, groupIds } = factsOf(delivery);
  return {
    status: 'Delivered',
    detail: describeDelivery(deliveredLedger(plan, groups, roster)),
    code: null,
    seatCount,
    groupLabels,
    groupIds,
    roster,
    messages: receiptsOf(delivery, outcomes),
    warnings: run.view.progress.warnings,
  };
}

export function resultWithoutDelivery(
  run: Run,
  status: ProvisionResult['status'],
  said: { readonly detail: string; readonly code: FailureCode | null },
): ProvisionResult {
  return {
    status,
    ...said,
    seatCount: null,
    groupLabels: [],
    groupIds: [],
    roster: null,
    messages: [],
    warnings: run.view.progress.warnings,
  };
}
