import type { Grants } from './catalog.ts';

export interface CreateGroupRequest {
  /** At most 100 characters of `[a-z0-9-]`. */
  readonly label: string;
  readonly codeLength: number;
  /** 1 to 10,000. */
  readonly seatCount: number;
  readonly client: string | null;
  /** UTC instant, ISO 8601 with milliseconds. */
  readonly codesExpireAt: string | null;
  readonly accessDays: number | null;
  /** UTC instant; excludes `accessDays`. */
  readonly accessUntil: string | null;
  readonly grants: Grants;
}

export interface CodeGroup extends CreateGroupRequestEcho {
  readonly id: string;
  readonly redeemedCount: number;
}

/** What the platform tells back of a group; it never tells the code length. */
type CreateGroupRequestEcho = Omit<CreateGroupRequest, 'codeLength'>;

/** A code is a bearer credential: it never leaves memory except to the CRM. */
export interface RedemptionCode {
  readonly code: string;
  readonly isRedeemed: boolean;
}

export interface ListedCodes {
  /** A lower bound when `hasMore`. */
  readonly listedCount: number;
  readonly hasMore: boolean;
}
