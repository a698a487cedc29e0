import type { DealReading } from '../../domain/deal/catalog.ts';
import { concludeByCalls } from '../conclude-by-calls.ts';
import type { Concluded, Conclusion, Crm } from '../crm.ts';
import { answerOf, makeTogether, readsAsReference } from './composite.ts';
import type { Connection } from './connection.ts';
import { opportunityId } from './deal.ts';
import { holdIs, writePart } from './deal-fields.ts';
import { taskPart } from './notices.ts';
import { lookPart, printOfPage } from './print.ts';

interface Org {
  readonly connection: Connection;
  readonly reading: DealReading;
  readonly calls: Pick<Crm, 'writeDealFields' | 'notify' | 'readPrint'>;
}

/**
 * As one call: the mark, a look that finds the opportunity only as it is marked, and a task for what was found, so that
 * nobody is told of a mark that is not there. A task that may be there already is looked for in calls of its own.
 */
export async function conclude(org: Org, conclusion: Conclusion, signal?: AbortSignal): Promise<Concluded> {
  const { connection, calls } = org;
  const { dealId, fields, notice, looks } = conclusion;
  const id = opportunityId(dealId);
  const told = { dealId, ...notice };
  const task = notice.isNew ? taskPart(told, 'look.records[0].Id') : undefined;
  const mark = writePart(id, fields);
  if (!fields.claim || readsAsReference(mark.body, task?.body))
    return concludeByCalls(calls, conclusion, signal);
  const parts = { mark, look: lookPart(org, id, holdIs(fields.claim)), ...(task && { task }) };
  const outcomes = await makeTogether(connection, parts, signal);
  answerOf(outcomes.mark);
  const { look, task: made } = outcomes;
  const [tells, found] = await Promise.allSettled([
    made ?? calls.notify(told, signal),
    looks && look.is === 'done' ? printOfPage(org, { id, page: look.answer }, signal) : null,
  ]);
  signal?.throwIfAborted();
  return {
    isTold: made ? made.is === 'done' : tells.status === 'fulfilled',
    print: found.status === 'fulfilled' ? found.value : null,
  };
}
