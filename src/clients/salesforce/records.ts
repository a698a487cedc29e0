import { z } from 'zod';
import type { DealReading } from '../../domain/deal/catalog.ts';
import type { Contact } from '../../domain/deal/deal.ts';
import { faultEntry } from './faults.ts';

/** Shapes of Salesforce records and answers that more than one file reads. */

export const text = z
  .string()
  .nullish()
  .transform((value) => value ?? null);

/** A date-time as an ISO 8601 instant. Salesforce writes the zone as `+0000`, without the colon. */
export const instant = z.string().transform((stamp, context) => {
  const date = new Date(stamp.replace(/([+-]\d{2})(\d{2})$/, '$1:$2'));
  if (!Number.isNaN(date.getTime())) return date.toISOString();
  context.addIssue({ code: 'custom', message: 'not an instant' });
  return z.NEVER;
});

/** Fields of a contact as a query names them, `languageField` last where the catalog has one. */
export function contactFields({ languageField }: Pick<DealReading, 'languageField'>, prefix = ''): string {
  const names = [
    'Id',
    'Email',
    'FirstName',
    'LastName',
    ...(languageField === undefined ? [] : [languageField]),
  ];
  return names.map((name) => `${prefix}${name}`).join(', ');
}

export const contactRecord = z
  .object({
    attributes: z.unknown().optional(),
    Id: z.string(),
    Email: text,
    FirstName: text,
    LastName: text,
  })
  .loose()
  .transform(({ attributes: _, Id, Email, FirstName, LastName, ...rest }): Contact => {
    // The one field that is left is that of the language; a query answers in the spelling that the org gave it.
    const [language] = Object.values(rest);
    return {
      id: Id,
      email: Email,
      firstName: FirstName,
      lastName: LastName,
      ...(typeof language === 'string' ? { language } : {}),
    };
  });

/** Answer to the create of one record. A redirected POST can come back as a success of another shape. */
export const created = z.object({ id: z.string().min(15), success: z.literal(true) });

/** Answer to an update or delete of one record: jsforce fills it in for the empty 204. */
export const done = z.object({ success: z.literal(true) });

/** Answer to a write of many records, one entry each and in their order. */
export const itemResults = z.array(
  z.union([
    z.object({ success: z.literal(true) }),
    z.object({ success: z.literal(false), errors: z.array(faultEntry).min(1) }),
  ]),
);

/** Salesforce's bound for one write of many records. */
export const RECORDS_A_WRITE = 200;

export function* chunks<T>(items: readonly T[], size: number): Generator<T[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}
