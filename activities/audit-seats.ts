import type { AlertActivities } from '../src/contracts/alert.ts';
import type { SeatAuditActivities } from '../src/contracts/seat-audit.ts';
import { problem } from '../src/domain/failure.ts';
import { countOf } from '../src/domain/words.ts';
import { cancellationSignal } from './earlier-attempts.ts';

/** The audit itself, which a command runs too; `src/runs/audit/audit-seats.ts` has it. */
export interface SeatAuditDeps {
  readonly audit: (bounds: {
    readonly limit: number;
    readonly maxRequests: number;
    readonly signal: AbortSignal;
  }) => Promise<Audit>;
  readonly raiseAlert: AlertActivities['raiseAlert'];
}

interface Audit {
  readonly orders: number;
  readonly requests: number;
  readonly isComplete: boolean;
  readonly findings: readonly {
    readonly kind: string;
    readonly text: string;
    readonly order: {
      readonly crm: string;
      readonly account: string;
      readonly deal_id: string;
      readonly deal_name: string;
      readonly deal_url: string;
    };
  }[];
}

/** Operators hear of each kind of difference of an account once, however many deals have it. */
export function createSeatAuditActivities({ audit, raiseAlert }: SeatAuditDeps): SeatAuditActivities {
  return {
    async auditSomeSeats({ limit, maxRequests }) {
      const signal = cancellationSignal();
      const { findings, ...sum } = await audit({ limit, maxRequests, signal });
      const alike = Object.values(
        Object.groupBy(findings, ({ kind, order: { crm, account } }) => `${crm} ${account} ${kind}`),
      );
      for (const [first, ...others] of alike.map((some) => some ?? [])) {
        if (first === undefined) continue;
        const { kind, text, order } = first;
        const more =
          others.length === 0
            ? ''
            : ` ${countOf(others.length, 'more difference')} like this ${others.length === 1 ? 'was' : 'were'} found.`;
        const { cure } = problem('store.differs', text);
        const { crm, account, deal_id: dealId, deal_name: name, deal_url: url } = order;
        await raiseAlert({
          cause: { code: 'store.differs', scope: { crm, account }, about: kind },
          message: `${text}${more}`,
          cure,
          deal: { crm, account, dealId, name, url },
          isUntold: true,
        });
      }
      return { ...sum, findings: findings.length };
    },
  };
}
