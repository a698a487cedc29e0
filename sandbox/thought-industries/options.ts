import { type Catalog, EXAMPLE_CATALOGUE } from './catalog.ts';

export interface RateLimit {
  /** Requests a window. */
  readonly limit: number;
  readonly windowMs: number;
  /** Customers have met answers without `Retry-After`. */
  readonly sendRetryAfter: boolean;
}

/** Every switch may be changed while the stand-in runs, on `state.options`. */
export interface TiOptions {
  apiKey: string;
  /** Milliseconds since the epoch. */
  now: () => number;
  catalog: Catalog;
  /** From the create call until the last code is listed. Infinity: never. */
  listingDelayMs: number;
  /** In how many equal steps the codes appear over `listingDelayMs`; the last step lists all. */
  listingBatches: number;
  /** From the create call until the search finds the group; the plain list has it at once. */
  indexDelayMs: number;
  /** From redeeming a code until the group's counter has seen it. */
  counterDelayMs: number;
  /** Below `/incoming/v2`, with `{groupId}`, perhaps in the query; null: the tenant lists no codes (404). */
  codesPath: string | null;
  /** Below `/incoming/v2`, with `{code}`; null: the tenant tells no details of a code (404). */
  codeDetailsPath: string | null;
  codesPerPage: number;
  /** `documented` wraps bodies of events and look-ups in `data.API…` and reads ISO dates; `observed` does neither. */
  profile: 'observed' | 'documented';
  /** Whether the content list shows courses, or their groups, each with its `displayCourse`. */
  contentShows: 'courses' | 'courseGroups';
  rateLimit: RateLimit;
  /** The vendor's pages leave open which of the two a create answers. */
  createStatus: 200 | 201;
  /** The vendor's pages leave open which one a refused create answers. */
  invalidStatus: 400 | 409 | 422;
  /** Whether a Panorama client may be combined with content and access days; the vendor leaves it open. */
  panoramaTakesContent: boolean;
  /** `total` of the group list counts only the rows of its page, as in the vendor's sample. */
  misreportTotal: boolean;
  /** `total` of a code list, of which `shown` are on the page; null: none is told. */
  codesTotal: (listed: number, shown: number) => number | null;
  /** The next page that is asked for by cursor hands out that cursor again. Turns itself off. */
  repeatCursorOnce: boolean;
  /** Every page but the first starts with the last row of the page before, as when rows were inserted. */
  duplicateRows: boolean;
  /** Whether a user shows allocated paths and licenses, as in production, or the fields of the vendor's page alone. */
  userShows: 'allocations' | 'documented';
  /** Whether access that is over leaves the lists of its user, or stays there with its state. */
  endedAccess: 'gone' | 'marked';
  /** Whether a user is found by e-mail address, too; the vendor's page speaks of ids. */
  usersByEmail: boolean;
  /** How a user that cannot be created is answered: the vendor's own client reads errors whatever the status. */
  refusedUserStatus: 200 | 400 | 409 | 422;
  /** What a reset of content is answered that the user has no access to. */
  resetWithoutAccess: 200 | 404;
  /** From redeeming a code until the event feed shows it. */
  eventDelayMs: number;
  /** Redemptions that the feed never shows. */
  losesEvent: (code: string) => boolean;
  /** What a date of the other profile comes to: an error, no filter, or no events. */
  wrongDateForm: 'refused' | 'ignored' | 'nothing';
  /** The code number `n` (from 0, over all groups) of `length` characters; null: random. */
  codeSource: ((n: number, length: number) => string) | null;
}

export type TiSandboxOptions = Partial<TiOptions>;

export function withDefaults(given: TiSandboxOptions): TiOptions {
  return {
    apiKey: 'sandbox-ti-key',
    now: Date.now,
    catalog: EXAMPLE_CATALOGUE,
    listingDelayMs: 0,
    listingBatches: 1,
    indexDelayMs: 0,
    counterDelayMs: 0,
    codesPath: '/redemptionCodes/{groupId}/codes',
    codeDetailsPath: '/redemptionCodes/codes/{code}',
    codesPerPage: 50,
    profile: 'observed',
    contentShows: 'courses',
    rateLimit: { limit: 600, windowMs: 60_000, sendRetryAfter: true },
    createStatus: 201,
    invalidStatus: 422,
    panoramaTakesContent: true,
    misreportTotal: true,
    codesTotal: (listed) => listed,
    repeatCursorOnce: false,
    duplicateRows: false,
    userShows: 'allocations',
    endedAccess: 'gone',
    usersByEmail: true,
    refusedUserStatus: 200,
    resetWithoutAccess: 200,
    eventDelayMs: 0,
    losesEvent: () => false,
    wrongDateForm: 'refused',
    codeSource: null,
    ...given,
  };
}
