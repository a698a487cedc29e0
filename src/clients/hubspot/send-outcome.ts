import { DealseatError, problem } from '../../domain/failure.ts';
import type { MessageOutcome } from '../../domain/seats/message-outcome.ts';
import type { Message, SendHistory } from '../crm.ts';

/** HubSpot's clock and ours may differ by this much. */
const CLOCK_SKEW_MS = 60_000;

/** Whether what HubSpot dates so may be of an earlier attempt at this message. */
export function mayBeOfEarlierAttempt(at: Date, { mayBeOutSince }: SendHistory): boolean {
  return mayBeOutSince !== null && at.getTime() >= mayBeOutSince - CLOCK_SKEW_MS;
}

/**
 * Turns the failures of `attempt` that a repeat does not cure into an outcome. They prove that nothing is out, unless an
 * earlier attempt may have sent the message: then no refusal of a look or of a repeat proves that it did not.
 */
export async function outcomeOf(
  { contactId, sendKey }: Message,
  { mayBeOutSince }: SendHistory,
  attempt: () => Promise<MessageOutcome>,
): Promise<MessageOutcome> {
  try {
    return inDoubtIfEarlier(await attempt());
  } catch (error) {
    if (!(error instanceof DealseatError)) throw error;
    if (error.class !== 'attention' && error.class !== 'never') throw error;
    // Perhaps no refusal yet: whoever has the patience says so.
    if (error.mayPass) throw error;
    // Says nothing of the message: not one call may be made with this token.
    if (error.code === 'crm.account_mismatch') throw error;
    if (error.code === 'crm.mail_unknown') return inDoubt(error.message);
    return inDoubtIfEarlier({ is: 'refused', problem: problem(error.code, error.message) });
  }

  function inDoubtIfEarlier(outcome: MessageOutcome): MessageOutcome {
    if (outcome.is !== 'refused' || mayBeOutSince === null) return outcome;
    const { code, message } = outcome.problem;
    return inDoubt(
      `The message to contact ${contactId} (${sendKey}) may have been sent by an earlier attempt. The last one met ${code}: ${message}`,
    );
  }
}

export function inDoubt(message: string): MessageOutcome {
  return { is: 'inDoubt', problem: problem('crm.mail_unknown', message) };
}

export function rejected(message: string): MessageOutcome {
  return { is: 'refused', problem: problem('crm.mail_rejected', message) };
}
