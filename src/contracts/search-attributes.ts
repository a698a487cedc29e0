import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';

/** What operators can filter runs by. Visibility stores these as plain text, so no code or address may enter. */
export const searchAttributeKeys = {
  status: defineSearchAttributeKey('DealseatStatus', SearchAttributeType.KEYWORD),
  crm: defineSearchAttributeKey('DealseatCrm', SearchAttributeType.KEYWORD),
  dealId: defineSearchAttributeKey('DealseatDealId', SearchAttributeType.KEYWORD),
  /** As the CRM has it, cut where it is very long. */
  dealName: defineSearchAttributeKey('DealseatDealName', SearchAttributeType.KEYWORD),
  seats: defineSearchAttributeKey('DealseatSeats', SearchAttributeType.INT),
  groupLabels: defineSearchAttributeKey('DealseatGroupLabels', SearchAttributeType.KEYWORD_LIST),
  failureCode: defineSearchAttributeKey('DealseatFailureCode', SearchAttributeType.KEYWORD),
  /** Who or what the run waits for, one of `WAITS_FOR`; unset while it is at work, and once it is over. */
  waitsFor: defineSearchAttributeKey('DealseatWaitsFor', SearchAttributeType.KEYWORD),
  undoFailed: defineSearchAttributeKey('DealseatUndoFailed', SearchAttributeType.BOOL),
  /** The last change of the deal's record, by the CRM's clock, that the run has read. */
  readUpTo: defineSearchAttributeKey('DealseatReadUpTo', SearchAttributeType.DATETIME),
};

export type SearchAttributeKind = 'Keyword' | 'Int' | 'Bool' | 'Datetime' | 'KeywordList' | 'Text';

/** The same attributes in the words of `temporal server start-dev --search-attribute` and of the operator service. */
export const SEARCH_ATTRIBUTES: Readonly<Record<string, SearchAttributeKind>> = Object.fromEntries(
  Object.values(searchAttributeKeys).map((key) => [key.name, kindOf(key)]),
);

function kindOf(key: { type: SearchAttributeType }): SearchAttributeKind {
  switch (key.type) {
    case SearchAttributeType.KEYWORD:
      return 'Keyword';
    case SearchAttributeType.INT:
      return 'Int';
    case SearchAttributeType.BOOL:
      return 'Bool';
    case SearchAttributeType.DATETIME:
      return 'Datetime';
    case SearchAttributeType.KEYWORD_LIST:
      return 'KeywordList';
    default:
      return 'Text';
  }
}
