import type { CsvSeparator } from '../domain/seats/csv-separator.ts';

/** `de_AT` and `DE-at` are one language; null for a text that names none. */
export function languageTag(text: string | null | undefined): string | null {
  const tag = (text ?? '').trim().replaceAll('_', '-');
  if (!/^[a-z]{2,3}(-[a-z0-9]{2,8})*$/i.test(tag)) return null;
  return tag.toLowerCase();
}

/** Of the languages that there are, the one for a reader; null: none of them. */
export function chooseLanguage(
  wanted: string | null | undefined,
  available: readonly string[],
): string | null {
  for (
    let tag = languageTag(wanted);
    tag !== null && tag !== '';
    tag = tag.split('-').slice(0, -1).join('-')
  ) {
    if (available.includes(tag)) return tag;
  }
  return null;
}

/** How the reader writes dates: as in the reader's own country where the text is in that language, else as the text does. */
export function localeOf(wanted: string | null | undefined, language: string): string {
  const tag = languageTag(wanted);
  const isOfText = tag !== null && (tag === language || tag.startsWith(`${language}-`));
  const [locale = language] = supported(isOfText ? tag : language);
  return locale;
}

/**
 * How Excel separates the columns of a CSV file in the countries of that language: as they separate lists, by semicolons
 * where a number has a decimal comma. Switzerland and Liechtenstein have a decimal point, and semicolons.
 */
export function separatorIn(language: string): CsvSeparator {
  const [locale] = supported(language);
  if (locale === undefined) return 'comma';
  const hasDecimalComma = new Intl.NumberFormat(locale).format(0.5).includes(',');
  return hasDecimalComma || /-(CH|LI)$/.test(locale) ? 'semicolon' : 'comma';
}

function supported(tag: string): string[] {
  try {
    return Intl.DateTimeFormat.supportedLocalesOf(tag);
  } catch {
    return [];
  }
}
