import type { Crm } from '../../clients/crm.ts';
import { codesOfRoster } from '../../clients/roster-codes.ts';
import type { Deal } from '../../domain/deal/deal.ts';
import { rosterTokenOf } from '../../domain/deal/ids.ts';
import { handedLearners, type Ledger } from '../../domain/deal/ledger.ts';

/** Who the CRM says has codes of the deal. */
export interface PeopleOnDeal {
  readonly ledger: Ledger;
  /** Link fields by contact. */
  readonly links: ReadonlyMap<string, string>;
  readonly people: Awaited<ReturnType<Crm['readRedeemLinks']>>['people'];
  /** Codes of the roster on the deal; null: it is gone, or is no table any more. */
  readonly inRoster: ReadonlySet<string> | null;
}

export async function readPeopleOnDeal(
  crm: Crm,
  { deal, ledger }: { readonly deal: Deal; readonly ledger: Ledger },
  signal: AbortSignal,
): Promise<PeopleOnDeal> {
  const ids = new Set([...deal.contacts.map(({ id }) => id), ...handedLearners(ledger)]);
  const { links, people } =
    ledger.audience === 'learners'
      ? await crm.readRedeemLinks([...ids], signal)
      : { links: new Map<string, string>(), people: new Map() };
  const file = ledger.roster?.file;
  const rosters = file === undefined ? [] : await crm.readRosters(deal.dealId, rosterTokenOf(file), signal);
  const codes = rosters.map(({ csv }) => codesOfRoster(csv));
  const isWhole = codes.length > 0 && codes.every((ofFile) => ofFile !== null);
  return { ledger, links, people, inRoster: isWhole ? new Set(codes.flat()) : null };
}
