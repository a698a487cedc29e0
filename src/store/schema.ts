import type { ColumnType, Generated, JSONColumnType } from 'kysely';
import type { AccessLeftOutcome, LateDecision } from '../domain/seats/late-decision.ts';
import type { NudgeMail, NudgeRecord, NudgeStop } from '../domain/seats/nudge-record.ts';
import type { OperationKind, OperationState } from '../domain/seats/operation.ts';
import type { Actor, SeatEnd, SeatEventKind, SeatState } from '../domain/seats/seat-state.ts';

/** The tables of the seat store, as Kysely knows them. `migrations/` makes them. Times are UTC instants. */
export interface StoreSchema {
  readonly orders: OrdersTable;
  readonly code_groups: CodeGroupsTable;
  readonly codes: CodesTable;
  readonly seats: SeatsTable;
  readonly seat_events: SeatEventsTable;
  readonly operations: OperationsTable;
  readonly requests: RequestsTable;
  readonly redemptions: RedemptionsTable;
  readonly sync_positions: SyncPositionsTable;
  readonly findings: FindingsTable;
  readonly access_looks: AccessLooksTable;
  readonly nudges: NudgesTable;
  readonly audit_log: AuditLogTable;
}

/** Read as a Date; written as one or as an ISO text. */
type Instant = ColumnType<Date, Date | string, Date | string>;
type Optional<T> = ColumnType<T | null, T | null | undefined, T | null>;
type OptionalInstant = ColumnType<Date | null, Date | string | null | undefined, Date | string | null>;

/** One deal. */
export interface OrdersTable {
  readonly id: Generated<number>;
  readonly crm: string;
  readonly account: string;
  readonly deal_id: string;
  readonly deal_name: string;
  readonly deal_url: string;
  readonly company_name: Optional<string>;
  readonly owner_id: Optional<string>;
  readonly buyer_contact_id: Optional<string>;
  readonly audience: 'buyer' | 'learners';
  readonly delivered_at: OptionalInstant;
  readonly filled_at: Instant;
  /** The order whose deal this one was merged into. */
  readonly merged_into: Optional<number>;
  /** Rises with every event of its seats, and when seats of another order become its own. */
  readonly seats_version: ColumnType<number, number | undefined, number>;
  /** The `seats_version` whose numbers the deal shows. */
  readonly shown_version: ColumnType<number, number | undefined, number>;
  /** What the deal shows, and since when. */
  readonly shown_used: Optional<number>;
  readonly shown_free: Optional<number>;
  readonly shown_last_redemption: OptionalInstant;
  readonly shown_at: OptionalInstant;
  /** When the deal had last been changed before Dealseat wrote these numbers, and when it was by that. */
  readonly changed_before_showing: OptionalInstant;
  readonly changed_by_showing: OptionalInstant;
}

/** One redemption code group of the learning platform. */
export interface CodeGroupsTable {
  readonly id: Generated<number>;
  readonly order_id: number;
  readonly token: string;
  readonly platform: string;
  readonly platform_group_id: string;
  readonly label: string;
  readonly product_key: string;
  readonly title: string;
  readonly part: number;
  /** `sold`: by the delivery. `replacement`: for seats that were taken back. */
  readonly purpose: 'sold' | 'replacement';
  readonly issued: number;
  readonly redeem_url: string;
  readonly client: Optional<string>;
  readonly codes_expire_at: OptionalInstant;
  readonly access_days: Optional<number>;
  readonly access_until: OptionalInstant;
  readonly grants: JSONColumnType<{
    readonly courses: readonly string[];
    readonly learningPaths: readonly string[];
    readonly bundles: readonly string[];
    readonly licenses: readonly string[];
  }>;
  /** The platform's own counter when it was looked at last; null: never. */
  readonly redeemed_seen: Optional<number>;
  readonly counted_at: OptionalInstant;
}

/** A code fills a seat. `sealed`: nobody outside has seen it. `retired`: it must not be used any more. */
export type CodeState = 'sealed' | 'handed_out' | 'redeemed' | 'retired';

export interface CodesTable {
  readonly id: Generated<number>;
  readonly group_id: number;
  /** `<key id>.<iv>.<tag>.<text>`, base64url: `CodeVault`. */
  readonly code_enc: string;
  /** HMAC of the code, for look-up; unique. */
  readonly code_mac: string;
  readonly state: CodeState;
  readonly handed_out_at: OptionalInstant;
  readonly redeemed_at: OptionalInstant;
  /** `unsure`: since a rebuild, which could not tell whether it was taken back. */
  readonly retired_why: Optional<'withdrawn' | 'taken_back' | 'lost' | 'cancelled' | 'unsure'>;
}

export interface SeatsTable {
  /** UUID. */
  readonly id: string;
  readonly order_id: number;
  readonly product_key: string;
  readonly state: SeatState;
  /** Rises by one with every change: who changes a seat names the version that he saw. */
  readonly version: number;
  /** Null: access was given directly, or the code was lost. Unique among seats that have not ended. */
  readonly code_id: Optional<number>;
  readonly learner_email: Optional<string>;
  /** `emailKey`. One live seat for each learner, product and order. */
  readonly learner_key: Optional<string>;
  readonly learner_name: Optional<string>;
  /** Of the CRM; null: the holder is no contact of the deal. */
  readonly contact_id: Optional<string>;
  readonly state_since: Instant;
  readonly redeemed_at: OptionalInstant;
  /** Who redeemed it, by the platform. */
  readonly redeemer_user_id: Optional<string>;
  readonly redeemer_email: Optional<string>;
  readonly used_by_other: ColumnType<boolean, boolean | undefined, boolean>;
  readonly access_until: OptionalInstant;
  /** Operation that works on it now. */
  readonly operation_id: Optional<string>;
  readonly created_at: Instant;
  readonly ended_at: OptionalInstant;
  readonly ended_why: Optional<SeatEnd>;
  /** The seat that came after this one. */
  readonly next_seat_id: Optional<string>;
}

/** Everything that ever happened to a seat, oldest first: playing it back gives the seat. */
export interface SeatEventsTable {
  readonly seq: Generated<number>;
  readonly seat_id: string;
  readonly order_id: number;
  /** Of the seat after the event; unique with the seat. */
  readonly version: number;
  readonly at: Instant;
  readonly actor_kind: Actor['kind'];
  readonly actor_name: Optional<string>;
  readonly kind: SeatEventKind;
  readonly reason: Optional<string>;
  /** The columns of the seat that it set, under their names. Never a code. */
  readonly changed: JSONColumnType<Readonly<Record<string, unknown>>>;
}

/** What somebody asked to be done to a seat: the outbox of the workflow that does it. */
export interface OperationsTable {
  /** The caller's idempotency key, or one of ours. */
  readonly id: string;
  readonly kind: OperationKind;
  readonly order_id: number;
  readonly seat_id: string;
  /** `OperationInputs` of the kind. Without codes. */
  readonly input: JSONColumnType<Readonly<Record<string, unknown>>>;
  /** Where the seat goes back to when the platform refuses. */
  readonly came_from: SeatState;
  /** A sealed code that is kept for the seat after this one. */
  readonly code_id: Optional<number>;
  /** Of a replacement group that it makes: the group whose terms it has, and how many codes. */
  readonly top_up_of: Optional<number>;
  readonly top_up_codes: Optional<number>;
  readonly state: OperationState;
  /** For people: what came of it, or what it waits for. */
  readonly outcome: Optional<string>;
  readonly failure_code: Optional<string>;
  readonly actor_kind: Actor['kind'];
  readonly actor_name: Optional<string>;
  readonly reason: Optional<string>;
  readonly asked_at: Instant;
  /** Null: the workflow may not have been started yet. */
  readonly started_at: OptionalInstant;
  /** When the dispatcher tried last to start it; null: never. */
  readonly tried_at: OptionalInstant;
  readonly settled_at: OptionalInstant;
}

/** What was asked under an idempotency key and is no operation on a seat: `takeRequest`. */
export interface RequestsTable {
  readonly id: string;
  readonly what: string;
  /** HMAC of what was asked, which may name a person. */
  readonly content_mac: string;
  /** How far it is, for work that takes several calls; and what a repeat answers with. */
  readonly progress: ColumnType<Readonly<Record<string, unknown>> | null, string | null | undefined, string>;
  readonly asked_at: Instant;
}

/** Each redemption once, from wherever it was heard. */
export interface RedemptionsTable {
  /** HMAC of the code. A code is redeemed once. */
  readonly code_mac: string;
  readonly platform: string;
  readonly redeemed_at: OptionalInstant;
  readonly user_id: Optional<string>;
  readonly email: Optional<string>;
  readonly heard_from: 'event' | 'list' | 'webhook';
  readonly heard_at: Instant;
  /** Null: no code of the store. */
  readonly seat_id: Optional<string>;
}

/** How far a source has been read. */
export interface SyncPositionsTable {
  readonly name: string;
  /** Everything before it has been read. */
  readonly read_up_to: OptionalInstant;
  readonly state: JSONColumnType<Readonly<Record<string, unknown>>>;
  readonly updated_at: Instant;
}

/** A difference between deal, platform and store, or a redemption that should not be. */
export interface FindingsTable {
  readonly id: Generated<number>;
  /** Names what it is about: found again, it is the same finding. */
  readonly key: string;
  readonly order_id: Optional<number>;
  readonly seat_id: Optional<string>;
  readonly kind: string;
  readonly text: string;
  readonly cure: string;
  readonly found_at: Instant;
  readonly seen_at: Instant;
  readonly resolved_at: OptionalInstant;
  /** When the owner of the deal was given a task of it; null: not yet, or none is to be made. */
  readonly notified_at: OptionalInstant;
  /** When the CRM refused that task last. */
  readonly task_refused_at: OptionalInstant;
  /** Of access that nobody should have: what a person decided; null: the rule of the catalog holds. */
  readonly decision: Optional<LateDecision>;
  /** Of access that a seat left behind: what came of it; null: nothing yet. Of a late redemption only that access was ended. */
  readonly outcome: Optional<AccessLeftOutcome>;
}

/** When an audit last asked the platform about the access of a seat. */
export interface AccessLooksTable {
  readonly seat_id: string;
  readonly looked_at: Instant;
  /** Of a seat that ended: its access was gone by then, so nothing is left to look at. */
  readonly is_gone: ColumnType<boolean, boolean | undefined, boolean>;
}

/** A nudge that was due: once for each rule and order. */
export interface NudgesTable {
  readonly order_id: number;
  readonly rule: string;
  readonly due_at: Instant;
  /** `claimed`: it is being sent and may be out. */
  readonly state: NudgeRecord['state'];
  /** Whom it is for. */
  readonly to_buyer: boolean;
  readonly to_owner: boolean;
  /** When it was claimed. */
  readonly at: Instant;
  /** While claimed: until then one worker alone may send it; null: the worker let go of it. */
  readonly held_until: OptionalInstant;
  readonly settled_at: OptionalInstant;
  readonly mail: Optional<NudgeMail>;
  readonly via: Optional<string>;
  readonly why: Optional<string>;
  /** The task of the owner; null: there is none. */
  readonly task: Optional<'open' | 'closed'>;
  readonly stopped: Optional<NudgeStop>;
}

/** Who looked at what is secret, and who changed what is not a seat. */
export interface AuditLogTable {
  readonly seq: Generated<number>;
  readonly at: Instant;
  readonly actor_kind: Actor['kind'];
  readonly actor_name: Optional<string>;
  readonly what: string;
  readonly order_id: Optional<number>;
  readonly detail: JSONColumnType<Readonly<Record<string, unknown>>>;
}
