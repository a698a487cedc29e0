import type { DealMark } from '../domain/deal/deal.ts';

/** What the deal says was handed out. */
export interface Claim {
  readonly hasLedger: boolean;
  readonly seatCount: number | null;
  readonly groups: readonly ClaimedGroup[];
  readonly roster: Receipt | null;
}

interface ClaimedGroup {
  readonly name: string;
  readonly token: string;
  readonly id: string | undefined;
  /** Codes that were made, and those that the customer may use; null on deals without a ledger. */
  readonly issued: number | null;
  readonly active: number | null;
}

export interface Receipt {
  readonly codeCount: number;
  readonly sha256: string;
}

/**
 * From the ledger. Deals that were delivered before there was one have only labels, ids and a total. Null while
 * nothing was delivered.
 */
export function claimOf({
  status,
  groupIds,
  groupLabels,
  seatCount,
  ledger,
}: DealMark): Claim | 'unreadable' | null {
  if (ledger === 'unreadable') return ledger;
  if (ledger !== null && ledger.groups.length > 0) {
    const nameOf = (token: string) => groupLabels.find((label) => tokenOf(label) === token) ?? token;
    return {
      hasLedger: true,
      seatCount,
      groups: ledger.groups.map(({ token, group, issued, active }) => ({
        name: nameOf(token),
        token,
        id: group,
        issued,
        active,
      })),
      roster: ledger.roster && { codeCount: ledger.roster.codes, sha256: ledger.roster.sha256 },
    };
  }
  if (status !== 'Delivered') return null;
  return {
    hasLedger: false,
    seatCount,
    groups: groupLabels.map((label, index) => ({
      name: label,
      token: tokenOf(label),
      id: groupIds[index],
      issued: null,
      active: null,
    })),
    roster: null,
  };
}

function tokenOf(label: string): string {
  return label.slice(label.lastIndexOf('-') + 1);
}

/** What the run wrote on the deal when it delivered. */
export function receiptIn(detail: string | null): Receipt | null {
  const match = /(\d+) codes in the roster, SHA-256 ([0-9a-f]{64})/.exec(detail ?? '');
  return match?.[1] && match[2] ? { codeCount: Number(match[1]), sha256: match[2] } : null;
}
