import { z } from 'zod';
import type { Actor, DealAction } from '../../domain/deal/action.ts';
import { DEAL_PROPERTIES } from './fields.ts';
import type { Owners } from './owners.ts';
import { type HubSpotRecord, propertyOf } from './records.ts';

export const ACTION_PROPERTY = DEAL_PROPERTIES.action.name;

/** Keys of the catalog under which it names who may approve. */
export const APPROVER_KEYS = { users: 'hubspotUsers', teams: 'hubspotTeams' } as const;

/** A person in HubSpot's own pages or apps. Everything else is an automation, an import or an integration. */
const BY_HAND = /^(?:CRM_UI|MOBILE_)/;

const OTHERS: Readonly<Record<string, string>> = {
  AUTOMATION_PLATFORM: 'a HubSpot workflow',
  IMPORT: 'an import into HubSpot',
  INTEGRATION: 'an integration with HubSpot',
};

const entrySchema = z.object({
  sourceType: z.string().nullish(),
  sourceId: z.string().nullish(),
  updatedByUserId: z.coerce.string().nullish(),
});

/** The history of the property comes with every reading, so only a name has to be looked up, and only while it is set. */
export async function actionOf(
  record: HubSpotRecord,
  owners: Owners,
  signal?: AbortSignal,
): Promise<DealAction | null> {
  const text = propertyOf(record, ACTION_PROPERTY);
  if (text === null) return null;
  const [latest] = record.propertiesWithHistory?.[ACTION_PROPERTY] ?? [];
  // An entry of another value is not about this one.
  if (latest === undefined || latest.value?.trim() !== text) return { text, setAt: null, by: null };
  const by = await actorOf(latest, owners, signal);
  return { text, setAt: latest.timestamp.toISOString(), by };
}

async function actorOf(entry: unknown, owners: Owners, signal?: AbortSignal): Promise<Actor | null> {
  const parsed = entrySchema.safeParse(entry);
  if (!parsed.success) return null;
  const { sourceType, sourceId, updatedByUserId } = parsed.data;
  if (!BY_HAND.test(sourceType ?? '')) {
    const name = OTHERS[sourceType ?? ''] ?? `${sourceType ?? 'something'} in HubSpot`;
    return { name, isPerson: false, isProven: true, knownAs: {} };
  }
  const userId = updatedByUserId || /^userId:(\d+)$/.exec(sourceId ?? '')?.[1];
  if (!userId) return null;
  const user = await owners.findUser(userId, signal);
  return {
    name: user?.name || `HubSpot user ${userId}`,
    isPerson: true,
    isProven: true,
    knownAs: {
      [APPROVER_KEYS.users]: user?.email ? [user.email] : [],
      [APPROVER_KEYS.teams]: user?.teams ?? [],
    },
  };
}
