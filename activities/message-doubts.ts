import type { MessageRef } from '../src/clients/crm.ts';
import type { MessageOutcome } from '../src/contracts/message-outcomes.ts';
import { DealseatError } from '../src/domain/failure.ts';

/** After an attempt that may have sent the message, no refusal of a look or of a repeat proves that it was not sent. */
export function inDoubt(error: unknown, { contactId, sendKey }: MessageRef): unknown {
  if (!(error instanceof DealseatError) || error.class !== 'attention') return error;
  if (error.code === 'crm.mail_unknown') return error;
  return new DealseatError({
    code: 'crm.mail_unknown',
    message: `The message to contact ${contactId} (${sendKey}) may have been sent by an earlier attempt. The last one met ${error.code}: ${error.message}`,
    cause: error,
  });
}

/** One failure for all messages in doubt, with the words of the first. */
export function allInDoubt(first: DealseatError, count: number): DealseatError {
  if (count === 1) return first;
  const message = `${count} messages may or may not have been sent; where only some are missing, send those by hand. The first of them: ${first.message}`;
  return new DealseatError({ code: first.code, message, cause: first });
}

/** The failure as the workflow gets it, with what it hands to the next execution of the step. */
export function withOutcomes(
  error: DealseatError,
  outcomes: ReadonlyMap<string, MessageOutcome>,
): DealseatError {
  const { code, message, retryAfterMs, cause } = error;
  const details = { messages: Object.fromEntries(outcomes) };
  return new DealseatError({ code, message, retryAfterMs, cause, details });
}
