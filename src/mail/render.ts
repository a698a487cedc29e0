import { beginningOf } from '../domain/beginning-of.ts';
import type { MailTemplate } from '../domain/deal/mail-policy.ts';
import type { MailContext } from './mail-context.ts';
import { plainTextOf } from './plain-text.ts';
import { parseTemplate, putIn } from './template-engine.ts';

export interface RenderedMail {
  /** Plain text on one line. */
  readonly subject: string;
  readonly html: string;
  readonly text: string;
}

export function renderMail(
  template: MailTemplate,
  context: Partial<MailContext>,
  locale = 'en',
): RenderedMail {
  const html = putIn(parseTemplate(template.html), context, locale);
  return {
    subject: toOneLine(unescapeHtml(putIn(parseTemplate(template.subject), context, locale))),
    html,
    text:
      template.text === null
        ? plainTextOf(html)
        : unescapeHtml(putIn(parseTemplate(template.text), context, locale)).trim(),
  };
}

/** Salesforce takes no longer one. */
const MAX_SUBJECT = 255;

/** Nothing that ends a header line, reverses the direction of what follows, or is cut in the middle of a character. */
function toOneLine(text: string): string {
  const line = text
    .replace(/[\s\p{Cc}\u202a-\u202e\u2066-\u2069]+/gu, ' ')
    .trim()
    .toWellFormed();
  return beginningOf(line, MAX_SUBJECT);
}

/** The engine escapes for HTML; a subject and a plain text are not HTML. */
function unescapeHtml(text: string): string {
  const entities: Record<string, string> = {
    '&amp;': '&',
    '&lt;': '<',
    '&gt;': '>',
    '&#34;': '"',
    '&#39;': "'",
  };
  return text.replace(/&(?:amp|lt|gt|#34|#39);/g, (entity) => entities[entity] ?? entity);
}
