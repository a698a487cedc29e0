import type { Concluded, Conclusion, Crm } from './crm.ts';

type Parts = Pick<Crm, 'writeDealFields' | 'notify' | 'readPrint'>;

/** `Crm.conclude` by one call for each of its parts, one after the other: what is changed during one is seen by the look. */
export async function concludeByCalls(
  crm: Parts,
  { dealId, fields, notice, looks }: Conclusion,
  signal?: AbortSignal,
): Promise<Concluded> {
  await crm.writeDealFields(dealId, fields, signal);
  const told = await orNull(
    crm.notify({ dealId, ...notice }, signal).then(() => true),
    signal,
  );
  const print = looks ? await orNull(crm.readPrint(dealId, signal), signal) : null;
  return { isTold: told !== null, print };
}

async function orNull<T>(part: Promise<T>, signal?: AbortSignal): Promise<T | null> {
  try {
    return await part;
  } catch {
    signal?.throwIfAborted();
    return null;
  }
}
