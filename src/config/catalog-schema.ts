import { z } from 'zod';

/**
 * `catalog.yaml` as people write it. Unknown keys are errors: a misspelt option must not be ignored.
 * Limits are those of the Create Redemption Code Group call and of its admin page.
 */
const id = z.string().trim().min(1);
const ids = z.array(id);
/** People write ids that are digits without quotes. */
const crmId = z.union([id, z.int().min(0)]).transform(String);
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
};

const partialTerms = z.strictObject({
  codeLength: terms.codeLength.optional(),
  seatsPerUnit: terms.seatsPerUnit.optional(),
  accessDays: terms.accessDays.optional(),
  accessUntil: terms.accessUntil.optional(),
  codesExpireAfterDays: terms.codesExpireAfterDays.optional(),
});

const productMatch = z.union([
  z.strictObject({ sku: id.describe('HubSpot hs_sku or Salesforce ProductCode') }),
  z.strictObject({ hubspotProductId: id }),
  z.strictObject({ salesforceProductId: id }),
]);

const grants = z
  .strictObject({
    courses: ids.optional(),
    learningPaths: ids.optional(),
    bundles: ids.optional(),
    licenses: ids.optional(),
  })
  .describe('Content ids by kind; at least one in all');

const grantingProduct = partialTerms.extend({
  match: productMatch,
  key: id
    .max(300)
    .optional()
    .describe('Stable name of the product on delivered deals; set it to the old one when you change match'),
  title: z.string().trim().min(1).max(200),
  grants,
});

const ignoredProduct = z.strictObject({ match: productMatch, ignore: z.literal(true) });

const partner = z.strictObject({
  match: z.union([
    z.strictObject({ company: id }),
    z.strictObject({ domain: id }),
    z.strictObject({ hubspotCompanyId: id }),
    z.strictObject({ salesforceAccountId: id }),
  ]),
  label: z
    .string()
    .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'only a-z, 0-9 and single hyphens')
    .max(30)
    .describe('First part of the group label'),
  client: id.optional().describe('Panorama client id'),
  redeemUrl: z.string().optional().describe('Redeem link template with {code}'),
});

const roles = z.strictObject({ hubspotLabel: id.optional(), salesforceRole: id.optional() });

const hubspotTool = z.union([
  z.strictObject({ via: z.literal('singleSend'), emailId: z.int().positive() }),
  z.strictObject({
    via: z.literal('sequence'),
    sequenceId: crmId,
    userId: crmId,
    senderEmail: z.email(),
  }),
  z.strictObject({ via: z.literal('list'), listId: crmId }),
  z.strictObject({ via: z.literal('none') }),
]);

const mailTexts = {
  subject: z.string().min(1).optional().describe('Liquid template of the subject'),
  body: z.string().min(1).optional().describe('Liquid template of the HTML body'),
};

const salesforceTool = z.union([
  z.strictObject({ via: z.literal('emailSimple'), ...mailTexts }),
  z.strictObject({ via: z.literal('none') }),
]);

export const catalogSchema = z
  .strictObject({
    version: z.literal(1),
    defaults: partialTerms.optional(),
    approval: z.strictObject({ aboveSeats: z.int().min(0) }).optional(),
    products: z.array(z.union([ignoredProduct, grantingProduct])).min(1),
    partners: z.array(partner).optional(),
    learnerHosts: z.array(z.string()).optional().describe('Further hosts that a redeemUrl may have'),
    buyer: roles.optional(),
    handOver: z.strictObject({
      to: z.enum(['buyer', 'learners']),
      learners: roles.optional(),
      hubspot: hubspotTool.optional(),
      salesforce: salesforceTool.optional(),
      mail: z.strictObject(mailTexts).optional().describe('Texts for the tools that take one'),
    }),
  })
  .describe('Dealseat catalog: what a sold product gives, to whom, and how it is handed over');

export type CatalogFile = z.infer<typeof catalogSchema>;
export type GrantingProductFile = z.infer<typeof grantingProduct>;
export type IgnoredProductFile = z.infer<typeof ignoredProduct>;
