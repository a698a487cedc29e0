import { Context } from '@temporalio/activity';
import type { Patience, UnderHold } from '../src/contracts/activities.ts';
import type { RunStatus, Source } from '../src/contracts/run.ts';
import type { DealseatError } from '../src/domain/failure.ts';
import { repeatsText } from '../src/domain/texts/waiting.ts';
import { type ActivityDeps, crmOf } from './deps.ts';
import { lookAtRecord } from './hold.ts';
import { isRepeated } from './patience.ts';

/** After about two minutes: what lasts shorter is not worth an edit of the deal. */
const SAID_AT_ATTEMPT = 8;

const SAID = `Dealseat has tried ${SAID_AT_ATTEMPT} times to continue with this deal`;
const WAITING: RunStatus = 'NeedsAttention';

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
      const result = await step(input);
      if (Context.current().info.attempt > SAID_AT_ATTEMPT) await unsay(deps, input);
      return result;
    } catch (error) {
      if (Context.current().info.attempt === SAID_AT_ATTEMPT && isRepeated(error, input)) {
        // That this cannot be said, as where the CRM itself is away, fails nothing.
        await say(deps, input, error).catch(() => undefined);
      }
      throw error;
    }
  };
}

async function say(deps: ActivityDeps, { deal, hold, source }: Input, failure: DealseatError): Promise<void> {
  if (hold === undefined) return;
  const { record, verdict } = await lookAtRecord(deps, { deal, hold });
  const isOurs = verdict.is === 'held' || verdict.is === 'fresh';
  // Told of by an event, it is perhaps won. A status would make it Dealseat's, however old it turns out to be.
  const isAwaited = record.status === null && verdict.is === 'free' && source === 'event';
  if (!isOurs && !isAwaited) return;
  // What a run that waits asks for must stay.
  if (source !== undefined && record.status === WAITING) return;
  const detail = repeatsText({ at: deps.now(), said: SAID, code: failure.code });
  await crmOf(deps, deal).writeDealFields(deal.dealId, { detail });
}

/** A deal that the reading finds to be none of ours gets no status, so nothing else would take the text away. */
async function unsay(deps: ActivityDeps, input: Input): Promise<void> {
  const { deal, hold, source } = input;
  if (hold === undefined || source === undefined) return;
  try {
    const { record } = await lookAtRecord(deps, { deal, hold });
    if (record.status !== null || record.detail?.includes(SAID) !== true) return;
    await crmOf(deps, deal).writeDealFields(deal.dealId, { detail: null });
  } catch (error) {
    // Otherwise the step is done, and whoever does not let the text be taken away has it.
    if (isRepeated(error, input)) throw error;
  }
}
