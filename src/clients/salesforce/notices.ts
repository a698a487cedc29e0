import type { z } from 'zod';
import { cut } from '../../domain/cut.ts';
import type { Notice, NoticeQuery } from '../crm.ts';
import type { SalesforceCall } from './call.ts';
import type { Part } from './composite.ts';
import type { Connection } from './connection.ts';
import { opportunityId } from './deal.ts';
import { readOwnTasks } from './deal-activity.ts';
import { failureOfFaults } from './failures.ts';
import { normalizeIdOf } from './ids.ts';
import { chunks, created, itemResults, RECORDS_A_WRITE } from './records.ts';
import { referenceIn, referenceLine } from './reference.ts';

const MAX_SUBJECT = 255;
const MAX_DESCRIPTION = 32_000;

/**
 * A task on the opportunity for its owner; without an owner Salesforce gives it to the integration user.
 * The key alone decides whether the task exists, closed ones included: a subject may be reworded.
 */
export async function notify(connection: Connection, notice: Notice, signal?: AbortSignal): Promise<void> {
  const dealId = opportunityId(notice.dealId);
  if (!notice.isNew && (await isTold(connection, dealId, notice.key, signal))) return;
  const { call, body } = taskOf(notice);
  await connection.request(call, created, (jsforce) => jsforce.sobject('Task').create(body), signal);
}

/** On the opportunity that an earlier part found, as `reference` says. */
export function taskPart(notice: Notice, reference: string): Part<z.infer<typeof created>> {
  const { call, body } = taskOf(notice);
  const referring = { WhatId: `@{${reference}}` };
  return { call, method: 'POST', path: '/sobjects/Task', body, referring, answer: created };
}

function taskOf(notice: Notice): { readonly call: SalesforceCall; readonly body: Record<string, string> } {
  const WhatId = opportunityId(notice.dealId);
  const OwnerId = notice.ownerId === null ? null : normalizeIdOf('User', notice.ownerId);
  return {
    call: { name: `add a task to opportunity ${WhatId}`, effect: 'create', object: 'Task' },
    body: {
      WhatId,
      Subject: cut(notice.subject, MAX_SUBJECT),
      Description: descriptionOf(notice),
      Status: 'Not Started',
      ...(notice.priority === 'high'
        ? { Priority: 'High', ActivityDate: notice.dueOn ?? today() }
        : { Priority: 'Low' }),
      ...(OwnerId === null ? {} : { OwnerId }),
    },
  };
}

async function isTold(
  connection: Connection,
  dealId: string,
  key: string,
  signal?: AbortSignal,
): Promise<boolean> {
  for await (const task of readOwnTasks(connection, { dealId, isOpenOnly: false }, signal)) {
    if (referenceIn(task.Description ?? '') === key) return true;
  }
  return false;
}

/** One that somebody deletes meanwhile is closed as well. */
export async function closeNotices(
  connection: Connection,
  { dealId, keys, except }: NoticeQuery,
  signal?: AbortSignal,
): Promise<void> {
  const id = opportunityId(dealId);
  const open: string[] = [];
  for await (const task of readOwnTasks(connection, { dealId: id, isOpenOnly: true }, signal)) {
    const key = referenceIn(task.Description ?? '');
    if (key === null || key === except) continue;
    if (keys.some((beginning) => key.startsWith(beginning))) open.push(task.Id);
  }

  const call: SalesforceCall = {
    name: `close tasks of opportunity ${id}`,
    effect: 'overwrite',
    object: 'Task',
  };
  for (const batch of chunks(open, RECORDS_A_WRITE)) {
    const records = batch.map((Id) => ({ Id, Status: 'Completed' }));
    const results = await connection.request(
      call,
      itemResults.length(batch.length),
      (jsforce) => jsforce.sobject('Task').update(records, { allOrNone: false }),
      signal,
    );
    const failures = results
      .map((result) => (result.success ? null : failureOfFaults(result.errors, call, 200)))
      .filter((failure) => failure !== null && failure.code !== 'crm.not_found');
    if (failures[0]) throw failures[0];
  }
}

/** Whole lines as far as they fit, how many are left out, and always the reference. */
function descriptionOf({ text, key }: Notice): string {
  const end = `\n\n${referenceLine(key)}`;
  const room = MAX_DESCRIPTION - end.length;
  if (text.length <= room) return `${text}${end}`;
  const lines = text.split('\n');
  const left = (count: number) =>
    `\n… and ${lines.length - count} more ${lines.length - count === 1 ? 'line' : 'lines'}`;
  let shown = lines[0] ?? '';
  let count = 1;
  for (const line of lines.slice(1)) {
    if (shown.length + 1 + line.length + left(count).length > room) break;
    shown += `\n${line}`;
    count += 1;
  }
  const rest = count < lines.length ? left(count) : '';
  // The first line may be too long by itself.
  return `${cut(shown, room - rest.length)}${rest}${end}`;
}

function today(): string {
  return new Date().toISOString().slice(0, 10);
}
