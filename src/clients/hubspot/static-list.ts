import { z } from 'zod';
import type { HubSpotMailTool } from '../../domain/deal/catalog.ts';
import { DealseatError } from '../../domain/failure.ts';
import type { MessageRef, SentMessage } from '../crm.ts';
import type { Connection } from './connection.ts';
import { withReadBack } from './read-back.ts';

type ListTool = Extract<HubSpotMailTool, { via: 'list' }>;

/** The type id of contacts, which the lists API wants instead of a name. */
const CONTACT_TYPE = '0-1';

const ids = z.array(z.coerce.string()).nullish();

/** HubSpot's own spelling, with the s after "record" in one of them. An answer with none of them is none. */
const changedSchema = z
  .object({ recordsIdsAdded: ids, recordIdsRemoved: ids, recordIdsMissing: ids })
  .refine(({ recordsIdsAdded, recordIdsRemoved, recordIdsMissing }) =>
    Boolean(recordsIdsAdded ?? recordIdsRemoved ?? recordIdsMissing),
  );

/** Puts the contact on a static list, where the customer's own workflow takes over. A list is a set: a repeat adds nothing. */
export async function addToList(
  connection: Connection,
  { message, tool }: { readonly message: MessageRef; readonly tool: ListTool },
  signal?: AbortSignal,
): Promise<SentMessage> {
  const { contactId } = message;
  return withReadBack(
    async () => {
      const { recordIdsMissing } = await connection.call(
        {
          name: `add contact ${contactId} to list ${tool.listId}`,
          effect: 'overwrite',
          whenRefused: 'crm.mail_rejected',
          answer: changedSchema,
          signal,
        },
        (client) => client.crm.lists.membershipsApi.add(tool.listId, [contactId]),
      );
      // HubSpot answers 200 for contacts it does not know.
      if (recordIdsMissing?.includes(contactId)) {
        throw new DealseatError({
          code: 'crm.not_found',
          message: `HubSpot: add contact ${contactId} to list ${tool.listId}: no such contact. Restore it or choose another, then retry the run.`,
        });
      }
      return { state: 'accepted', reference: tool.listId };
    },
    () => findInList(connection, { message, tool }, signal),
  );
}

/** Takes the contact off the list again; who is not on it is no error. */
export async function takeOffList(
  connection: Connection,
  { contactId, tool }: { readonly contactId: string; readonly tool: ListTool },
  signal?: AbortSignal,
): Promise<void> {
  await connection.call(
    {
      name: `take contact ${contactId} off list ${tool.listId}`,
      effect: 'overwrite',
      answer: changedSchema,
      signal,
    },
    (client) => client.crm.lists.membershipsApi.remove(tool.listId, [contactId]),
  );
}

const membershipsSchema = z.object({ results: z.array(z.object({ listId: z.coerce.string() })) });

/** The membership, or null when the contact is not on the list. */
export async function findInList(
  connection: Connection,
  { message, tool }: { readonly message: MessageRef; readonly tool: ListTool },
  signal?: AbortSignal,
): Promise<SentMessage | null> {
  const { results } = await connection.call(
    {
      name: `read lists of contact ${message.contactId}`,
      effect: 'read',
      answer: membershipsSchema,
      signal,
    },
    (client) => client.crm.lists.membershipsApi.getLists(CONTACT_TYPE, message.contactId),
  );
  const isMember = results.some(({ listId }) => listId === tool.listId);
  return isMember ? { state: 'accepted', reference: tool.listId } : null;
}
