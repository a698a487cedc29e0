import { z } from 'zod';
import type { EventOutcome } from '../../src/observability/metrics.ts';

/** People set it to act on a deal. */
const ACTION_PROPERTY = 'dealseat_action';

/** HubSpot's object type of deals, sent with `object.*` events. */
const DEAL_OBJECT_TYPE = '0-3';

/** Far more than HubSpot merges into one deal; each starts a run. */
const MAX_MERGED = 250;

const id = z.union([z.int().positive().transform(String), z.string().regex(/^\d{1,20}$/)]);

/**
 * Both spellings of an event: legacy apps send `deal.propertyChange`, project apps `object.propertyChange` with
 * `objectTypeId`; the documentation calls the type `eventType`, what arrives is called `subscriptionType`.
 * Everything else is left unchecked: HubSpot adds fields and values as it likes.
 */
const eventSchema = z.looseObject({
  portalId: id,
  objectId: id,
  eventId: id.optional().catch(undefined),
  subscriptionType: z.string().optional(),
  eventType: z.string().optional(),
  objectTypeId: z.string().nullish(),
  propertyName: z.string().nullish(),
  propertyValue: z.union([z.string(), z.number().transform(String)]).nullish(),
  primaryObjectId: id.nullish(),
  newObjectId: id.nullish(),
  mergedObjectIds: z.array(id).max(MAX_MERGED).optional().catch(undefined),
  // It is remembered for a while, so it is bounded.
  changeSource: z.string().max(64).optional().catch(undefined),
});

type HubSpotEvent = z.infer<typeof eventSchema>;

export type Verdict =
  | {
      readonly start: true;
      readonly dealIds: readonly string[];
      readonly eventId: string;
      readonly changeSource: string;
    }
  | { readonly start: false; readonly outcome: EventOutcome };

export interface JudgeContext {
  readonly portalId: string;
  /** Ids of the won stages of all pipelines; null when they are not known yet. */
  readonly wonStages: ReadonlySet<string> | null;
  /** The one spelling of a deal id, or null for what is none. */
  readonly dealId: (text: string) => string | null;
}

/** Whether an event can mean that a deal was won, or that people act on one. It is a hint only: the run reads the deal and decides. */
export function judgeHubSpotEvent(input: unknown, context: JudgeContext): Verdict {
  const parsed = eventSchema.safeParse(input);
  if (!parsed.success) return { start: false, outcome: 'malformed' };
  const event = parsed.data;
  const type = event.subscriptionType ?? event.eventType;
  if (type === undefined) return { start: false, outcome: 'malformed' };
  if (event.portalId !== context.portalId) return { start: false, outcome: 'other_account' };
  if (!isAboutDeal(event, type)) return { start: false, outcome: 'other_object' };

  switch (type.slice(type.indexOf('.') + 1)) {
    case 'propertyChange':
      if (event.propertyName === ACTION_PROPERTY) {
        // That Dealseat has emptied it is no news.
        if (!event.propertyValue) return { start: false, outcome: 'other_event' };
        return startOf(event, context, event.objectId);
      }
      if (event.propertyName !== 'dealstage') return { start: false, outcome: 'other_event' };
      if (!mayBeWon(event, context.wonStages)) return { start: false, outcome: 'not_won' };
      return startOf(event, context, event.objectId);
    // A deal may be created, or come back from the bin, in a won stage; these events do not tell the stage.
    case 'creation':
    case 'restore':
      return startOf(event, context, event.objectId);
    // The survivor of a merge may have a new id, and may be won by what it took over. A run of a deal that is gone
    // has to hear of it, or it goes on waiting for somebody's help.
    case 'merge': {
      const survivor = event.newObjectId ?? event.primaryObjectId ?? event.objectId;
      const gone = [
        ...(event.primaryObjectId ? [event.primaryObjectId] : []),
        ...(event.mergedObjectIds ?? []),
      ];
      return startOf(event, context, survivor, gone);
    }
    default:
      return { start: false, outcome: 'other_event' };
  }
}

function isAboutDeal(event: HubSpotEvent, type: string): boolean {
  return event.objectTypeId ? event.objectTypeId === DEAL_OBJECT_TYPE : type.startsWith('deal.');
}

function mayBeWon(event: HubSpotEvent, wonStages: ReadonlySet<string> | null): boolean {
  return (
    wonStages === null || (typeof event.propertyValue === 'string' && wonStages.has(event.propertyValue))
  );
}

function startOf(
  event: HubSpotEvent,
  context: Pick<JudgeContext, 'dealId'>,
  objectId: string,
  alsoTold: readonly string[] = [],
): Verdict {
  const dealId = context.dealId(objectId);
  if (dealId === null) return { start: false, outcome: 'malformed' };
  const others = alsoTold.flatMap((other) => context.dealId(other) ?? []);
  const { eventId = 'unknown', changeSource = '' } = event;
  return { start: true, dealIds: [...new Set([dealId, ...others])], eventId, changeSource };
}
