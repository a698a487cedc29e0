import { createHash } from 'node:crypto';
import type { Crm } from '../clients/crm.ts';
import { DEFAULT_POLICY } from '../contracts/policy.ts';
import { calendarDay, dayEndZone } from '../domain/deal/calendar.ts';
import type { Catalog } from '../domain/deal/catalog.ts';
import type { CrmFacts } from '../domain/deal/crm-facts.ts';
import type { Deal } from '../domain/deal/deal.ts';
import type { Sealer } from '../domain/deal/ledger.ts';
import { UNWRITTEN } from '../domain/deal/unwritten.ts';
import type { Problem } from '../domain/failure.ts';
import { compare, type DealAtHand } from '../domain/planning/compare.ts';
import { NO_FACTS } from '../domain/planning/facts.ts';
import type { Plan } from '../domain/planning/plan.ts';
import { plan } from '../domain/planning/read.ts';

interface PlanOptions {
  readonly crm: Crm;
  readonly facts: CrmFacts;
  readonly catalog: Catalog;
  readonly sealer: Sealer;
  readonly dealId: string;
  readonly nowMs: number;
  readonly signal: AbortSignal;
}

export type PlannedMails =
  /** `asFirst`: the deal asks for nothing now, so it is shown as if it were won and delivered for the first time. */
  | { readonly is: 'planned'; readonly plan: Plan; readonly deal: Deal; readonly asFirst: boolean }
  | { readonly is: 'blocked'; readonly problems: readonly Problem[] };

/** The plan whose mails a preview shows. Reads the deal alone: neither Temporal nor the learning platform is asked. */
export async function planMails(options: PlanOptions): Promise<PlannedMails> {
  const { crm, facts, catalog, sealer, dealId, nowMs, signal } = options;
  const deal = await crm.readDeal(dealId, signal);
  const rules = {
    sha256,
    sealer,
    today: calendarDay(nowMs, dayEndZone(catalog)),
    crm: facts,
    source: 'person',
    wonSince: null,
    closedLongAgoMs: DEFAULT_POLICY.closedLongAgoMs,
  } as const satisfies DealAtHand['rules'];
  const readingOf = (at: Deal) => plan(compare({ deal: at, catalog, rules, inherited: [] }), NO_FACTS);
  const reading = readingOf(deal);
  if (reading.kind === 'more' && reading.plan.messages.length > 0) {
    return { is: 'planned', plan: reading.plan, deal, asFirst: false };
  }
  if (reading.kind === 'blocked') return { is: 'blocked', problems: reading.problems };
  const { leftOut: _, ...counted } = deal;
  const first = { ...counted, isWon: true, written: UNWRITTEN };
  const asIfFirst = readingOf(first);
  if (asIfFirst.kind === 'more') return { is: 'planned', plan: asIfFirst.plan, deal, asFirst: true };
  return { is: 'blocked', problems: asIfFirst.kind === 'blocked' ? asIfFirst.problems : [] };
}

function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
