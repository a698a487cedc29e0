import { AssociationSpecAssociationCategoryEnum as NoteAssociation } from '@hubspot/api-client/lib/codegen/crm/objects/notes/models/AssociationSpec.js';
import { AssociationSpecAssociationCategoryEnum as TaskAssociation } from '@hubspot/api-client/lib/codegen/crm/objects/tasks/models/AssociationSpec.js';
import { z } from 'zod';
import type { Access } from './access.ts';
import { SOURCE_PROPERTIES } from './own-app.ts';
import { associationsOfDeal, type HubSpotRecord, propertyOf, readRecords } from './records.ts';
import { withReference } from './reference.ts';

/** Notes and tasks of a deal that our own integration made. */
export type EngagementType = 'notes' | 'tasks';

export const BODY_PROPERTY = { notes: 'hs_note_body', tasks: 'hs_task_body' } as const;

/** `AssociationTypes.noteToDeal` and `.taskToDeal` of the official client. */
const TO_DEAL = { notes: 214, tasks: 216 } as const;

export interface EngagementQuery {
  readonly type: EngagementType;
  readonly dealId: string;
  /** Of the text, by `reference.ts`. */
  readonly isWanted: (html: string) => boolean;
  readonly properties?: readonly string[];
  readonly signal?: AbortSignal | undefined;
}

/** Ours alone: a note or task of a person is never one of them, whatever stands in it. */
export async function findEngagements(
  { connection, app }: Access,
  { type, dealId, isWanted, properties = [], signal }: EngagementQuery,
): Promise<HubSpotRecord[]> {
  const associations = await associationsOfDeal(connection, dealId, type, signal);
  const body = BODY_PROPERTY[type];
  const records = await readRecords(connection, {
    type,
    ids: associations.map(({ toId }) => toId),
    properties: [body, ...SOURCE_PROPERTIES, ...properties],
    signal,
  });
  const wanted = records.filter((record) => isWanted(propertyOf(record, body) ?? ''));
  return app.madeByUs(wanted, signal);
}

const createdSchema = z.object({ id: z.coerce.string().min(1) });

export interface NewEngagement {
  readonly type: EngagementType;
  readonly dealId: string;
  /** Its reference ends the text. */
  readonly key: string;
  readonly html: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

/** Creates one on the deal, now. The caller has looked for it before. */
export async function createEngagement(
  { connection }: Access,
  { type, dealId, key, html, properties, signal }: NewEngagement,
): Promise<string> {
  const input = {
    properties: {
      ...properties,
      hs_timestamp: new Date().toISOString(),
      [BODY_PROPERTY[type]]: withReference(html, key),
    },
  };
  const associationsOf = <C>(associationCategory: C) => [
    { to: { id: dealId }, types: [{ associationCategory, associationTypeId: TO_DEAL[type] }] },
  ];
  const { id } = await connection.call(
    { name: `create ${type} on deal ${dealId}`, effect: 'create', answer: createdSchema, signal },
    (client) => {
      const { notes, tasks } = client.crm.objects;
      // Each API module of the client has an enum type of its own for the same text.
      return type === 'notes'
        ? notes.basicApi.create({ ...input, associations: associationsOf(NoteAssociation.HubspotDefined) })
        : tasks.basicApi.create({ ...input, associations: associationsOf(TaskAssociation.HubspotDefined) });
    },
  );
  return id;
}
