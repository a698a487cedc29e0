import { z } from 'zod';
import { type ConfigFault, readSystem } from '../../config/read-variables.ts';
import type { Secret } from '../../config/secret.ts';
import { MIN_BEARER_LENGTH, origin, rotatingSecret, secret, type Variable } from '../../config/variables.ts';
import type { DealTerms } from '../../domain/deal/catalog.ts';
import { type MailTool, NO_MAIL } from '../../domain/deal/mail-tool.ts';
import type { CatalogTool, CrmModule } from '../crm-module.ts';
import type { HubSpotCrm } from './crm.ts';

export interface HubSpotSettings {
  readonly accessToken: Secret;
  readonly baseUrl: string;
  readonly portalId: string;
  /** One, or two while the app's secret rotates; each of them is valid. */
  readonly clientSecrets: readonly Secret[];
}

const PORTAL_ID = /^[1-9]\d{0,15}$/;

const VARIABLES = {
  HUBSPOT_ACCESS_TOKEN: { schema: secret(), expects: 'an access token without spaces', secret: true },
  HUBSPOT_BASE_URL: {
    schema: origin(),
    expects: 'an https address without a path',
    fallback: 'https://api.hubapi.com',
  },
  HUBSPOT_PORTAL_ID: { schema: z.string().regex(PORTAL_ID), expects: 'the digits of the portal id' },
  HUBSPOT_CLIENT_SECRET: {
    schema: rotatingSecret(MIN_BEARER_LENGTH),
    expects: `the app's client secret of at least ${MIN_BEARER_LENGTH} characters, or the old and the new one separated by a comma while they rotate`,
    secret: true,
  },
} as const satisfies Record<string, Variable<unknown>>;

/** People write ids that are digits without quotes. */
const recordId = z.union([z.string().trim().min(1), z.int().min(0)]).transform(String);

/** HubSpot's e-mail tools merge the contact's own link, so each of them reaches learners. */
const LEARNERS = {
  reachesLearners: true,
  writesToPeople: false,
  carriesLinks: false,
  remembersPeople: false,
};

const toolSchema = z.union([
  z
    .strictObject({ via: z.literal('singleSend'), emailId: z.int().positive() })
    .transform(({ via, emailId }) =>
      toolOf({
        via,
        settings: { emailId },
        traits: { ...LEARNERS, writesToPeople: true, carriesLinks: true },
        description: `send transactional e-mail ${emailId}`,
      }),
    ),
  z
    .strictObject({
      via: z.literal('sequence'),
      sequenceId: recordId,
      userId: recordId,
      senderEmail: z.email(),
    })
    .transform(({ via, ...settings }) =>
      toolOf({
        via,
        settings,
        traits: { ...LEARNERS, remembersPeople: true },
        description: `enrol in sequence ${settings.sequenceId}`,
      }),
    ),
  z
    .strictObject({ via: z.literal('list'), listId: recordId })
    .transform(({ via, listId }) =>
      toolOf({ via, settings: { listId }, traits: LEARNERS, description: `add to list ${listId}` }),
    ),
  z.strictObject({ via: z.literal('none') }).transform(() => toolOf(NO_MAIL)),
]);

const dealsSchema = z
  .strictObject({
    pipelines: z.array(recordId).min(1).optional().describe('Ids of the pipelines whose won deals count'),
    wonStages: z
      .array(recordId)
      .optional()
      .describe('Ids of stages that count as won besides those that HubSpot closes as won'),
    afterWon: z
      .array(recordId)
      .optional()
      .describe('Ids of stages or pipelines that follow the win: a deal there is still won'),
  })
  .transform(
    ({ pipelines = [], wonStages = [], afterWon = [] }): DealTerms => ({
      kinds: pipelines,
      wonStages,
      afterWon,
    }),
  );

function toolOf(tool: MailTool): CatalogTool {
  return { tool };
}

export const HUBSPOT = {
  name: 'hubspot',
  facts: {
    displayName: 'HubSpot',
    contactRole: 'association label',
    ledgerField: 'dealseat_ledger',
    ledgerLength: 65_536,
    detailLength: 65_536,
  },
  dealId: {
    form: 'the digits of a HubSpot deal record id, such as 9001',
    canonical: recordIdIn,
  },
  accountId: {
    form: 'the digits of a HubSpot portal id',
    canonical: (text) => (PORTAL_ID.test(text) ? text : null),
  },
  environment: {
    prefix: 'HUBSPOT_',
    variables: VARIABLES,
    read: readSettings,
  },
  catalog: {
    skuField: 'hs_sku',
    keys: {
      product: 'hubspotProductId',
      company: 'hubspotCompanyId',
      role: 'hubspotLabel',
      seatField: 'hubspotProperty',
    },
    approvers: {
      hubspotUsers: 'E-mail addresses of HubSpot users who may approve',
      hubspotTeams: 'Names of HubSpot teams whose users may approve',
    },
    ids: {
      product: { form: 'the digits of a HubSpot product record id', canonical: recordIdIn },
      company: { form: 'the digits of a HubSpot company record id', canonical: recordIdIn },
    },
    deals: dealsSchema,
    tool: toolSchema,
    buyerTools: ['singleSend'],
  },
  signsAddress: true,
  accountOf: ({ portalId }) => portalId,
  async create({ accessToken, baseUrl, portalId }, reading?): Promise<HubSpotCrm> {
    const { createHubSpotCrm } = await import('./crm.ts');
    return createHubSpotCrm({ accessToken: accessToken.reveal(), baseUrl, portalId, reading });
  },
} as const satisfies CrmModule<HubSpotSettings>;

function recordIdIn(text: string): string | null {
  return /^[1-9]\d{0,18}$/.test(text) ? text : null;
}

function readSettings(env: NodeJS.ProcessEnv, faults: ConfigFault[]): HubSpotSettings | null {
  const values = readSystem(env, VARIABLES, faults);
  return (
    values && {
      accessToken: values.HUBSPOT_ACCESS_TOKEN,
      baseUrl: values.HUBSPOT_BASE_URL,
      portalId: values.HUBSPOT_PORTAL_ID,
      clientSecrets: values.HUBSPOT_CLIENT_SECRET,
    }
  );
}
