import type { OwnerNotice } from '../crm.ts';
import type { Connection } from './connection.ts';
import { createEngagement, type EngagementType, escapeHtml, findEngagements } from './engagements.ts';
import { ensureOnce } from './read-back.ts';

/** A task for the owner, due now; on a deal without owner a note, which everybody who opens the deal sees. */
export async function notifyOwner(
  connection: Connection,
  notice: OwnerNotice,
  signal?: AbortSignal,
): Promise<void> {
  const { dealId, ownerId } = notice;
  const reference = `notice ${notice.key}`;
  await ensureOnce({
    find: async () => {
      // The owner may have come or gone since the first try, so both kinds count.
      for (const type of ['tasks', 'notes'] as const satisfies EngagementType[]) {
        const [found] = await findEngagements(connection, { type, dealId, reference, signal });
        if (found) return found.id;
      }
      return null;
    },
    create: () => {
      const text = escapeHtml(notice.text).replaceAll('\n', '<br>');
      if (ownerId === null) {
        const html = `<p><strong>${escapeHtml(notice.subject)}</strong></p><p>${text}</p>`;
        return createEngagement(connection, {
          type: 'notes',
          dealId,
          reference,
          html,
          properties: {},
          signal,
        });
      }
      return createEngagement(connection, {
        type: 'tasks',
        dealId,
        reference,
        html: `<p>${text}</p>`,
        properties: {
          hs_task_subject: notice.subject,
          hs_task_status: 'NOT_STARTED',
          hs_task_priority: 'HIGH',
          hs_task_type: 'TODO',
          hubspot_owner_id: ownerId,
        },
        signal,
      });
    },
  });
}
