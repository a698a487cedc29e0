import { AssociationSpecAssociationCategoryEnum as NoteAssociation } from '@hubspot/api-client/lib/codegen/crm/objects/notes/models/AssociationSpec.js';
import { AssociationSpecAssociationCategoryEnum as TaskAssociation } from '@hubspot/api-client/lib/codegen/crm/objects/tasks/models/AssociationSpec.js';
import { z } from 'zod';
import type { Connection } from './connection.ts';
import { associationsOfDeal, type HubSpotRecord, propertyOf, readRecords } from './records.ts';

/**
 * Notes and tasks of a deal, each made once. HubSpot has no key for that, and its search lags behind writes; so
 * ours carry a visible reference in their text, and are looked for among the deal's own notes or tasks.
 */
export type EngagementType = 'notes' | 'tasks';

const BODY_PROPERTY = { notes: 'hs_note_body', tasks: 'hs_task_body' } as const;

/** `AssociationTypes.noteToDeal` and `.taskToDeal` of the official client. */
const TO_DEAL = { notes: 214, tasks: 216 } as const;

export interface EngagementQuery {
  readonly type: EngagementType;
  readonly dealId: string;
  /** Stands in the text of the one that is looked for; no HTML in it. */
  readonly reference: string;
  readonly properties?: readonly string[];
  readonly signal?: AbortSignal | undefined;
}

export async function findEngagements(
  connection: Connection,
  { type, dealId, reference, properties = [], signal }: EngagementQuery,
): Promise<HubSpotRecord[]> {
  const associations = await associationsOfDeal(connection, dealId, type, signal);
  const body = BODY_PROPERTY[type];
  const records = await readRecords(connection, {
    type,
    ids: associations.map(({ toId }) => toId),
    properties: [body, ...properties],
    signal,
  });
  const shown = referenceLine(reference);
  return records.filter((record) => propertyOf(record, body)?.includes(shown));
}

const createdSchema = z.object({ id: z.coerce.string().min(1) });

/** Creates one on the deal, now. The caller has looked for it before. */
export async function createEngagement(
  connection: Connection,
  {
    type,
    dealId,
    reference,
    html,
    properties,
    signal,
  }: Omit<EngagementQuery, 'properties'> & {
    readonly html: string;
    readonly properties: Readonly<Record<string, string>>;
  },
): Promise<string> {
  const input = {
    properties: {
      ...properties,
      hs_timestamp: new Date().toISOString(),
      [BODY_PROPERTY[type]]: withReference(html, reference),
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

/** The text of a note or task, with its reference in a line of its own at the end. */
export function withReference(html: string, reference: string): string {
  return `${html}<p>${referenceLine(reference)}</p>`;
}

/** Ends in a bracket, so that one reference is never the beginning of another. */
function referenceLine(reference: string): string {
  return `[Dealseat reference: ${escapeHtml(reference)}]`;
}

export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
