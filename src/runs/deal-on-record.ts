import { createHash } from 'node:crypto';
import type { Crm } from '../clients/crm.ts';
import type { Deal } from '../domain/deal/deal.ts';
import { type Ledger, readLedger, type Sealer } from '../domain/deal/ledger.ts';
import { foreignNames } from '../domain/planning/binding.ts';
import { namedAsNow } from '../domain/planning/merged-people.ts';

/** What a deal says that it was given, as far as it may be believed. */
export type DealOnRecord =
  | { readonly is: 'delivered'; readonly deal: Deal; readonly ledger: Ledger }
  /** It was given nothing. */
  | { readonly is: 'nothing'; readonly deal: Deal }
  /** The ledger was edited, copied from another deal, or cannot be read. */
  | { readonly is: 'unbelievable'; readonly deal: Deal };

/** Reads the deal and its ledger. Only a sealed ledger of this very deal counts: people can edit the field. */
export async function readDealOnRecord(
  crm: Pick<Crm, 'readDeal'>,
  sealer: Sealer,
  dealId: string,
  signal?: AbortSignal,
): Promise<DealOnRecord> {
  const deal = await crm.readDeal(dealId, signal);
  const read = readLedger(deal.written.ledger, deal, sealer);
  if (read === null) return { is: 'nothing', deal };
  if (read === 'unreadable' || !read.isSealed) return { is: 'unbelievable', deal };
  const ledger = namedAsNow(read.ledger, deal);
  if (foreignNames(ledger, deal, sha256).length > 0) return { is: 'unbelievable', deal };
  return ledger.groups.length === 0 ? { is: 'nothing', deal } : { is: 'delivered', deal, ledger };
}

function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
