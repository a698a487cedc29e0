import type { NamedInPlatform } from '../domain/deal/catalog-names.ts';
import type { CodeGroup, CodesLook, CreateGroupRequest, RedemptionCode } from '../domain/seats/code-group.ts';
import type { Learners, Redemptions } from './learners.ts';
import type { SetupCheck } from './setup-check.ts';

/** The port to the learning platform. One implementation: `src/clients/thought-industries`. */
export interface Lms {
  /** Name of the platform in plans and ledgers: one word of `[a-z0-9]` that never changes. */
  readonly name: string;
  /** The customer's own part of it, as far as its address tells. */
  readonly account: string;
  /** For people. */
  readonly displayName: string;
  /** The people who redeem, and their access. */
  readonly learners: Learners;
  /** What was redeemed, by the platform's own account. */
  readonly redemptions: Redemptions;
  /** True when the key works. Throws `lms.unauthorized` when it does not. */
  ping(signal?: AbortSignal): Promise<void>;
  /**
   * Creates a group and its codes. Never repeated by the client.
   * Throws `lms.outcome_unknown` when the request may have been carried out; every other code means it was not.
   */
  createGroup(request: CreateGroupRequest, signal?: AbortSignal): Promise<CodeGroup>;
  /** Every group whose label ends in `-<token>` (or is the token), all pages read, each group once. */
  findGroupsByToken(token: string, signal?: AbortSignal): Promise<CodeGroup[]>;
  /** Every group that has the token as a word of its label, wherever it stands; else as `findGroupsByToken`. */
  findGroupsNaming(token: string, signal?: AbortSignal): Promise<CodeGroup[]>;
  /** Throws `lms.not_found`. */
  getGroup(groupId: string, signal?: AbortSignal): Promise<CodeGroup>;
  /** One call: what the first page of the list tells. */
  lookAtCodes(groupId: string, signal?: AbortSignal): Promise<CodesLook>;
  /** All codes of a group, page by page, each code once. Throws `lms.codes_path_missing` for 404 or 405. */
  listCodes(groupId: string, signal?: AbortSignal): AsyncIterable<readonly RedemptionCode[]>;
  /** Read. One entry a check, each as soon as it is made; ends early when the platform does not let us in. */
  checkSetup(options: {
    /** What the catalog names of the platform; null: it cannot be read. */
    readonly named: NamedInPlatform | null;
    readonly signal: AbortSignal;
  }): AsyncIterable<SetupCheck>;
}
