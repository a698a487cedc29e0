import { z } from 'zod';
import { type ConfigFault, readSystem } from '../../config/read-variables.ts';
import type { Secret } from '../../config/secret.ts';
import {
  MIN_BEARER_LENGTH,
  origin,
  refuse,
  rotatingSecret,
  secret,
  type Variable,
} from '../../config/variables.ts';
import type { DealTerms } from '../../domain/deal/catalog.ts';
import { NO_MAIL } from '../../domain/deal/mail-tool.ts';
import type { Crm } from '../crm.ts';
import type { CatalogTool, CrmModule } from '../crm-module.ts';
import { normalizeIdOf } from './ids.ts';

export interface SalesforceSettings {
  readonly loginUrl: string;
  readonly clientId: string;
  readonly clientSecret: Secret;
  /** 18 characters. */
  readonly orgId: string;
  readonly apiVersion: string;
  /** One, or two while the endpoint's path rotates; each of them is valid. */
  readonly webhookSecrets: readonly Secret[];
}

const VARIABLES = {
  SALESFORCE_LOGIN_URL: {
    schema: origin().refine(isMyDomain),
    expects:
      "the org's My Domain address, such as https://acme.my.salesforce.com (login.salesforce.com, test.salesforce.com and *.lightning.force.com give no client-credentials tokens)",
  },
  SALESFORCE_CLIENT_ID: {
    schema: z.string().regex(/^\S+$/),
    expects: 'the consumer key of the app, without spaces',
  },
  SALESFORCE_CLIENT_SECRET: {
    schema: secret(),
    expects: 'the consumer secret of the app, without spaces',
    secret: true,
  },
  SALESFORCE_ORG_ID: {
    schema: z.string().transform((text, context) => normalizeIdOf('Organization', text) ?? refuse(context)),
    expects: 'the org id: 15 or 18 characters that start with 00D',
  },
  SALESFORCE_API_VERSION: {
    schema: z.string().regex(/^\d{2,3}\.0$/),
    expects: 'an API version such as 66.0',
    fallback: '66.0',
  },
  SALESFORCE_WEBHOOK_SECRET: {
    schema: rotatingSecret(MIN_BEARER_LENGTH, /^[\w.~-]+$/),
    expects: `at least ${MIN_BEARER_LENGTH} of A-Z, a-z, 0-9 and the signs "._~-" for the endpoint's path, or the old and the new one separated by a comma while they rotate`,
    secret: true,
  },
} as const satisfies Record<string, Variable<unknown>>;

function isMyDomain(url: string): boolean {
  const { hostname } = new URL(url);
  return !/^(login|test)\.salesforce\.com$|\.lightning\.force\.com$/.test(hostname);
}

const toolSchema = z.union([
  z.strictObject({ via: z.literal('emailSimple') }).transform(
    ({ via }): CatalogTool => ({
      // One text for all, so learners, each with a link of their own, are left to a flow of the customer.
      tool: {
        via,
        settings: {},
        traits: { ...NO_MAIL.traits, writesToPeople: true },
        description: 'send an e-mail with the roster attached',
      },
    }),
  ),
  z.strictObject({ via: z.literal('none') }).transform((): CatalogTool => ({ tool: NO_MAIL })),
]);

const names = z.array(z.string().trim().min(1));

const dealsSchema = z
  .strictObject({
    recordTypes: names.min(1).optional().describe('Names of the record types whose won opportunities count'),
    wonStages: names
      .optional()
      .describe('Stages that count as won besides those that Salesforce closes as won'),
    afterWon: names.optional().describe('Stages that follow the win: an opportunity there is still won'),
  })
  .transform(
    ({ recordTypes = [], wonStages = [], afterWon = [] }): DealTerms => ({
      kinds: recordTypes,
      wonStages,
      afterWon,
    }),
  );

export const SALESFORCE = {
  name: 'salesforce',
  facts: {
    displayName: 'Salesforce',
    contactRole: 'contact role',
    ledgerField: 'Dealseat_Ledger__c',
    ledgerLength: 32_768,
    detailLength: 32_768,
    takesFilesTogether: true,
  },
  dealId: {
    form: 'a Salesforce Opportunity id of 15 or 18 characters that starts with 006',
    canonical: (text) => normalizeIdOf('Opportunity', text),
  },
  accountId: {
    form: 'a Salesforce org id of 15 or 18 characters that starts with 00D',
    canonical: (text) => normalizeIdOf('Organization', text),
  },
  environment: {
    prefix: 'SALESFORCE_',
    variables: VARIABLES,
    read: readSettings,
  },
  catalog: {
    skuField: 'ProductCode',
    keys: {
      product: 'salesforceProductId',
      company: 'salesforceAccountId',
      role: 'salesforceRole',
      seatField: 'salesforceField',
      languageField: 'salesforceField',
    },
    approvers: {
      salesforceUsers: 'E-mail addresses or user names of Salesforce users who may approve',
      salesforceProfiles: 'Names of Salesforce profiles whose users may approve',
      salesforceRoles: 'Names of Salesforce roles whose users may approve',
    },
    ids: {
      product: {
        form: 'a Salesforce product id of 15 or 18 characters that starts with 01t, as it stands in the address of the product',
        canonical: (text) => normalizeIdOf('Product2', text),
      },
      company: {
        form: 'a Salesforce account id of 15 or 18 characters that starts with 001, as it stands in the address of the account',
        canonical: (text) => normalizeIdOf('Account', text),
      },
    },
    deals: dealsSchema,
    tool: toolSchema,
    buyerTools: ['emailSimple'],
  },
  accountOf: ({ orgId }) => orgId,
  async create({ clientSecret, loginUrl, clientId, orgId, apiVersion }, reading?): Promise<Crm> {
    const { createSalesforceCrm } = await import('./crm.ts');
    return createSalesforceCrm({
      loginUrl,
      clientId,
      clientSecret: clientSecret.reveal(),
      orgId,
      apiVersion,
      reading,
    });
  },
} as const satisfies CrmModule<SalesforceSettings>;

function readSettings(env: NodeJS.ProcessEnv, faults: ConfigFault[]): SalesforceSettings | null {
  const values = readSystem(env, VARIABLES, faults);
  return (
    values && {
      loginUrl: values.SALESFORCE_LOGIN_URL,
      clientId: values.SALESFORCE_CLIENT_ID,
      clientSecret: values.SALESFORCE_CLIENT_SECRET,
      orgId: values.SALESFORCE_ORG_ID,
      apiVersion: values.SALESFORCE_API_VERSION,
      webhookSecrets: values.SALESFORCE_WEBHOOK_SECRET,
    }
  );
}
