import { z } from 'zod';
import type { CrmModule } from '../clients/crm-module.ts';
import type { CrmName } from '../domain/deal/deal.ts';
import {
  type HelpContact,
  MAIL_KINDS,
  type MailKind,
  type MailPolicy,
  type MailTemplate,
} from '../domain/deal/mail-policy.ts';
import { templateFaults } from '../mail/check-template.ts';
import { DEFAULT_LANGUAGE, DEFAULT_TEMPLATES } from '../mail/default-templates.ts';
import { languageTag } from '../mail/languages.ts';

const language = z
  .string()
  .transform((text, context) => {
    const tag = languageTag(text);
    if (tag !== null) return tag;
    const message = `expected the tag of a language such as en or de-AT; found ${JSON.stringify(text)}`;
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  })
  .describe('Tag of a language, such as en or de-AT');

const line = z.string().trim().min(1).max(200);
const text = z.string().min(1);

const template = z.strictObject({
  subject: text.optional().describe('Liquid template of the subject'),
  html: text.optional().describe('Liquid template of the HTML body'),
  text: text.optional().describe('Liquid template of the plain text; unset: made from the HTML'),
});

const byLanguage = z.record(z.string(), template);

/** A name of a field becomes part of a query. */
const fieldName = z
  .string()
  .regex(/^[A-Za-z]\w{0,79}$/, 'expected the API name of a field, such as Language__c');

/** `handOver.mail` of the catalog. */
export function mailSchema(crms: readonly CrmModule[]) {
  return z.strictObject({
    languageFrom: languageFrom(crms).optional().describe('Field of the contact that holds a language tag'),
    language: language.optional().describe('Language of readers whose own is not known, or has no text'),
    sender: line.optional().describe('Who signs'),
    help: z
      .strictObject({
        name: line.optional(),
        email: z.email().optional(),
        phone: line.optional(),
        url: z.url({ protocol: /^https?$/ }).optional(),
      })
      .optional()
      .describe('Whom readers ask'),
    templates: z
      .strictObject({
        buyerFile: byLanguage.optional().describe('To a buyer whose mail carries the roster, by language'),
        buyerLinks: byLanguage.optional().describe('To a buyer whose mail carries links, by language'),
        learner: byLanguage.optional().describe('To a learner, by language'),
        nudge: byLanguage.optional().describe('To a buyer whose seats are not in use yet, by language'),
      })
      .optional()
      .describe('Texts in place of those of Dealseat'),
  });
}

function languageFrom(crms: readonly CrmModule[]) {
  const keys = crms.flatMap(({ name, catalog }) =>
    catalog.keys.languageField ? [[name, catalog.keys.languageField] as const] : [],
  );
  return z
    .strictObject(Object.fromEntries(keys.map(([, key]) => [key, fieldName.optional()])))
    .transform(
      (named): Readonly<Record<CrmName, string>> =>
        Object.fromEntries(
          keys.flatMap(([crm, key]) => (named[key] === undefined ? [] : [[crm, named[key]]])),
        ),
    );
}

type MailFile = z.infer<ReturnType<typeof mailSchema>>;

/** Every template is complete, and names only what there is. */
export function toMailPolicy(
  file: MailFile | undefined,
  faults: string[],
  { nudgesBuyers = false }: { readonly nudgesBuyers?: boolean } = {},
): MailPolicy {
  const templates = Object.fromEntries(
    MAIL_KINDS.map((kind) => [kind, templatesOf(kind, file?.templates?.[kind] ?? {}, faults)]),
  ) as MailPolicy['templates'];
  const chosen = file?.language ?? DEFAULT_LANGUAGE;
  const sent = MAIL_KINDS.filter((kind) => kind !== 'nudge' || nudgesBuyers);
  for (const kind of sent) {
    const known = Object.keys(templates[kind]);
    if (known.includes(chosen)) continue;
    faults.push(
      `handOver.mail.language: Dealseat has no text in ${chosen}; expected one of ${known.join(', ')}, or handOver.mail.templates.${kind}.${chosen}`,
    );
  }
  return {
    language: chosen,
    languageFields: file?.languageFrom ?? {},
    sender: file?.sender ?? null,
    help: helpOf(file?.help, faults),
    templates,
  };
}

function templatesOf(
  kind: MailKind,
  own: z.infer<typeof byLanguage>,
  faults: string[],
): Readonly<Record<string, MailTemplate>> {
  const defaults = DEFAULT_TEMPLATES[kind];
  const found: Record<string, MailTemplate> = { ...defaults };
  for (const [written, parts] of Object.entries(own)) {
    const where = `handOver.mail.templates.${kind}.${written}`;
    const tag = languageTag(written);
    if (tag === null) {
      faults.push(`${where}: expected the tag of a language such as en or de-AT`);
      continue;
    }
    const base = defaults[tag] ?? defaults[tag.split('-')[0] ?? ''];
    const subject = parts.subject ?? base?.subject;
    const html = parts.html ?? base?.html;
    if (subject === undefined || html === undefined) {
      faults.push(`${where}: expected subject and html, because Dealseat has no text in ${tag}`);
      continue;
    }
    const template = { subject, html, text: parts.text ?? null };
    faults.push(...templateFaults(kind, template).map((fault) => `${where}.${fault}`));
    found[tag] = template;
  }
  return found;
}

function helpOf(help: MailFile['help'], faults: string[]): HelpContact | null {
  if (help === undefined) return null;
  const { name = null, email = null, phone = null, url = null } = help;
  if (email === null && phone === null && url === null) {
    faults.push('handOver.mail.help: expected an email, a phone or a url');
  }
  return { name, email, phone, url };
}
