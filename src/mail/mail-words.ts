interface AccessTerms {
  readonly days: number | null;
  readonly until: string;
  /** How the reader writes numbers. */
  readonly locale: string;
}

/** The few words that are put into the texts, by language; a text in another language has the parts to word its own. */
interface MailWords {
  access(terms: AccessTerms): string;
}

const ENGLISH: MailWords = {
  access: ({ days, until, locale }) =>
    days === null
      ? until && `until ${until}`
      : `for ${numberInWords(days, locale)} ${days === 1 ? 'day' : 'days'} from redemption`,
};

const GERMAN: MailWords = {
  access: ({ days, until, locale }) =>
    days === null
      ? until && `bis ${until}`
      : `für ${numberInWords(days, locale)} ${days === 1 ? 'Tag' : 'Tage'} ab Einlösung`,
};

export function wordsOf(language: string): MailWords {
  return language.split('-')[0] === 'de' ? GERMAN : ENGLISH;
}

export function numberInWords(value: number, locale: string): string {
  return value.toLocaleString(locale);
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** A calendar day as its reader writes it. `day` is `YYYY-MM-DD`; empty stays empty. */
export function dayInWords(day: string | null, locale: string): string {
  if (day === null || day === '') return '';
  const known = formats.get(locale);
  // The day is that of the deal's zone already, so no zone may shift it.
  const format = known ?? new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone: 'UTC' });
  if (known === undefined) formats.set(locale, format);
  return format.format(new Date(`${day}T00:00:00Z`));
}
