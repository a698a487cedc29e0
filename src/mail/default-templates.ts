import type { MailKind, MailTemplate } from '../domain/deal/mail-policy.ts';
import { BUYER_FILE as BUYER_FILE_EN } from './texts/english/buyer-file.ts';
import { BUYER_LINKS as BUYER_LINKS_EN } from './texts/english/buyer-links.ts';
import { LEARNER as LEARNER_EN } from './texts/english/learner.ts';
import { NUDGE as NUDGE_EN } from './texts/english/nudge.ts';
import { BUYER_FILE as BUYER_FILE_DE } from './texts/german/buyer-file.ts';
import { BUYER_LINKS as BUYER_LINKS_DE } from './texts/german/buyer-links.ts';
import { LEARNER as LEARNER_DE } from './texts/german/learner.ts';
import { NUDGE as NUDGE_DE } from './texts/german/nudge.ts';

/** Dealseat's own texts, by kind and language. */
export const DEFAULT_TEMPLATES: Readonly<Record<MailKind, Readonly<Record<string, MailTemplate>>>> = {
  buyerFile: { en: BUYER_FILE_EN, de: BUYER_FILE_DE },
  buyerLinks: { en: BUYER_LINKS_EN, de: BUYER_LINKS_DE },
  learner: { en: LEARNER_EN, de: LEARNER_DE },
  nudge: { en: NUDGE_EN, de: NUDGE_DE },
};

export const DEFAULT_LANGUAGE = 'en';
