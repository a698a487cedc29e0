import type { Delivery } from '../../src/contracts/hand-over.ts';
import type { ProvisionResult } from '../../src/contracts/run.ts';
import type { Ledger } from '../../src/domain/deal/ledger.ts';
import type { FailureCode } from '../../src/domain/failure.ts';
import { deliveredLedger, deliveryAtHand, handedOverOf } from '../../src/domain/planning/ledger-after.ts';
import type { MessageOutcomes } from '../../src/domain/seats/message-outcome.ts';
import { deliveredText } from '../../src/domain/texts/delivered.ts';
import { factsOf } from '../record.ts';
import type { Run } from '../run.ts';
import { receiptsOf } from '../steps/send-messages.ts';

/** The ledger of what has just been handed over. */
export function ledgerOfDelivery({ plan, groups, roster }: Delivery, outcomes: MessageOutcomes): Ledger {
  return deliveredLedger(plan, groups, roster, handedOverOf(plan, outcomes, Date.now()));
}

export function resultOfDelivery(
  run: Run,
  delivery: Delivery,
  { ledger, outcomes }: { readonly ledger: Ledger; readonly outcomes: MessageOutcomes },
): ProvisionResult {
  const { plan, roster } = delivery;
  const { seatCount, groupLabels, groupIds } = factsOf(delivery);
  return {
    status: 'Delivered',
    detail: deliveredText(ledger, deliveryAtHand(plan)),
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
