import type { Grants } from '../deal/catalog.ts';

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
  /** UTC instant; absent: not redeemed, or the platform does not say. */
  readonly redeemedAt?: string;
  readonly redeemedByUserId?: string;
}

/** The first page of a group's list. */
export interface CodesLook {
  /** Each once; all that are listed unless `hasMore`. */
  readonly codes: readonly RedemptionCode[];
  readonly hasMore: boolean;
  /** How many codes the platform says are listed. A hint and no more: platforms misreport it. */
  readonly total: number | null;
}

/** A code group that exists in the learning platform and stands for a planned one. */
export interface EnsuredGroup {
  readonly token: string;
  readonly platform: string;
  readonly groupId: string;
  /** As the platform has it: an adopted group may have been labelled by an earlier run. */
  readonly label: string;
  readonly seatCount: number;
  readonly wasAdopted: boolean;
  /** A look has shown that the list of its codes may be read, or it was read before. */
  readonly isListed: boolean;
  /** Labels and ids of further groups with the same token: an admin should look at them. */
  readonly orphans: readonly string[];
}

/** A group whose links may stand on contacts. */
export interface LinkedGroup
  extends Pick<EnsuredGroup, 'token' | 'platform' | 'groupId' | 'label' | 'seatCount'> {
  readonly redeemUrl: string;
}
