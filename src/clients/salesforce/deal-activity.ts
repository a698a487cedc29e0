import { z } from 'zod';
import type { SalesforceCall } from './call.ts';
import type { Connection } from './connection.ts';
import { chunks, instant, text } from './records.ts';
import { soqlList, soqlString } from './soql.ts';

/**
 * Mails and tasks of an opportunity that the integration user made, newest first and with their texts, which cannot be
 * filtered by. What others made is none of ours, even where it has our words: anybody can copy them. First the ids,
 * then the texts a few at a time: an old deal has more correspondence than one answer may hold.
 */

const mailRow = z.object({ Id: z.string(), CreatedDate: instant, HtmlBody: text, TextBody: text });
const taskRow = z.object({ Id: z.string(), Description: text });

type OwnMail = z.infer<typeof mailRow>;
type OwnTask = z.infer<typeof taskRow>;

/** A mail has up to 131,072 characters twice, a task 32,000, an answer 16 MiB. */
const MAILS_A_QUERY = 20;
const TASKS_A_QUERY = 100;

/** `dealId` has 18 characters. */
export function readOwnMails(
  connection: Connection,
  dealId: string,
  signal?: AbortSignal,
): AsyncGenerator<OwnMail> {
  return readOwn(
    connection,
    {
      object: 'EmailMessage',
      where: `RelatedToId = ${soqlString(dealId)} AND Incoming = false`,
      fields: 'CreatedDate, HtmlBody, TextBody',
      row: mailRow,
      atOnce: MAILS_A_QUERY,
      call: { name: `look for mails of opportunity ${dealId}`, effect: 'read', object: 'EmailMessage' },
    },
    signal,
  );
}

/** `dealId` has 18 characters. Closed tasks are none of the open ones. */
export function readOwnTasks(
  connection: Connection,
  { dealId, isOpenOnly }: { readonly dealId: string; readonly isOpenOnly: boolean },
  signal?: AbortSignal,
): AsyncGenerator<OwnTask> {
  return readOwn(
    connection,
    {
      object: 'Task',
      where: `WhatId = ${soqlString(dealId)}${isOpenOnly ? ' AND IsClosed = false' : ''}`,
      fields: 'Description',
      row: taskRow,
      atOnce: TASKS_A_QUERY,
      call: { name: `look for tasks of opportunity ${dealId}`, effect: 'read', object: 'Task' },
    },
    signal,
  );
}

const idRow = z.object({ Id: z.string() });

interface Search<T> {
  readonly object: string;
  readonly where: string;
  readonly fields: string;
  readonly row: z.ZodType<T>;
  readonly atOnce: number;
  readonly call: SalesforceCall;
}

async function* readOwn<T>(
  connection: Connection,
  { object, where, fields, row, atOnce, call }: Search<T>,
  signal?: AbortSignal,
): AsyncGenerator<T> {
  const { userId } = await connection.token(signal);
  const own = `CreatedById = ${soqlString(userId)}`;
  const newestFirst = `SELECT Id FROM ${object} WHERE ${where} AND ${own} ORDER BY CreatedDate DESC`;
  const ids = (await connection.query(newestFirst, idRow, call, signal)).map(({ Id }) => Id);
  for (const some of chunks(ids, atOnce)) {
    const soql = `SELECT Id, ${fields} FROM ${object} WHERE Id IN ${soqlList(some)}`;
    yield* await connection.query(soql, row, call, signal);
  }
}
