import type { SandboxResponse } from '../exchange.ts';
import { page } from './paging.ts';
import type { TiCode, TiState } from './state.ts';

/** The vendor names this call without showing its answer; the shape is the best guess that its other pages allow. */
export function listCodes(state: TiState, groupId: string, query: URLSearchParams): SandboxResponse {
  const listed = state.listedCodesOf(groupId);
  const { codesPerPage, codesTotal } = state.options;
  if (listed.length < state.codesOf(groupId).length) state.changedAnswers.listingDelayMs += 1;
  const { rows, hasMore, cursor } = page({
    all: listed,
    perPage: codesPerPage,
    cursor: query.get('cursor'),
    state,
  });
  return {
    status: 200,
    body: {
      redemptionCodes: rows.map(codeJson),
      pageInfo: { total: codesTotal(listed.length, rows.length), perPage: codesPerPage, hasMore, cursor },
    },
  };
}

export function codeDetails(state: TiState, code: TiCode): SandboxResponse {
  const label = state.group(code.groupId)?.label;
  return { status: 200, body: { ...codeJson(code), redemptionCodeGroup: { id: code.groupId, label } } };
}

function codeJson(code: TiCode): Record<string, unknown> {
  return {
    id: code.id,
    code: code.code,
    redeemed: code.redeemedAtMs !== null,
    redeemedAt: code.redeemedAtMs === null ? null : new Date(code.redeemedAtMs).toISOString(),
    redeemedByUserId: code.redeemedBy?.id ?? null,
    createdAt: new Date(code.createdAtMs).toISOString(),
  };
}
