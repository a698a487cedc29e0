import type { DealReading } from '../../domain/deal/catalog.ts';
import { DealseatError } from '../../domain/failure.ts';
import { concludeByCalls } from '../conclude-by-calls.ts';
import type { Concluded, Conclusion, Crm, DealPrint } from '../crm.ts';
import { answerOf, makeTogether, type PartOutcome, readsAsReference } from './composite.ts';
import type { Connection, Page } from './connection.ts';
import { opportunityId } from './deal.ts';
import { holdPart, writePart } from './deal-fields.ts';
import { taskPart } from './notices.ts';
import { lookPart, printOfPage } from './print.ts';

interface Org {
  readonly connection: Connection;
  readonly reading: DealReading;
  readonly calls: Pick<Crm, 'writeDealFields' | 'notify' | 'readPrint'>;
}

/**
 * As one call: the mark, a task only where the mark is found to be there, and a look. A task that may be there already has
 * to be looked for first, by a call for each.
 */
export async function conclude(org: Org, conclusion: Conclusion, signal?: AbortSignal): Promise<Concluded> {
  const { dealId, fields, notice, looks } = conclusion;
  const id = opportunityId(dealId);
  const mark = writePart(id, fields);
  const task = taskPart({ dealId, ...notice }, 'marked.records[0].Id');
  if (!notice.isNew || !fields.claim || readsAsReference(mark.body, task.body)) {
    return concludeByCalls(org.calls, conclusion, signal);
  }
  const marked = holdPart(id, fields.claim);
  const parts = { mark, marked, task, look: looks ? lookPart(org, id) : undefined };
  const outcomes = await makeTogether(org.connection, parts, signal);
  answerOf(outcomes.mark);
  return { isTold: outcomes.task.is === 'done', print: await printOf(org, id, outcomes.look, signal) };
}

/** Null: it was not wanted, or it failed. */
async function printOf(
  org: Org,
  id: string,
  look: PartOutcome<Page> | undefined,
  signal?: AbortSignal,
): Promise<DealPrint | null> {
  if (look?.is !== 'done') return null;
  try {
    return await printOfPage(org, { id, page: look.answer }, signal);
  } catch (error) {
    if (error instanceof DealseatError) return null;
    throw error;
  }
}
