import type { OwnerNotice } from '../crm.ts';
import type { Call } from './call.ts';
import type { SalesforceSession } from './connection.ts';
import { opportunityId } from './deal.ts';
import { readTasks } from './deal-activity.ts';
import { normalizeIdOf } from './ids.ts';
import { created } from './records.ts';
import { carriesReference, referenceLine } from './reference.ts';

const MAX_SUBJECT = 255;

/**
 * A task on the opportunity for its owner; without an owner Salesforce gives it to the integration user.
 * The key alone decides whether the task exists, closed ones included: a subject may be reworded.
 */
export async function notifyOwner(
  session: SalesforceSession,
  notice: OwnerNotice,
  signal?: AbortSignal,
): Promise<void> {
  const WhatId = opportunityId(notice.dealId);
  const looking: Call = { what: `looking for tasks of opportunity ${WhatId}`, object: 'Task' };
  for await (const { Description } of readTasks(session, WhatId, looking, signal)) {
    if (carriesReference(Description ?? '', notice.key)) return;
  }

  const OwnerId = notice.ownerId === null ? null : normalizeIdOf('User', notice.ownerId);
  const call: Call = { what: `adding a task to opportunity ${WhatId}`, object: 'Task', creates: true };
  const record = {
    WhatId,
    Subject: notice.subject.slice(0, MAX_SUBJECT),
    Description: `${notice.text}\n\n${referenceLine(notice.key)}`,
    Status: 'Not Started',
    Priority: 'High',
    ...(OwnerId === null ? {} : { OwnerId }),
  };
  await session.request(call, created, (connection) => connection.sobject('Task').create(record), signal);
}
