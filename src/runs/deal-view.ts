import type { WorkflowExecutionInfo } from '@temporalio/client';
import type { Progress } from '../contracts/run.ts';
import { searchAttributeKeys } from '../contracts/search-attributes.ts';
import { WAITS_FOR, type WaitsFor, waitsForOf } from '../contracts/waits-for.ts';
import { parseProvisioningId } from '../domain/deal/ids.ts';
import type { Repeating } from './activity.ts';
import type { ProvisioningView } from './port.ts';
import { type RunPages, runUrl } from './run-url.ts';

/** A deal as those who run Dealseat see it. Plain JSON; holds no code and no address. */
export interface DealView extends ProvisioningView {
  /** As the CRM has it; null until the deal was read. */
  readonly dealName: string | null;
  readonly waitsFor: WaitsFor | null;
  /** The first problem, or why the run ended without a delivery. */
  readonly code: string | null;
  /** Steps that have failed and are tried again; empty in lists. */
  readonly repeating: readonly Repeating[];
}

export type ShownInfo = Pick<
  WorkflowExecutionInfo,
  'workflowId' | 'runId' | 'startTime' | 'status' | 'typedSearchAttributes'
> & { readonly closeTime?: Date | undefined };

/** By what Temporal knows of the run, without asking the run itself. */
export function toDealView(info: ShownInfo, pages: RunPages): DealView {
  const { workflowId, runId, startTime, closeTime, typedSearchAttributes: attributes } = info;
  const deal = parseProvisioningId(workflowId) ?? { crm: '', account: '', dealId: workflowId };
  const waitsFor = attributes.get(searchAttributeKeys.waitsFor);
  return {
    id: workflowId,
    ...deal,
    dealName: attributes.get(searchAttributeKeys.dealName) ?? null,
    status: attributes.get(searchAttributeKeys.status) ?? info.status.name,
    // A run that was ended from outside waits for nothing.
    waitsFor: (closeTime === undefined && WAITS_FOR.find((known) => known === waitsFor)) || null,
    code: attributes.get(searchAttributeKeys.failureCode) ?? null,
    detail: '',
    seats: attributes.get(searchAttributeKeys.seats) ?? 0,
    groupLabels: attributes.get(searchAttributeKeys.groupLabels) ?? [],
    problems: [],
    question: null,
    repeating: [],
    startedAt: startTime.toISOString(),
    closedAt: closeTime?.toISOString() ?? null,
    runUrl: runUrl(pages, workflowId, runId),
  };
}

/** The same with what the run says of itself, which is newer. */
export function withProgress(view: DealView, progress: Progress | null): DealView {
  if (progress === null) return view;
  const { problems, question, groups, seatCount, dealName, status, step } = progress;
  return {
    ...view,
    dealName: dealName ?? view.dealName,
    status,
    detail: step,
    waitsFor: view.closedAt === null ? waitsForOf(progress) : null,
    code: problems[0]?.code ?? view.code,
    seats: seatCount ?? view.seats,
    groupLabels: groups.length > 0 ? groups.map(({ label }) => label) : view.groupLabels,
    problems,
    question,
  };
}

/** So many runs are asked at once what they wait for. */
const QUERIES_AT_ONCE = 10;

/** Only the run knows its question. Once one does not answer, no other is asked: there may be no worker. */
export async function withAnswersOfRuns(
  views: readonly DealView[],
  progressOf: (id: string) => Promise<Progress>,
): Promise<DealView[]> {
  const answers = new Map<string, Progress>();
  const waiting = views.filter(({ status, closedAt }) => status === 'NeedsAttention' && closedAt === null);
  for (let first = 0; first < waiting.length; first += QUERIES_AT_ONCE) {
    const asked = await Promise.allSettled(
      waiting.slice(first, first + QUERIES_AT_ONCE).map(async ({ id }) => {
        answers.set(id, await progressOf(id));
      }),
    );
    if (asked.some(({ status }) => status === 'rejected')) break;
  }
  return views.map((view) => withProgress(view, answers.get(view.id) ?? null));
}
