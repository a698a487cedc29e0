import type { Grants } from '../domain/deal/catalog.ts';

/** What the platform shows that a learner has, by the ids of the catalog. */
export interface Holdings extends Grants {
  /** Per kind: whether the list is whole. Where it is not, a missing id says nothing. */
  readonly known: Readonly<Record<keyof Grants, boolean>>;
}

/** A user of the learning platform. Their address appears in no log, message or history. */
export interface Learner {
  readonly id: string;
  /** As the platform spells it. */
  readonly email: string;
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly holds: Holdings;
}

export interface GrantRequest {
  readonly email: string;
  readonly firstName: string | null;
  readonly lastName: string | null;
  /** At least one id in all. */
  readonly grants: Grants;
  /** Id of the Panorama client that the learner belongs to. */
  readonly client?: string | null;
  /** Our own key of the person, for single sign-on. Never changed once set, as far as the platform tells. */
  readonly externalCustomerId?: string | null;
}

/** Access of one learner. */
export interface LearnerGrants {
  readonly userId: string;
  readonly grants: Grants;
}

export interface AccessEnd extends LearnerGrants {
  /** UTC instant. One of the past ends the access. */
  readonly until: string;
}

/** What the platform shows of one id. */
export interface HeldGrant {
  readonly kind: keyof Grants;
  readonly id: string;
  readonly held: 'yes' | 'no' | 'unknown';
}

/** What the platform knows of learners, and what it lets us do about their access. Makes every call once. */
export interface Learners {
  /**
   * Read. By e-mail address, whatever its case. Null: the platform has no such user, or finds none by address; `grant`
   * finds a user who is there all the same.
   */
  find(email: string, signal?: AbortSignal): Promise<Learner | null>;
  /** Read. Throws `lms.learner_not_found`. */
  read(userId: string, signal?: AbortSignal): Promise<Learner>;
  /**
   * Creates the user or finds the one of this address, and gives access. The platform sends no invitation.
   * Throws `lms.outcome_unknown` when the request may have been carried out; a repeat gives nothing twice.
   */
  grant(request: GrantRequest, signal?: AbortSignal): Promise<{ readonly userId: string }>;
  /**
   * Sets the end of access of courses, learning paths and licenses; a repeat sets the same again.
   * Throws `lms.cannot_set_access_end` for bundles (nothing was changed), `lms.partly_done` when the platform changed
   * fewer than were asked for.
   */
  setAccessEnd(request: AccessEnd, signal?: AbortSignal): Promise<void>;
  /**
   * Ends access at once and keeps progress and transcript; a repeat ends it again. Throws `lms.cannot_revoke` when an
   * admin must end a part of it by hand (the message names it; the rest was ended), `lms.learner_not_found`. Licenses are
   * replaced as a whole, so one learner's access is changed by one caller at a time.
   */
  revoke(request: LearnerGrants, signal?: AbortSignal): Promise<void>;
  /** Read. One entry for each id of the grants. Throws `lms.learner_not_found`. */
  holds(request: LearnerGrants, signal?: AbortSignal): Promise<readonly HeldGrant[]>;
}

/** One redemption as the platform reports it: it has no id of its own and names the group by its label only. */
export interface RedemptionEvent {
  /** A bearer credential, as in `RedemptionCode`. */
  readonly code: string;
  readonly groupLabel: string | null;
  /** UTC instant with milliseconds. Several events may share one. */
  readonly at: string;
  readonly userId: string | null;
  readonly email: string | null;
}

export interface RedemptionWindow {
  /** UTC instants, both inclusive. */
  readonly since: string;
  readonly until: string;
  /** Calls that may be spent; 100 events each. */
  readonly maxPages: number;
}

export interface RedemptionsRead {
  /** Newest first, each once. The platform may show some of them late, so windows should overlap. */
  readonly events: readonly RedemptionEvent[];
  /** False: `maxPages` ended it. */
  readonly isComplete: boolean;
  /**
   * The list is read backwards: everything from here to `until` is in `events`. Equals `since` when complete; otherwise
   * a read with `until` set to it goes on, and repeats the events of that very millisecond.
   */
  readonly readUpTo: string;
}

export interface Redemptions {
  /** Read. Redemptions of the whole tenant, those of other groups included. */
  events(window: RedemptionWindow, signal?: AbortSignal): Promise<RedemptionsRead>;
}
