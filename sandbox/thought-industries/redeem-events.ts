import type { SandboxResponse } from '../exchange.ts';
import { Refusal } from './refusal.ts';
import type { TiCode, TiState } from './state.ts';

const EVENTS_PER_PAGE = 100;

/**
 * `GET /events/redemptionCodeRedeem`, newest first. An event has neither an id of its own nor the id of its group:
 * only the group's label and the code tell what was redeemed.
 */
export function listRedeemEvents(state: TiState, query: URLSearchParams): SandboxResponse {
  const { profile } = state.options;
  const from = readTime(query, 'startDate', state) ?? Number.NEGATIVE_INFINITY;
  const to = readTime(query, 'endDate', state) ?? Number.POSITIVE_INFINITY;
  const userId = query.get('userId');
  const before = readCursor(query.get('cursor'));
  const all = redeemed(state)
    .filter(({ atMs, code }) => atMs >= from && atMs <= to && (!userId || code.redeemedBy?.id === userId))
    .toSorted((a, b) => b.atMs - a.atMs);
  const left = all.filter(({ atMs }) => atMs < before);
  const rows = left.slice(0, EVENTS_PER_PAGE);
  const hasMore = left.length > rows.length;
  const last = rows.at(-1);
  const body = {
    pageInfo: {
      perPage: EVENTS_PER_PAGE,
      cursor: hasMore && last ? cursorAt(last.atMs) : null,
      total: all.length,
      hasMore,
    },
    events: rows.map(({ code, atMs }) => eventJson(state, code, atMs)),
  };
  return { status: 200, body: profile === 'documented' ? { data: { APIEvents: body } } : body };
}

/** Those that the feed shows by now. */
function redeemed({ codes, options }: TiState): { readonly code: TiCode; readonly atMs: number }[] {
  const seenUntil = options.now() - options.eventDelayMs;
  return codes.flatMap((code) => {
    const { redeemedAtMs: atMs } = code;
    return atMs === null || atMs > seenUntil || options.losesEvent(code.code) ? [] : [{ code, atMs }];
  });
}

/** As the outbound webhook tells it. */
export function redemptionOf(state: TiState, code: TiCode): Record<string, unknown> {
  return eventJson(state, code, code.redeemedAtMs ?? state.options.now());
}

function eventJson(state: TiState, code: TiCode, atMs: number): Record<string, unknown> {
  return {
    event: 'redemptionCodeRedeem',
    timestamp: new Date(atMs).toISOString(),
    redemptionCode: code.code,
    redemptionCodeGroupLabel: state.group(code.groupId)?.label,
    user: code.redeemedBy?.email,
    userDetail: {
      id: code.redeemedBy?.id,
      email: code.redeemedBy?.email,
      firstName: code.redeemedBy?.firstName ?? null,
      lastName: code.redeemedBy?.lastName ?? null,
    },
  };
}

/** Milliseconds in practice, ISO 8601 by the vendor's event pages. NaN lies in no window. */
function readTime(query: URLSearchParams, name: string, { options }: TiState): number | null {
  const value = query.get(name);
  if (value === null) return null;
  const time = options.profile === 'observed' ? Number(value) : Date.parse(value);
  if (!Number.isNaN(time) || options.wrongDateForm === 'nothing') return time;
  if (options.wrongDateForm === 'ignored') return null;
  throw new Refusal(400, `Invalid ${name}`);
}

/** A position in time, base64 without padding; so events of the millisecond at a page's end are lost. */
function cursorAt(atMs: number): string {
  return Buffer.from(String(atMs)).toString('base64').replaceAll('=', '');
}

function readCursor(cursor: string | null): number {
  if (cursor === null) return Number.POSITIVE_INFINITY;
  const text = Buffer.from(cursor, 'base64').toString();
  if (!/^\d{1,15}$/.test(text)) throw new Refusal(400, 'Invalid cursor');
  return Number(text);
}
