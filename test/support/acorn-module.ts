import { z } from 'zod';
import type { CrmModule } from '../../src/clients/crm-module.ts';
import { readSystem } from '../../src/config/read-variables.ts';
import type { Secret } from '../../src/config/secret.ts';
import { secret, type Variable } from '../../src/config/variables.ts';
import { NO_MAIL } from '../../src/domain/deal/mail-tool.ts';
import { parseJson } from '../../src/domain/parse-json.ts';
import { type WebhookModule, webhookModule } from '../../src/processes/webhook-modules.ts';
import { WebhookProblem } from '../../webhooks/server/problems.ts';
import { rawBodyOf, requireContentType } from '../../webhooks/server/raw-body.ts';
import { startRuns } from '../../webhooks/server/start-runs.ts';
import type { Acorn } from './acorn-crm.ts';

interface AcornSettings {
  readonly account: string;
  readonly key: Secret;
}

const ID = /^nut-[1-9]\d*$/;

const VARIABLES = {
  ACORN_ACCOUNT: { schema: z.string().regex(/^\d+$/), expects: 'the number of the account' },
  ACORN_KEY: { schema: secret(), expects: 'a key', secret: true },
} as const satisfies Record<string, Variable<unknown>>;

/** What the folder of a third CRM would export. */
export function acornModule(acorn: Acorn): CrmModule<AcornSettings> {
  return {
    name: 'acorn',
    facts: {
      displayName: 'Acorn',
      contactRole: 'part',
      ledgerField: 'dealseatLedger',
      ledgerLength: 10_000,
      detailLength: 1_000,
    },
    dealId: {
      form: 'nut- and the number of an Acorn deal',
      canonical: (text) => (ID.test(text) ? text : null),
    },
    accountId: {
      form: 'the number of an Acorn account',
      canonical: (text) => (/^\d+$/.test(text) ? text : null),
    },
    environment: {
      prefix: 'ACORN_',
      variables: VARIABLES,
      read(env, faults) {
        const values = readSystem(env, VARIABLES, faults);
        return values && { account: values.ACORN_ACCOUNT, key: values.ACORN_KEY };
      },
    },
    catalog: {
      skuField: 'sku',
      keys: { product: 'acornProductId', company: 'acornCompanyId', role: 'acornRole' },
      ids: {
        product: { form: 'the name of an Acorn product', canonical: (text) => text },
        company: { form: 'the name of an Acorn company', canonical: (text) => text },
      },
      buyerTools: ['letter'],
      tool: z.strictObject({ via: z.literal('letter'), stamp: z.string() }).transform(({ via, stamp }) => ({
        tool: {
          via,
          settings: { stamp },
          traits: { ...NO_MAIL.traits, reachesLearners: true, writesToPeople: true },
          description: `post a letter with the stamp ${stamp}`,
        },
      })),
    },
    accountOf: ({ account }) => account,
    create: async () => acorn.client('acorn'),
  };
}

const body = z.strictObject({ deal: z.string(), event: z.string() });

/** `POST /webhooks/acorn` with a bearer key: what its folder under `webhooks/` would hold. */
export function acornWebhooks(module: CrmModule<AcornSettings>): WebhookModule {
  return webhookModule(
    module,
    async ({ settings }) => ({
      stop: () => undefined,
      source: {
        crm: module.name,
        openApi: { '/webhooks/acorn': { post: { operationId: 'acornEvent', responses: {} } } },
        register: (scope, deps) => {
          scope.post('/webhooks/acorn', {
            config: { source: module.name },
            onRequest: [
              async (request) => {
                const key = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
                if (!settings.key.matches(key)) {
                  await deps.refuseForged(request, new WebhookProblem('webhook.unauthorized'));
                }
              },
              requireContentType('application/json'),
            ],
            handler: async (request) => {
              const event = body.safeParse(parseJson(rawBodyOf(request).toString('utf8')));
              const dealId = event.success ? module.dealId.canonical(event.data.deal) : null;
              if (!event.success || dealId === null) throw new WebhookProblem('webhook.malformed');
              const ref = { crm: module.name, account: settings.account, dealId };
              const runs = [{ ref, trigger: { by: module.name, detail: event.data.event } }];
              const tally = deps.tallyOf(module.name, request);
              await tally.around(1, () => startRuns({ ...deps, runs, budgetMs: 5_000 }));
              return { accepted: 1 };
            },
          });
        },
      },
    }),
    { subscriptions: 'See the hooks of the squirrel.' },
  );
}
