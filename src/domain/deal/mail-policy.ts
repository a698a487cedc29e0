/**
 * Each has readers of its own: a buyer who gets the roster as a file, a buyer who gets links, a learner, a buyer whose seats
 * are not in use yet.
 */
export const MAIL_KINDS = ['buyerFile', 'buyerLinks', 'learner', 'nudge'] as const;
export type MailKind = (typeof MAIL_KINDS)[number];

/** Liquid templates; `html` is HTML, `text` what a reader without HTML sees. Null: made from `html`. */
export interface MailTemplate {
  readonly subject: string;
  readonly html: string;
  readonly text: string | null;
}

/** Whom readers ask; at least one way to reach them. */
export interface HelpContact {
  readonly name: string | null;
  readonly email: string | null;
  readonly phone: string | null;
  readonly url: string | null;
}

export interface MailPolicy {
  /** Of readers whose language is not known, or has no text: a key of the templates of each kind. */
  readonly language: string;
  /** Field of contacts that says their language, where a CRM has no usual one: by CRM. */
  readonly languageFields: Readonly<Record<string, string>>;
  /** Who signs. */
  readonly sender: string | null;
  readonly help: HelpContact | null;
  /** By language, in lower case: those of the catalog over Dealseat's own. A kind that is never sent may lack `language`. */
  readonly templates: Readonly<Record<MailKind, Readonly<Record<string, MailTemplate>>>>;
}
