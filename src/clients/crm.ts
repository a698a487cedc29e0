import type { NamedInCrm } from '../domain/deal/catalog-names.ts';
import type { Contact, CrmName, Deal, Unseen } from '../domain/deal/deal.ts';
import type { MailTool } from '../domain/deal/mail-tool.ts';
import type { MessageOutcome } from '../domain/seats/message-outcome.ts';
import type { SetupCheck } from './setup-check.ts';

/**
 * The port to a CRM: one folder a CRM (`src/clients/<crm>`). Every method makes each of its HTTP calls at most once,
 * throws `DealseatError` for what it foresees, and may be called again after any failure: the word before each method
 * says why that is safe. What stands in fields, notes, tasks and files is believed to be ours only where the
 * integration user made it.
 */
export interface Crm {
  readonly name: CrmName;
  /** For example the HubSpot portal id, or the 18-character Salesforce org id. */
  readonly account: string;

  /**
   * Read. Proves that the credentials work and belong to `account`. Every other method proves the latter before its
   * first call of the process, and throws `crm.account_mismatch` where they do not.
   */
  ping(signal?: AbortSignal): Promise<void>;
  /** Read. Throws `crm.deal_not_found`. The returned `dealId` may differ from the asked one (merged deals). */
  readDeal(dealId: string, signal?: AbortSignal): Promise<Deal>;
  /** Read, in one call: whether people have changed the deal since a reading. Throws `crm.deal_not_found`. */
  readPrint(dealId: string, signal?: AbortSignal): Promise<DealPrint>;
  /**
   * Read: what Dealseat's own fields say just now, in one call. Throws `crm.deal_not_found`, and `deal.merged` when the
   * deal lives on in another one, where all that is written to it would land.
   */
  readRecord(dealId: string, signal?: AbortSignal): Promise<RecordNow>;
  /**
   * Read: the won deals, those that were given seats and are not won any more, and those with an action, whose record
   * changed from `since` on and before `until`, in the order of their change. Finds what webhooks did not tell of, imports and bulk updates
   * included. A deal may come twice; none may be left out.
   */
  findWonDeals(query: WonDealQuery): Promise<WonDealPage>;
  /** Read. Throws `crm.not_found`. The returned id may differ from the asked one (merged contacts). */
  readContact(contactId: string, signal?: AbortSignal): Promise<Contact>;
  /**
   * Read: of contacts that are not on a deal any more, into which ones they were merged, as far as `readDeal` did not say
   * so; those that were not are absent.
   */
  readMergedContacts(
    contactIds: readonly string[],
    signal?: AbortSignal,
  ): Promise<ReadonlyMap<string, string>>;

  /** Overwrite: a repeat writes the same values. Absent keys stay as they are; null empties a field. */
  writeDealFields(dealId: string, fields: DealFields, signal?: AbortSignal): Promise<void>;

  /**
   * Guarded overwrite: takes the hold on a deal that nobody holds. Writes `hold` and `fields`, and says whether nobody
   * else has written a hold since the field said `seen`. Whoever came first keeps the deal: of one that came too late
   * nothing stays. Throws `deal.merged` as `writeDealFields` does.
   */
  takeHold(claim: HoldClaim, signal?: AbortSignal): Promise<HoldOutcome>;
  /** The same of a hold that an attempt before has written, whose answer nobody has heard. */
  proveHold(written: WrittenHold, signal?: AbortSignal): Promise<HoldOutcome>;

  /** Guarded create: looks for a file of the same name and bytes on the deal first, and links it to the deal once. */
  attachRoster(roster: RosterFile, signal?: AbortSignal): Promise<AttachedRoster>;
  /** Read: every roster of the deal, by the ending `-<rosterToken>.csv` of its name. The bytes hold codes. */
  readRosters(dealId: string, rosterToken: string, signal?: AbortSignal): Promise<readonly StoredRoster[]>;
  /** Read: names of all files of ours, on whichever deal, that begin so. */
  findFileNames(beginning: string, signal?: AbortSignal): Promise<readonly string[]>;
  /**
   * Delete by name, with its workbook: nothing there is success. Also removes what `attachRoster` linked, but neither files nor notes that
   * people added to it.
   */
  removeRoster(roster: Pick<RosterFile, 'dealId' | 'fileName'>, signal?: AbortSignal): Promise<void>;

  /** Read: the redeem links that the contacts carry now. */
  readRedeemLinks(contactIds: readonly string[], signal?: AbortSignal): Promise<RedeemLinks>;
  /** Overwrite; a null link empties the field. */
  writeRedeemLinks(links: ReadonlyMap<string, string | null>, signal?: AbortSignal): Promise<void>;

  /** The CRM's own e-mail tool that the catalog names. Throws `TypeError` for one of another CRM. */
  mailTool(tool: MailTool): MailSender;

  /** Guarded create, by `key`: a task for the owner (or a note where there is no owner). */
  notify(notice: Notice, signal?: AbortSignal): Promise<void>;
  /** Overwrite: closes every open task of ours on the deal whose key begins with one of these. None is success. */
  closeNotices(query: NoticeQuery, signal?: AbortSignal): Promise<void>;

  /**
   * Overwrite, then a guarded create and a read: writes the last word on a deal, tells its owner, and looks once more, in
   * as few calls as the CRM allows. The look comes last, so that it sees what is changed meanwhile. Throws what kept the fields from being
   * written, and what ended the call from outside; of the rest it says that it is not known to be done.
   */
  conclude(conclusion: Conclusion, signal?: AbortSignal): Promise<Concluded>;

  /** Read, and with `fix` also the repair of what an API can repair. One entry a check. */
  checkSetup(options: SetupOptions): Promise<SetupCheck[]>;
}

export interface SetupOptions {
  readonly fix: boolean;
  /** What the catalog names of this CRM; absent: it cannot be read. */
  readonly named?: NamedInCrm | undefined;
  readonly signal?: AbortSignal;
}

/** What Dealseat's own fields on the deal say; people can edit them. */
export interface RecordNow {
  readonly status: string | null;
  readonly detail: string | null;
  readonly ledger: string | null;
  readonly hold: string | null;
  /** Absent in a CRM without such a field. */
  readonly action?: string | null;
}

export interface DealPrint {
  /** Equal to `Deal.print` as long as nobody has changed what the CRM shows of the sale in one call. */
  readonly print: string;
  /** `Deal.changedAt`. */
  readonly changedAt: string;
  /** People have set something to be done. */
  readonly hasAction?: boolean;
}

export interface WrittenHold {
  readonly dealId: string;
  /** What the hold field said when it was free. */
  readonly seen: string | null;
  /** `formatHold`. */
  readonly hold: string;
}

export interface HoldClaim extends WrittenHold {
  /** Written together with it. */
  readonly fields: Omit<DealFields, 'claim'>;
}

export type HoldOutcome =
  /** Nobody else has written a hold since: it is ours. */
  | 'first'
  /** Somebody else was first, and has the deal. */
  | 'late'
  /** Written, but the CRM does not tell who was first: ours if it is left alone for a while. */
  | 'unproven';

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
  /** It does not count as won, and no seats are on it: what people have set on it is all that found it. */
  readonly isOnlyAsked?: true;
}

/** The fields Dealseat writes on a deal: HubSpot `dealseat_<snake_case>`, Salesforce `Dealseat_<Snake_Case>__c`. */
export interface DealFields {
  readonly status?: string | null;
  readonly detail?: string | null;
  readonly seats?: number | null;
  /** How many of them are in use. */
  readonly seatsUsed?: number | null;
  /** How many are not in use yet, those that were handed out included. */
  readonly seatsFree?: number | null;
  /** UTC instant, ISO 8601. */
  readonly lastRedemption?: string | null;
  /** Several labels are joined with a comma and a space. */
  readonly groupLabel?: string | null;
  readonly groupId?: string | null;
  readonly rosterFile?: string | null;
  readonly run?: string | null;
  /** Compact JSON: `formatLedger`. Never cut. */
  readonly ledger?: string | null;
  /** One line: `formatHold`. In the CRM the field is called claim. Never cut. */
  readonly claim?: string | null;
  /** People set it, so it is only ever emptied. */
  readonly action?: null;
}

export interface RosterFile {
  readonly dealId: string;
  /** Unique for the deal, ends in `-<rosterToken>.csv`. */
  readonly fileName: string;
  readonly csv: Uint8Array;
  /** The same seats for people, to be attached as `workbookName` beside it; absent: an older one goes. */
  readonly xlsx?: Uint8Array | undefined;
  /** HTML for the note that carries the file, where the CRM has such notes. Without codes. */
  readonly noteHtml: string;
  /** Nothing of this name can be on the deal yet, so it is not looked for. */
  readonly isNew?: boolean;
}

export interface AttachedRoster {
  /** HubSpot file id or Salesforce ContentVersion id. */
  readonly fileId: string;
  /** Of the workbook, if there is one. */
  readonly workbookFileId?: string | undefined;
  /** Where a person finds it: the record page of the file, never a public link. */
  readonly url: string;
}

export interface StoredRoster {
  readonly fileName: string;
  readonly csv: Uint8Array;
  /** People find it on the deal: the note or link is there. */
  readonly isShown: boolean;
}

/**
 * One e-mail tool. It knows by itself how a message of unknown outcome is found again, so a message is made once a key
 * as far as the tool allows.
 */
export interface MailSender {
  /**
   * Irreversible. An outcome that the tool can tell is returned, refusals and doubts included. Throws for what a repeat
   * may cure (classes `retry` and `later`: the message is not out), and `crm.outcome_unknown` when the message may be
   * out and a later attempt can find it or hand it over again.
   */
  deliver(message: Message, history: SendHistory, signal?: AbortSignal): Promise<MessageOutcome>;
  /** Whether a message that is certainly out is found by now; absent where a tool need not look. */
  isShown?(message: Message): Promise<boolean>;
  /**
   * Undo of `deliver` where the tool has one: takes the contact off the static list, unless another delivered deal of
   * the contact is on it for the same reason. Not there is success.
   */
  takeBack(
    target: { readonly dealId: string; readonly contactId: string },
    signal?: AbortSignal,
  ): Promise<void>;
}

export interface Message {
  readonly dealId: string;
  readonly contactId: string;
  /** Address of the contact; null where it has none. */
  readonly email: string | null;
  /** Stable for deal, closing, contact and purpose; safe to show. At most 80 characters. */
  readonly sendKey: string;
  readonly subject: string;
  readonly html: string;
  /** The same for readers without HTML. */
  readonly text: string;
  /** For tools that merge properties instead of taking a body. Never holds codes. */
  readonly properties: Readonly<Record<string, string>>;
  /** The properties where the links do not fit into the message and one link to the roster takes their place. */
  readonly propertiesIfLinked?: () => Readonly<Record<string, string>>;
  /** Redeem links for the recipient, as many as should go into the message itself; may be empty. */
  readonly redeemLinks: readonly string[];
  /** The same links by product, where there are several. */
  readonly linkSections?: readonly LinkSection[];
  /** The roster to attach or link to; null when the recipient gets none (learners). */
  readonly roster: AttachedRoster | null;
}

export interface LinkSection {
  readonly title: string;
  readonly links: readonly string[];
}

/** What is known of earlier attempts at this very message. */
export interface SendHistory {
  /**
   * From when on it may have been handed over before, in milliseconds since the epoch; null: never, as far as the caller
   * knows. A tool without a record of its own that tells messages apart takes what it finds for this message only if it
   * is not older.
   */
  readonly mayBeOutSince: number | null;
  /** Its codes were made by this very run, a moment ago: no record of the message needs to be looked for. */
  readonly isFirst?: boolean;
  /** Until when, by `performance.now()`, a message that may be out is looked for, and how often. */
  readonly lookUntil: number;
  readonly lookIntervalMs: number;
  /**
   * A person looked and found it missing: send even where the CRM cannot tell. A tool that makes one mail a key uses
   * `<sendKey>-<resendToken>`; the token is the same for all attempts of one execution.
   */
  readonly saidMissing: { readonly resendToken: string } | null;
}

/** Of every contact that was asked for: it carries a link, or was seen without one, or was not seen. */
export interface RedeemLinks {
  /** By contact id; contacts without a link are absent. */
  readonly links: ReadonlyMap<string, string>;
  /** Who the contacts that were seen are, by contact id. */
  readonly people: ReadonlyMap<string, Contact>;
  /** Contacts that the CRM does not show: what they carry is not known. */
  readonly unseen: ReadonlyMap<string, Unseen['why']>;
}

/** A task for the deal's owner. */
export interface Notice {
  readonly dealId: string;
  readonly ownerId: string | null;
  /** Names what it is about, safe to show: one key is told once. Begins with its kind: `ask-`, `ended-`, `unused-` … */
  readonly key: string;
  readonly subject: string;
  /** Plain text, lines separated by `\n`, shortened to what the field takes. Never holds codes. */
  readonly text: string;
  /** `high`: somebody must act. `low`: for information. */
  readonly priority: 'high' | 'low';
  /** Nothing of ours was on the deal a moment ago, so the key is not looked for. */
  readonly isNew?: boolean;
  /** The note that carries the roster says the same: a CRM with such notes need not make a task of it. */
  readonly isSaidByRoster?: boolean;
  /** Calendar day of a task that is due at once, where the deal's people are; absent: today in UTC. */
  readonly dueOn?: string;
}

/** `writeDealFields`, `notify` and `readPrint` of one deal. */
export interface Conclusion {
  readonly dealId: string;
  readonly fields: DealFields;
  readonly notice: Omit<Notice, 'dealId'>;
  /** Whether the look is wanted. */
  readonly looks: boolean;
}

export interface Concluded {
  /** False: the owner may or may not have been told, so `notify` is to do it, without `isNew`. */
  readonly isTold: boolean;
  /** As the deal was when all was written; null: not wanted, or it could not be read. */
  readonly print: DealPrint | null;
}

export interface NoticeQuery {
  readonly dealId: string;
  /** Beginnings of keys. */
  readonly keys: readonly string[];
  /** This key stays open. */
  readonly except?: string;
}
