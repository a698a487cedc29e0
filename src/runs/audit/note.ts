import type { FindingText } from '../../domain/texts/seat-findings.ts';
import type { OrderRow } from '../../store/fill-order.ts';

export interface AuditFinding extends FindingText {
  readonly key: string;
  readonly kind: string;
  readonly order: Pick<OrderRow, 'id' | 'crm' | 'account' | 'deal_id' | 'deal_name' | 'deal_url'>;
}

/** Notes a difference. `about`: what it is about, where an order may have several of its kind. */
export type Note = (kind: string, text: FindingText, about?: string) => void;

export function prefixOf({ id }: Pick<OrderRow, 'id'>): string {
  return `audit:${id}:`;
}
