import { DealseatError } from '../../domain/failure.ts';

/**
 * Makes something that must exist once: looks first, creates, and after an unknown outcome looks again.
 * Throws the create's `crm.outcome_unknown` when it is still not there: it may show up later.
 */
export async function ensureOnce<T>(steps: {
  readonly find: () => Promise<T | null>;
  readonly create: () => Promise<T>;
}): Promise<T> {
  return (await steps.find()) ?? withReadBack(steps.create, steps.find);
}

/**
 * Runs a write. When its answer is lost or unreadable, which includes a success code that the client does not
 * know (in August 2025 HubSpot changed a 201 to 200 and every client took finished writes for failures), asks
 * `readBack` whether it took effect: null means no.
 */
export async function withReadBack<T>(
  write: () => Promise<T>,
  readBack: () => Promise<T | null>,
): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (!isInDoubt(error)) throw error;
    const found = await readBack().catch((readError: unknown) => {
      // The doubt about the write is the graver news; a bug in the read is a bug all the same.
      if (readError instanceof DealseatError) return null;
      throw readError;
    });
    if (found === null) throw error;
    return found;
  }
}

function isInDoubt(error: unknown): boolean {
  return (
    error instanceof DealseatError &&
    (error.code === 'crm.outcome_unknown' || error.code === 'crm.bad_response')
  );
}
