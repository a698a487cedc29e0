import { createHash } from 'node:crypto';

/** A part of a page that is sent again when it changes. */
export interface Region {
  readonly id: string;
  readonly html: string;
}

export interface View {
  readonly title: string;
  readonly regions: readonly Region[];
  /** True where codes are shown in full on purpose. */
  readonly showsCodes?: boolean;
}

/** `html` is a card of the page. */
export function cardOf(title: string, html: string): string {
  return `<section class="card"><h1>${title}</h1>${html}</section>`;
}

/** Tells one content of a region from another. */
export function printOf({ html }: Region): string {
  return createHash('sha256').update(html).digest('base64url').slice(0, 16);
}
