import { Context } from '@temporalio/activity';
import type { Patience, UnderHold } from '../src/contracts/activities.ts';
import type { Source } from '../src/contracts/run.ts';
import { DealseatError } from '../src/domain/failure.ts';
import { type ActivityDeps, crmOf } from './deps.ts';
import { lookAtRecord } from './hold.ts';
import { mayStillPass } from './patience.ts';

/** After about two minutes: what lasts shorter is not worth an edit of the deal. */
const SAID_AT_ATTEMPT = 8;

/** A preview, which says nothing on the deal, has no hold. */
type Input = Pick<UnderHold, 'deal'> &
  Partial<Pick<UnderHold, 'hold'>> &
  Patience & { readonly source?: Source };

/**
 * A step that says in the deal's detail field, once, that it fails and is repeated: it may be so for hours, and nobody is
 * asked meanwhile. The next status takes its place.
 */
export function sayingRepeats<I extends Input, R>(
  deps: ActivityDeps,
  step: (input: I) => Promise<R>,
): (input: I) => Promise<R> {
  return async (input) => {
    try {
      return await step(input);
    } catch (error) {
      if (Context.current().info.attempt === SAID_AT_ATTEMPT && isRepeated(error, input)) {
        // That this cannot be said, as where the CRM itself is away, fails nothing.
        await say(deps, input, error).catch(() => undefined);
      }
      throw error;
    }
  };
}

function isRepeated(error: unknown, input: Patience): error is DealseatError {
  if (!(error instanceof DealseatError)) return false;
  return (error.class !== 'attention' && error.class !== 'never') || mayStillPass(error, input);
}

async function say(deps: ActivityDeps, { deal, hold, source }: Input, failure: DealseatError): Promise<void> {
  if (hold === undefined) return;
  const { record, verdict } = await lookAtRecord(deps, { deal, hold });
  const isOurs = verdict.is === 'held' || verdict.is === 'fresh';
  // Told of by an event, it is won. A status would make it Dealseat's, however old it turns out to be.
  const isAwaited = record.status === null && verdict.is === 'free' && source === 'event';
  if (!isOurs && !isAwaited) return;
  const at = `${new Date(deps.now()).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  const detail = `${at}: Dealseat has tried ${SAID_AT_ATTEMPT} times to go on with this deal, and goes on trying. Nothing is to be done unless this lasts. The last failure, ${failure.code}: ${failure.message}`;
  await crmOf(deps, deal).writeDealFields(deal.dealId, { detail });
}
