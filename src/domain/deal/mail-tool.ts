/** One e-mail tool of a CRM, as the catalog chose it. It enters history, so it holds no secret. */
export interface MailTool {
  /** Name in the catalog, for example `singleSend`; `none`: no mail. */
  readonly via: string;
  /** What the tool needs to know, for example `{ emailId: 1234567 }`. */
  readonly settings: Readonly<Record<string, string | number>>;
  readonly traits: MailTraits;
  /** For people, follows the CRM's name: `send transactional e-mail 1234567`. */
  readonly description: string;
}

/** What a plan must know of a tool. Everything else about it stays in its CRM's folder. */
export interface MailTraits {
  /** It can bring each learner the learner's own link. */
  readonly reachesLearners: boolean;
  /** It writes one mail to one person, so a buyer can be told of codes that learners left over. */
  readonly writesToPeople: boolean;
  /** Redeem links travel in the message itself, because it takes no attachment. */
  readonly carriesLinks: boolean;
  /** People whom an earlier delivery of the deal put into it are still in it. */
  readonly remembersPeople: boolean;
}

export const NO_MAIL: MailTool = {
  via: 'none',
  settings: {},
  traits: { reachesLearners: false, writesToPeople: false, carriesLinks: false, remembersPeople: false },
  description: 'no e-mail',
};
