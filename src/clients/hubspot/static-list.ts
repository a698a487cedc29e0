import { z } from 'zod';
import { DealseatError } from '../../domain/failure.ts';
import type { MessageOutcome } from '../../domain/seats/message-outcome.ts';
import type { MailSender, SendHistory } from '../crm.ts';
import type { Connection } from './connection.ts';
import { hasOtherDelivery } from './delivered-deals.ts';
import { unlessMissing } from './failures.ts';
import { inDoubt, mayBeOfEarlierAttempt, outcomeOf } from './send-outcome.ts';

/** The type id of contacts, which the lists API wants instead of a name. */
const CONTACT_TYPE = '0-1';

/**
 * Static lists, where a workflow of the customer takes over when somebody joins. A list is a set: a repeat adds nothing,
 * and who is on it already joins no second time.
 */
export function createStaticList(
  connection: Connection,
  { listId }: { readonly listId: string },
): MailSender {
  return {
    deliver: (message, history, signal) =>
      outcomeOf(message, history, () =>
        add({ connection, listId, contactId: message.contactId, signal }, history),
      ),
    async takeBack({ dealId, contactId }, signal) {
      const isNeeded = await hasOtherDelivery(connection, { dealId, contactId }, signal).catch(
        unlessMissing(false),
      );
      if (!isNeeded) await remove({ connection, listId, contactId, signal }).catch(unlessMissing(undefined));
    },
  };
}

interface Membership {
  readonly connection: Connection;
  readonly listId: string;
  readonly contactId: string;
  readonly signal: AbortSignal | undefined;
}

const ids = z.array(z.coerce.string()).nullish();

/** HubSpot's own spelling, with the s after "record" in one of them. An answer with none of them is none. */
const changedSchema = z
  .object({ recordsIdsAdded: ids, recordIdsRemoved: ids, recordIdsMissing: ids })
  .refine(({ recordsIdsAdded, recordIdsRemoved, recordIdsMissing }) =>
    Boolean(recordsIdsAdded ?? recordIdsRemoved ?? recordIdsMissing),
  );

async function add(membership: Membership, history: SendHistory): Promise<MessageOutcome> {
  const { connection, listId, contactId, signal } = membership;
  const name = `add contact ${contactId} to list ${listId}`;
  const { recordsIdsAdded, recordIdsMissing } = await connection.call(
    {
      name,
      // A repeat adds nobody twice; but a lost answer must not be told as "not out".
      effect: 'create',
      whenRefused: 'crm.mail_rejected',
      answer: changedSchema,
      signal,
    },
    (client) => client.crm.lists.membershipsApi.add(listId, [contactId]),
  );
  if (recordsIdsAdded?.includes(contactId)) return { is: 'accepted', reference: listId };
  // HubSpot answers 200 for contacts it does not know.
  if (recordIdsMissing?.includes(contactId)) {
    throw new DealseatError({
      code: 'crm.not_found',
      message: `HubSpot: ${name}: no such contact. Restore it or choose another, then retry the run.`,
    });
  }
  if (await isByEarlierAttempt(membership, history)) return { is: 'accepted', reference: listId };
  return inDoubt(
    `HubSpot: ${name}: the contact was on the list already, so a workflow that fires on joining sends nothing. ` +
      'Write to the contact by hand and retry the run with `--mail-was-sent`; or take the contact off the list and retry it with `--resend`',
  );
}

const membershipsSchema = z.object({
  results: z.array(z.object({ listId: z.coerce.string(), lastAddedTimestamp: z.coerce.date().nullish() })),
});

/** By the date of the membership; without one whoever may have been added before counts, unless a person said otherwise. */
async function isByEarlierAttempt(
  { connection, listId, contactId, signal }: Membership,
  history: SendHistory,
): Promise<boolean> {
  if (history.mayBeOutSince === null) return false;
  const { results } = await connection.call(
    { name: `read lists of contact ${contactId}`, effect: 'read', answer: membershipsSchema, signal },
    (client) => client.crm.lists.membershipsApi.getLists(CONTACT_TYPE, contactId),
  );
  const found = results.find((membership) => membership.listId === listId);
  if (!found?.lastAddedTimestamp) return history.saidMissing === null;
  return mayBeOfEarlierAttempt(found.lastAddedTimestamp, history);
}

/** Who is not on it is no error. */
async function remove({ connection, listId, contactId, signal }: Membership): Promise<void> {
  await connection.call(
    {
      name: `take contact ${contactId} off list ${listId}`,
      effect: 'overwrite',
      answer: changedSchema,
      signal,
    },
    (client) => client.crm.lists.membershipsApi.remove(listId, [contactId]),
  );
}
