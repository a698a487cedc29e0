import type { SandboxResponse } from '../exchange.ts';
import { groupJson } from './group-json.ts';
import { matchesQuery } from './group-search.ts';
import { page } from './paging.ts';
import { Refusal } from './refusal.ts';
import type { TiGroup, TiState } from './state.ts';

const GROUPS_PER_PAGE = 50;

export function listGroups(state: TiState, query: URLSearchParams): SandboxResponse {
  const text = query.get('query') ?? '';
  note(state.searches, text.trim());
  const found =
    text.trim() === '' ? [...state.groups] : state.groups.filter((group) => matchesQuery(group, text));
  const shown = text.trim() === '' ? found : found.filter((group) => state.isIndexed(group));
  if (shown.length < found.length) state.changedAnswers.indexDelayMs += 1;
  const all = sorted(shown, query.get('sort'));
  const { rows, hasMore, cursor } = page({
    all,
    perPage: GROUPS_PER_PAGE,
    cursor: query.get('cursor'),
    state,
  });
  return {
    status: 200,
    body: {
      redemptionCodeGroups: rows.map((group) => groupJson(state, group)),
      pageInfo: { total: state.options.misreportTotal ? rows.length : all.length, hasMore, cursor },
    },
  };
}

const KEPT_SEARCHES = 1_000;

function note(searches: string[], text: string): void {
  if (text === '') return;
  searches.push(text);
  if (searches.length > KEPT_SEARCHES) searches.shift();
}

/** Newest first unless asked otherwise, so a create call shifts every page. */
function sorted(groups: readonly TiGroup[], sort: string | null): TiGroup[] {
  switch (sort) {
    case null:
      return groups.toReversed();
    case 'label:asc':
      return groups.toSorted((a, b) => compare(a.label, b.label));
    case 'label:desc':
      return groups.toSorted((a, b) => compare(b.label, a.label));
    default:
      throw new Refusal(400, 'Invalid sort');
  }
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
