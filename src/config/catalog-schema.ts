import { z } from 'zod';
import type { CatalogTool, CrmModule, IdForm } from '../clients/crm-module.ts';
import { hostNameOf } from '../clients/host-name.ts';
import type { Approvers } from '../domain/deal/action.ts';
import { isTimeZone } from '../domain/deal/calendar.ts';
import {
  type DealTerms,
  LATE_REDEMPTION_RULES,
  LINE_RULES,
  type PartnerMatch,
  type ProductMatch,
  type RoleNames,
  type SeatSource,
  SWAP_IN_USE_RULES,
} from '../domain/deal/catalog.ts';
import type { CrmName } from '../domain/deal/deal.ts';
import { nameKey } from '../domain/names.ts';
import { CSV_SEPARATOR_NAMES } from '../domain/seats/csv-separator.ts';
import { NUDGE_READERS } from '../domain/seats/nudges.ts';
import { mailSchema } from './mail-catalog.ts';

/**
 * `catalog.yaml` as people write it. Unknown keys are errors: a misspelt option must not be ignored.
 * Limits are those of the Create Redemption Code Group call and of its admin page.
 */
const id = z.string().trim().min(1);
const ids = z.array(id);
/** Compared with what people type in a CRM. */
const onlyBlanks = 'expected a name, found only blanks';
const name = z
  .string()
  .trim()
  .min(1, { abort: true, error: onlyBlanks })
  .refine((text) => nameKey(text) !== '', onlyBlanks);
const host = id.transform((text, context) => {
  const found = hostNameOf(text);
  if (found !== null) return found;
  const message = `expected a host name such as acme.example, without scheme, path, port or @; found ${JSON.stringify(text)}`;
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
});
const day = z.iso.date().describe('Calendar day, YYYY-MM-DD');

const terms = {
  codeLength: z.int().min(4).max(20).describe('Characters of each code, 4 to 20'),
  seatsPerUnit: z.int().min(1).max(10_000).describe('Seats for each unit of quantity on the deal'),
  accessDays: z.int().min(1).max(36_500).describe('Days of access after redeeming; excludes accessUntil'),
  accessUntil: day.describe('Last day of access; excludes accessDays'),
  codesExpireAfterDays: z
    .int()
    .min(1)
    .max(36_500)
    .describe('Days from the close date until unredeemed codes stop working'),
  lines: z
    .enum(LINE_RULES)
    .describe(
      'What several lines that start on different days sell: ask people, their sum, the highest or the first period',
    ),
};

const partialTerms = z.strictObject({
  codeLength: terms.codeLength.optional(),
  seatsPerUnit: terms.seatsPerUnit.optional(),
  accessDays: terms.accessDays.optional(),
  accessUntil: terms.accessUntil.optional(),
  codesExpireAfterDays: terms.codesExpireAfterDays.optional(),
  lines: terms.lines.optional(),
});

const grants = z
  .strictObject({
    courses: ids.optional(),
    learningPaths: ids.optional(),
    bundles: ids.optional(),
    licenses: ids.optional(),
  })
  .describe('Content ids by kind; at least one in all');

const reader = z.enum(NUDGE_READERS);
const nudgeDays = z.int().min(1).max(36_500);

const nudge = z.strictObject({
  afterDays: nudgeDays.optional().describe('Days from the delivery; excludes beforeExpiryDays'),
  beforeExpiryDays: nudgeDays
    .optional()
    .describe('Days before the first unused seats end; excludes afterDays'),
  unusedAbove: z
    .number()
    .refine(
      (share) => share >= 0 && share < 1,
      'expected a share from 0 to below 1, such as 0.5 for more than half of the seats',
    )
    .optional()
    .describe('Only if a larger share of the seats than this is unused, 0 to below 1'),
  to: z.union([reader, z.array(reader).min(1)]).describe('Who is reminded'),
});

export type CatalogFile = z.infer<ReturnType<typeof catalogSchema>>;
export type ProductFile = CatalogFile['products'][number];

/** Each CRM adds the keys of its own, in the order of the list. */
export function catalogSchema(crms: readonly CrmModule[]) {
  const match = productMatch(crms);
  const grantingProduct = partialTerms.extend({
    match,
    key: name
      .max(300)
      .optional()
      .describe('Stable name of the product on delivered deals; set it to the old one when you change match'),
    title: z.string().trim().min(1).max(200),
    grants,
  });
  const lineName = z.strictObject({ name: name.describe('Name of a line that nothing else matches') });
  const ignoredProduct = z.strictObject({ match: z.union([match, lineName]), ignore: z.literal(true) });
  return z
    .strictObject({
      version: z.literal(1),
      defaults: partialTerms.optional(),
      approval: approval(crms).optional(),
      deals: deals(crms).optional().describe('Which deals count, and what counts as won'),
      products: z.array(z.union([ignoredProduct, grantingProduct])).min(1),
      unmatched: z
        .enum(['ask', 'ignore'])
        .optional()
        .describe('What becomes of a line that no product matches'),
      lateRedemption: z
        .enum(LATE_REDEMPTION_RULES)
        .optional()
        .describe(
          'What becomes of access by a code that was taken back, or by a seat that ended in use: ask the owner, end the access, or count a sold seat',
        ),
      swapInUse: z
        .enum(SWAP_IN_USE_RULES)
        .optional()
        .describe(
          'Who has the seat when a learner comes in the place of one who uses it already: ask, the one who left, or the newcomer',
        ),
      nudges: z.array(nudge).optional().describe('When buyers and owners are reminded of unused seats'),
      seatsFrom: z.array(seatSource(crms)).optional().describe('Fields of the deal that hold seats'),
      partners: z.array(partner(crms)).optional(),
      partnerRequired: z
        .boolean()
        .optional()
        .describe('true: a deal whose company is none of the partners waits for a person'),
      timeZone: z
        .string()
        .refine(isTimeZone, 'expected the IANA name of a time zone, such as Europe/Berlin')
        .optional()
        .describe('IANA time zone in which buyers read days; unset: days end when they are over everywhere'),
      learnerHosts: z.array(z.string()).optional().describe('Further hosts that a redeemUrl may have'),
      buyer: buyer(crms).optional(),
      handOver: handOver(crms),
    })
    .describe('Dealseat catalog: what a sold product gives, to whom, and how it is handed over');
}

function approval(crms: readonly CrmModule[]) {
  const keys = crms.flatMap(({ catalog }) => Object.entries(catalog.approvers ?? {}));
  const by = z
    .strictObject(
      Object.fromEntries(keys.map(([key, what]) => [key, z.array(name).min(1).describe(what).optional()])),
    )
    .transform((named, context) => {
      if (Object.keys(named).length > 0) return named as Approvers;
      const message = `expected at least one of ${keys.map(([key]) => key).join(', ')}`;
      context.addIssue({ code: 'custom', message });
      return z.NEVER;
    });
  return z.strictObject({
    aboveSeats: z.int().min(0),
    by: by
      .optional()
      .describe('Whose approvals on the deal count; unset: of everyone who may edit the field'),
  });
}

function productMatch(crms: readonly CrmModule[]) {
  const fields = crms.map(({ facts, catalog }) => `${facts.displayName} ${catalog.skuField}`);
  return z.union([
    z.strictObject({ sku: name.describe(fields.join(' or ')) }),
    ...crms.map(({ name: crm, catalog: { keys, ids } }) =>
      idUnder(keys.product, ids.product).transform((productId): ProductMatch => ({ crm, productId })),
    ),
  ]);
}

function partner(crms: readonly CrmModule[]) {
  return z.strictObject({
    match: z.union([
      z.strictObject({ company: name }),
      z.strictObject({ domain: host }),
      ...crms.map(({ name: crm, catalog: { keys, ids } }) =>
        idUnder(keys.company, ids.company).transform((companyId): PartnerMatch => ({ crm, companyId })),
      ),
    ]),
    label: z
      .string()
      .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'only a-z, 0-9 and single hyphens')
      .max(30)
      .describe('First part of the group label'),
    displayName: z
      .string()
      .trim()
      .min(1)
      .max(200)
      .optional()
      .describe('What mails and the file name of the roster call the customer'),
    client: id.optional().describe('Panorama client id'),
    redeemUrl: z.string().optional().describe('Redeem link template with {code}'),
  });
}

function deals(crms: readonly CrmModule[]) {
  const own = crms.flatMap(({ name, catalog }) => (catalog.deals ? [[name, catalog.deals.optional()]] : []));
  return z.strictObject(Object.fromEntries(own)).transform(
    // The keys are those of the CRMs, which no type knows.
    (terms) => terms as Readonly<Record<CrmName, DealTerms>>,
  );
}

function seatSource(crms: readonly CrmModule[]) {
  const keys = crms.flatMap(({ name, catalog }) =>
    catalog.keys.seatField ? [[name, catalog.keys.seatField] as const] : [],
  );
  return z
    .strictObject({
      product: id.describe('Key of the product that the field sells'),
      ...Object.fromEntries(keys.map(([, key]) => [key, id.optional()])),
    })
    .transform((source): SeatSource => {
      const { product, ...named } = source as { product: string } & Record<string, string | undefined>;
      const fields = keys.flatMap(([crm, key]) => {
        const field = named[key];
        return field === undefined ? [] : [[crm, field] as const];
      });
      return { product: nameKey(product), fields: Object.fromEntries(fields) };
    });
}

/** An object of that one key. People write ids that are digits without quotes. */
function idUnder(key: string, { form, canonical }: IdForm) {
  const recordId = z.union([id, z.int().min(0)]).transform((value, context) => {
    const found = canonical(String(value));
    if (found !== null) return found;
    context.addIssue({ code: 'custom', message: `expected ${form}; found ${JSON.stringify(value)}` });
    return z.NEVER;
  });
  return z.strictObject({ [key]: recordId }).transform(({ [key]: value = '' }) => value);
}

function buyer(crms: readonly CrmModule[]) {
  return z
    .strictObject({
      ...roleKeys(crms),
      required: z
        .boolean()
        .optional()
        .describe('Only the label or role makes a contact the buyer; never the primary or the only contact'),
    })
    .transform(({ required = false, ...names }) => ({
      roles: roleNames(crms, names as RoleKeys),
      isRequired: required,
    }));
}

function roles(crms: readonly CrmModule[]) {
  return z.strictObject(roleKeys(crms)).transform((names) => roleNames(crms, names));
}

type RoleKeys = Readonly<Record<string, string | undefined>>;

function roleKeys(crms: readonly CrmModule[]) {
  return Object.fromEntries(crms.map(({ catalog: { keys } }) => [keys.role, name.optional()]));
}

function roleNames(crms: readonly CrmModule[], names: RoleKeys): RoleNames {
  return Object.fromEntries(
    crms.flatMap(({ name: crm, catalog: { keys } }) => {
      const role = names[keys.role];
      return role === undefined ? [] : [[crm, role]];
    }),
  );
}

function handOver(crms: readonly CrmModule[]) {
  return z
    .strictObject({
      to: z.enum(['buyer', 'learners']),
      learners: roles(crms).optional(),
      leftOver: z
        .enum(['buyer', 'laterLearners'])
        .optional()
        .describe('With to: learners, who gets the codes that no learner has'),
      ...Object.fromEntries(crms.map(({ name, catalog }) => [name, catalog.tool.optional()])),
      roster: z
        .strictObject({
          xlsx: z
            .boolean()
            .optional()
            .describe('Whether the roster is attached as an Excel workbook beside the CSV file'),
          separator: z
            .enum(CSV_SEPARATOR_NAMES)
            .optional()
            .describe('What stands between the columns of the CSV files'),
        })
        .optional()
        .describe('In which forms the roster is attached'),
      mail: mailSchema(crms).optional().describe('What the mails say, and in which language'),
    })
    .transform(({ to, learners, leftOver, roster, mail, ...tools }) => ({
      to,
      learners,
      leftOver,
      roster,
      mail,
      // The keys that are left are those of the CRMs, which no type knows.
      tools: tools as Readonly<Record<string, CatalogTool | undefined>>,
    }));
}
