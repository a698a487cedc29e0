import { z } from 'zod';
import { escapeHtml } from '../../domain/escape-html.ts';
import { DealseatError } from '../../domain/failure.ts';
import type { Notice, NoticeQuery } from '../crm.ts';
import type { Access } from './access.ts';
import { createEngagement, type EngagementType, findEngagements } from './engagements.ts';
import { errorEntry, type HubSpotErrorEntry } from './error-body.ts';
import { failureOfEntries } from './failures.ts';
import { MAX_TEXT_LENGTH } from './fields.ts';
import { noticeHtml } from './notice-text.ts';
import { ensureOnce, withReadBack } from './read-back.ts';
import { chunksOf, MAX_BATCH, propertyOf } from './records.ts';
import { carriesReference, carriesReferenceLike, withReference } from './reference.ts';

const PRIORITY = { high: 'HIGH', low: 'LOW' } as const;
/** Subjects are one line; HubSpot names no bound below that of every text. */
const MAX_SUBJECT_LENGTH = 255;

/**
 * A task for the owner, due now; on a deal without owner a note, which everybody who opens the deal sees. Nothing, where the
 * note with the roster says it.
 */
export async function notify(access: Access, notice: Notice, signal?: AbortSignal): Promise<void> {
  // A task would have to be ticked off by somebody, who has nothing to do.
  if (notice.isSaidByRoster) return;
  const { dealId } = notice;
  const key = referenceKey(notice.key);
  const steps = {
    find: async () => {
      // The owner may have come or gone since the first try, so both kinds count, closed ones too.
      for (const type of ['tasks', 'notes'] as const satisfies EngagementType[]) {
        const isWanted = (html: string) => carriesReference(html, key);
        const [found] = await findEngagements(access, { type, dealId, isWanted, signal });
        if (found) return found.id;
      }
      return null;
    },
    create: () => createEngagement(access, { ...contentOf(notice, key), dealId, key, signal }),
  };
  await (notice.isNew ? withReadBack(steps.create, steps.find) : ensureOnce(steps));
}

function contentOf({ ownerId, subject, text, priority }: Notice, key: string) {
  const title = subject.slice(0, MAX_SUBJECT_LENGTH);
  const before = ownerId === null ? `<p><strong>${escapeHtml(title)}</strong></p><p>` : '<p>';
  const room = MAX_TEXT_LENGTH - withReference(`${before}</p>`, key).length;
  const html = `${before}${noticeHtml(text, room)}</p>`;
  if (ownerId === null) return { type: 'notes', html, properties: {} } as const;
  const properties = {
    hs_task_subject: title,
    hs_task_status: 'NOT_STARTED',
    hs_task_priority: PRIORITY[priority],
    hs_task_type: 'TODO',
    hubspot_owner_id: ownerId,
  };
  return { type: 'tasks', html, properties } as const;
}

const updatedSchema = z.object({
  results: z.array(z.object({ id: z.coerce.string() })),
  errors: z.array(errorEntry).nullish(),
});

/**
 * Notes have no state to close. What HubSpot does not close it leaves out of a success: a task that was deleted meanwhile
 * is as good as closed, any other one is not.
 */
export async function closeNotices(access: Access, query: NoticeQuery, signal?: AbortSignal): Promise<void> {
  const { dealId, keys } = query;
  if (keys.length === 0) return;
  const open = await findOpenTasks(access, query, signal);
  const closed = new Set<string>();
  const refusals: HubSpotErrorEntry[] = [];
  const call = {
    name: `close tasks of deal ${dealId}`,
    effect: 'overwrite',
    answer: updatedSchema,
    signal,
  } as const;
  for (const chunk of chunksOf(open, MAX_BATCH)) {
    const inputs = chunk.map((id) => ({ id, properties: { hs_task_status: 'COMPLETED' } }));
    const { results, errors } = await access.connection.request(call, {
      method: 'POST',
      path: '/crm/v3/objects/tasks/batch/update',
      body: { inputs },
    });
    refusals.push(...(errors ?? []));
    for (const { id } of results) closed.add(id);
  }
  if (open.every((id) => closed.has(id))) return;
  const left = await findOpenTasks(access, query, signal);
  if (left.length === 0) return;
  const refusal = failureOfEntries(call, refusals);
  if (refusal !== null) throw refusal;
  throw new DealseatError({
    code: 'crm.conflict',
    message: `HubSpot: close tasks of deal ${dealId}: ${left.length} of ${open.length} stay open (${left[0]}).`,
  });
}

/** Ids. */
async function findOpenTasks(
  access: Access,
  { dealId, keys, except }: NoticeQuery,
  signal?: AbortSignal,
): Promise<string[]> {
  const wanted = {
    beginnings: keys.map(referenceKey),
    except: except === undefined ? null : referenceKey(except),
  };
  const tasks = await findEngagements(access, {
    type: 'tasks',
    dealId,
    isWanted: (html) => carriesReferenceLike(html, wanted),
    properties: ['hs_task_status'],
    signal,
  });
  return tasks.filter((task) => propertyOf(task, 'hs_task_status') !== 'COMPLETED').map(({ id }) => id);
}

function referenceKey(noticeKey: string): string {
  return `notice ${noticeKey}`;
}
