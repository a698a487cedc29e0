import type { Concluded, Conclusion, Crm } from './crm.ts';

/** `Crm.conclude` by one call for each of its parts, of which the last two have nothing to do with each other. */
export async function concludeByCalls(
  crm: Pick<Crm, 'writeDealFields' | 'notify' | 'readPrint'>,
  { dealId, fields, notice, looks }: Conclusion,
  signal?: AbortSignal,
): Promise<Concluded> {
  await crm.writeDealFields(dealId, fields, signal);
  const [told, look] = await Promise.allSettled([
    crm.notify({ dealId, ...notice }, signal),
    looks ? crm.readPrint(dealId, signal) : null,
  ]);
  signal?.throwIfAborted();
  return {
    isTold: told.status === 'fulfilled',
    print: look.status === 'fulfilled' ? look.value : null,
  };
}
