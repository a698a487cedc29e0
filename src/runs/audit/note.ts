import type { FindingText } from '../../domain/texts/seat-findings.ts';
import { AUDIT_KEY } from '../../store/audit-orders.ts';
import type { OrderRow } from '../../store/fill-order.ts';

export interface AuditFinding extends FindingText {
  readonly key: string;
  readonly kind: string;
  readonly seatId: string | null;
  readonly order: Pick<OrderRow, 'id' | 'crm' | 'account' | 'deal_id' | 'deal_name' | 'deal_url'>;
}

/** What a finding is about, where an order may have several of its kind. */
interface About {
  readonly about?: string;
  readonly seatId?: string;
}

export interface OrderBounds {
  /** Requests that are left. */
  readonly maxRequests: number;
  readonly signal: AbortSignal;
}

/** What an audit of one order comes to. */
export interface AuditedOrder {
  readonly findings: readonly AuditFinding[];
  /** Beginnings of keys that were not compared this time: what was found of them before stands. Each ends with a colon. */
  readonly left: readonly string[];
  readonly requests: number;
}

export interface Notes {
  /** A difference. */
  note(kind: string, text: FindingText, about?: About): void;
  /** Without `about`: the whole kind. */
  leave(kind: string, about?: About): void;
  /** The order as a whole was not compared. */
  leaveAll(): void;
  spend(requests: number): void;
  audited(): AuditedOrder;
}

export function openNotes(order: OrderRow): Notes {
  const findings: AuditFinding[] = [];
  const left: string[] = [];
  let spent = 0;
  const keyOf = (kind: string, { about, seatId }: About = {}) =>
    [`${AUDIT_KEY}${order.id}:${kind}`, about, seatId].filter((part) => part !== undefined).join(':');
  return {
    note(kind, text, about) {
      const seatId = about?.seatId ?? null;
      findings.push({ key: keyOf(kind, about), kind: `audit.${kind}`, seatId, order, ...text });
    },
    leave: (kind, about) => left.push(`${keyOf(kind, about)}:`),
    leaveAll: () => left.push(AUDIT_KEY),
    spend(requests) {
      spent += requests;
    },
    audited: () => ({ findings, left, requests: spent }),
  };
}
