import type { AskedQuestion } from '../../src/contracts/run.ts';
import type { Preview, ProvisioningView } from '../../src/runs/port.ts';

/** A run as a partner may see it: without the page of our own tools, and without what answers a question. */
export interface PartnerView extends Omit<ProvisioningView, 'runUrl' | 'question'> {
  /** What people of the vendor are asked; null while nobody is. */
  readonly question: Pick<AskedQuestion, 'kind' | 'since' | 'until'> | null;
}

export function toPartnerView(run: ProvisioningView): PartnerView {
  const { id, crm, account, dealId, status, detail, seats, groupLabels, problems, question } = run;
  const { startedAt, closedAt } = run;
  return {
    id,
    crm,
    account,
    dealId,
    status,
    detail,
    seats,
    groupLabels,
    problems,
    startedAt,
    closedAt,
    question: question && { kind: question.kind, since: question.since, until: question.until },
  };
}

/**
 * Ids of deals can be guessed, so of a deal that nothing is to be done for, a partner learns that alone: not its stage,
 * nor whether it was delivered or merged.
 */
export function previewForPartner(preview: Preview): Preview {
  return preview.skipped === null ? preview : { ...preview, skipped: NOTHING_TO_DO };
}

const NOTHING_TO_DO = 'Nothing is to be done for this deal now';
