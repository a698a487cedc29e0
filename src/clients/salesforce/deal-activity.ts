import { z } from 'zod';
import type { Call } from './call.ts';
import type { SalesforceSession } from './connection.ts';
import { text } from './records.ts';
import { soqlList, soqlString } from './soql.ts';

/**
 * Mails and tasks of an opportunity, newest first and with their texts, which cannot be filtered by. First the ids,
 * then the texts a few at a time: an old deal has more correspondence than one answer may hold.
 */

const mailRow = z.object({ Id: z.string(), CreatedById: text, HtmlBody: text, TextBody: text });
const taskRow = z.object({ Id: z.string(), Description: text });

/** A mail has up to 131,072 characters twice, a task 32,000, an answer 16 MiB. */
const MAILS_A_QUERY = 20;
const TASKS_A_QUERY = 100;

export function readOutgoingMails(
  session: SalesforceSession,
  dealId: string,
  call: Call,
  signal?: AbortSignal,
): AsyncGenerator<z.infer<typeof mailRow>> {
  const where = `EmailMessage WHERE RelatedToId = ${soqlString(dealId)} AND Incoming = false`;
  const texts = 'CreatedById, HtmlBody, TextBody';
  return readTexts(session, { where, texts, row: mailRow, atOnce: MAILS_A_QUERY, call }, signal);
}

export function readTasks(
  session: SalesforceSession,
  dealId: string,
  call: Call,
  signal?: AbortSignal,
): AsyncGenerator<z.infer<typeof taskRow>> {
  const where = `Task WHERE WhatId = ${soqlString(dealId)}`;
  return readTexts(
    session,
    { where, texts: 'Description', row: taskRow, atOnce: TASKS_A_QUERY, call: { ...call, object: 'Task' } },
    signal,
  );
}

const idRow = z.object({ Id: z.string() });

interface Texts<T> {
  /** Begins with the object. */
  readonly where: string;
  readonly texts: string;
  readonly row: z.ZodType<T>;
  readonly atOnce: number;
  readonly call: Call;
}

async function* readTexts<T>(
  session: SalesforceSession,
  { where, texts, row, atOnce, call }: Texts<T>,
  signal?: AbortSignal,
): AsyncGenerator<T> {
  const [object = ''] = where.split(' ');
  const newestFirst = `SELECT Id FROM ${where} ORDER BY CreatedDate DESC`;
  const ids = await session.query(newestFirst, idRow, call, signal);
  for (let start = 0; start < ids.length; start += atOnce) {
    const some = ids.slice(start, start + atOnce).map(({ Id }) => Id);
    const soql = `SELECT Id, ${texts} FROM ${object} WHERE Id IN ${soqlList(some)}`;
    yield* await session.query(soql, row, call, signal);
  }
}
