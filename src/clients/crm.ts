import type { MailTool } from '../domain/deal/catalog.ts';
import type { Contact, CrmName, Deal } from '../domain/deal/deal.ts';

/**
 * The port to a CRM: one implementation a CRM (`src/clients/hubspot`, `src/clients/salesforce`).
 * Every method makes each of its HTTP calls at most once, throws `DealseatError` for what it foresees,
 * and may be called again after any failure: the word behind each method says why that is safe.
 */
export interface Crm {
  readonly name: CrmName;
  /** HubSpot portal id, or the 18-character Salesforce org id. */
  readonly account: string;

  /** Read. Proves that the credentials work and belong to `account`. */
  ping(signal?: AbortSignal): Promise<void>;
  /** Read. Throws `crm.deal_not_found`. The returned `dealId` may differ from the asked one (merged deals). */
  readDeal(dealId: string, signal?: AbortSignal): Promise<Deal>;
  /** Read: the claim field alone. Throws `crm.deal_not_found`, and `deal.merged` as `refuseMerged` does. */
  readClaim(dealId: string, signal?: AbortSignal): Promise<string | null>;
  /** Read. Throws `deal.merged` when the deal lives on in another one, where all that is written to it would land. */
  refuseMerged(dealId: string, signal?: AbortSignal): Promise<void>;
  /**
   * Read: the won deals, and those that were given seats and are not won any more, whose record changed from `since`
   * on and before `until`, in the order of their change. Finds what webhooks did not tell of, imports and bulk updates
   * included. A deal may come twice; none may be left out.
   */
  findWonDeals(query: WonDealQuery): Promise<WonDealPage>;
  /** Read. Throws `crm.not_found`. */
  readContact(contactId: string, signal?: AbortSignal): Promise<Contact>;

  /** Overwrite: a repeat writes the same values. Absent keys stay as they are; null empties a field. */
  writeDealFields(dealId: string, fields: DealFields, signal?: AbortSignal): Promise<void>;

  /** Guarded create: looks for a file of the same name and bytes on the deal first, and links it to the deal once. */
  attachRoster(roster: RosterFile, signal?: AbortSignal): Promise<AttachedRoster>;
  /**
   * Read: what a hand-over left on the deal, for its proof: the detail field, and every file on the deal whose name
   * ends in `-<rosterToken>.csv`. The bytes hold codes.
   */
  readHandOver(dealId: string, rosterToken: string, signal?: AbortSignal): Promise<HandOverRecord>;
  /** Delete by name: nothing there is success. Also removes what `attachRoster` linked. */
  removeRoster(roster: Pick<RosterFile, 'dealId' | 'fileName'>, signal?: AbortSignal): Promise<void>;

  /** Read: the redeem links that the contacts carry now; contacts without one are absent. */
  readRedeemLinks(contactIds: readonly string[], signal?: AbortSignal): Promise<ReadonlyMap<string, string>>;
  /** Overwrite; a null link empties the field. */
  writeRedeemLinks(links: ReadonlyMap<string, string | null>, signal?: AbortSignal): Promise<void>;

  /**
   * Hands one message to the CRM's own e-mail tool.
   * Made once per `sendKey`, as far as the tool allows: by the vendor's key (HubSpot single send), by being a
   * set (list), by looking first (sequence, Salesforce). Throws `crm.outcome_unknown` when the message may have
   * been sent and cannot be found; `crm.mail_unknown` when the tool has met the key before and does not say whether
   * it made a mail of it; `crm.mail_rejected` when the tool refused it for good.
   */
  sendMessage(message: Message, signal?: AbortSignal): Promise<SentMessage>;
  /**
   * Read: whether `sendMessage` with this key took effect. `unknown` when the CRM cannot tell.
   */
  findMessage(message: MessageRef, signal?: AbortSignal): Promise<SentMessage | 'not_sent' | 'unknown'>;

  /** Undo of `sendMessage` where the tool has one: takes the contact off the static list. Not there is success. */
  takeBackMessage(
    message: Omit<MessageRef, 'sendKey' | 'mayBeOutSince'>,
    signal?: AbortSignal,
  ): Promise<void>;

  /** Guarded create, by `key`: a task for the owner (or a note where there is no owner). */
  notifyOwner(notice: OwnerNotice, signal?: AbortSignal): Promise<void>;

  /** Read, and with `fix` also the repair of what an API can repair. One entry a check. */
  checkSetup(options: { readonly fix: boolean; readonly signal?: AbortSignal }): Promise<SetupCheck[]>;
}

export interface WonDealQuery {
  /** UTC instants, ISO 8601. */
  readonly since: string;
  /** Lies far enough back for the CRM's index to know of every change before it. */
  readonly until: string;
  /** About how many deals to return: deals that changed in the same instant come together. */
  readonly limit: number;
  readonly signal?: AbortSignal;
}

export interface WonDealPage {
  readonly deals: readonly WonDeal[];
  /** Every won deal that changed before this instant has been returned: the next page's `since`. */
  readonly next: string;
  /** False: ask again from `next`, which is later than `since`. */
  readonly isComplete: boolean;
}

export interface WonDeal {
  readonly dealId: string;
  /** UTC instant of the record's last change, whoever made it. */
  readonly changedAt: string;
}

/** The fields Dealseat writes on a deal: HubSpot `dealseat_<snake_case>`, Salesforce `Dealseat_<Snake_Case>__c`. */
export interface DealFields {
  readonly status?: string | null;
  readonly detail?: string | null;
  readonly seats?: number | null;
  /** Several labels are joined with a comma and a space. */
  readonly groupLabel?: string | null;
  readonly groupId?: string | null;
  readonly rosterFile?: string | null;
  readonly run?: string | null;
  /** Compact JSON: `formatLedger`. */
  readonly ledger?: string | null;
  /** One line: `formatClaim`. */
  readonly claim?: string | null;
}

export interface RosterFile {
  readonly dealId: string;
  /** Unique for the deal and its closing, ends in `.csv`. */
  readonly fileName: string;
  readonly csv: Uint8Array;
  /** HTML for the note that carries the file, where the CRM has such notes. Without codes. */
  readonly noteHtml: string;
}

export interface AttachedRoster {
  /** HubSpot file id or Salesforce ContentVersion id. */
  readonly fileId: string;
  /** Where a person finds it: the record page of the file, never a public link. */
  readonly url: string;
}

export interface HandOverRecord {
  readonly detail: string | null;
  readonly rosters: readonly { readonly fileName: string; readonly csv: Uint8Array }[];
}

export interface MessageRef {
  readonly dealId: string;
  readonly contactId: string;
  readonly tool: MailTool;
  /** Stable for deal, closing, contact and purpose; safe to show. At most 100 characters. */
  readonly sendKey: string;
  /**
   * From when on this very message may have been handed over before, in milliseconds since the epoch; null: never, as
   * far as the caller knows. A tool without a record of its own that tells messages apart takes what it finds for
   * this message only if it is not older.
   */
  readonly mayBeOutSince: number | null;
}

export interface Message extends MessageRef {
  readonly subject: string;
  readonly html: string;
  /** For tools that merge properties instead of taking a body. Never holds codes. */
  readonly properties: Readonly<Record<string, string>>;
  /** Redeem links for the recipient, as many as should go into the message itself; may be empty. */
  readonly redeemLinks: readonly string[];
  /** The roster to attach or link to; null when the recipient gets none (learners). */
  readonly roster: AttachedRoster | null;
  /** A person looked and found the message missing: send it even where the CRM cannot tell. */
  readonly isKnownUnsent?: boolean;
}

export interface SentMessage {
  /** `sent`: the tool says so. `accepted`: taken, and the tool says no more. `none`: the catalog wants no mail. */
  readonly state: 'sent' | 'accepted' | 'none';
  /** The tool's own id of the message or enrolment, when it gives one. */
  readonly reference: string | null;
}

export interface OwnerNotice {
  readonly dealId: string;
  readonly ownerId: string | null;
  /** Stable per deal and subject matter, safe to show: the same key is never told twice. */
  readonly key: string;
  readonly subject: string;
  /** Plain text, lines separated by `\n`. Never holds codes. */
  readonly text: string;
}

export interface SetupCheck {
  /** For example `HubSpot deal property dealseat_status`. */
  readonly name: string;
  readonly state: 'ok' | 'fixed' | 'missing' | 'failed';
  /** What to do, when something is to be done. */
  readonly advice: string | null;
}
