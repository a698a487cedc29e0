import { escapeHtml } from '../html.ts';

export interface MailTemplate {
  readonly emailId: number;
  readonly name: string;
  readonly subject: string;
  /** HubL as far as `{{ custom.x }}`, `{{ contact.x }}`, `|default("…")` and, for a value that is HTML, `|safe` go. */
  readonly html: string;
  /** Default: true. */
  readonly isPublished?: boolean;
}

export interface MergeValues {
  readonly custom: Readonly<Record<string, string>>;
  readonly contact: Readonly<Record<string, string>>;
}

/** The merged text, or the names of the values that the template needs and nobody gave. */
export type Merged =
  | { readonly subject: string; readonly html: string }
  | { readonly missing: readonly string[] };

const PLACEHOLDER =
  /\{\{\s*(custom|contact)\.([a-z0-9_]+)\s*(?:\|\s*default\(\s*(["'])(.*?)\3\s*\)\s*)?(?:\|\s*(safe)\s*)?\}\}/gi;

export function mergeMail(template: MailTemplate, values: MergeValues): Merged {
  const missing = new Set<string>();
  const fill = (text: string, encode: (value: string) => string) =>
    text.replace(
      PLACEHOLDER,
      (_all, scope: 'custom' | 'contact', name: string, _quote, fallback?: string, isSafe?: string) => {
        const value = values[scope][name] ?? fallback;
        if (value === undefined) missing.add(`${scope}.${name}`);
        return isSafe ? (value ?? '') : encode(value ?? '');
      },
    );
  const merged = { subject: fill(template.subject, String), html: fill(template.html, escapeHtml) };
  return missing.size > 0 ? { missing: [...missing] } : merged;
}
