import type { FastifyInstance } from 'fastify';
import type { RedemptionEvent } from '../../src/clients/learners.ts';
import type { TiWebhookConfig } from '../../src/config/config.ts';
import type { SourceDeps } from '../server/limits.ts';
import { problemAnswers } from '../server/openapi-parts.ts';
import { WebhookProblem } from '../server/problems.ts';
import { rawBodyOf, requireContentType } from '../server/raw-body.ts';
import type { WebhookSource } from '../server/source.ts';
import { withinBudget } from '../server/within-budget.ts';
import { parseRedemptionNotice, type ReadEvent } from './notice.ts';

const SOURCE = 'thought-industries';
const BODY_LIMIT = 1024 * 1024;
/** The platform wants its answer within 5 s. */
const BUDGET_MS = 3_500;

/** Resolves once the redemptions are kept where a restart does not lose them. The same one may come several times. */
export type OnRedemptions = (redemptions: readonly RedemptionEvent[]) => Promise<void>;

interface ThoughtIndustriesSourceOptions {
  readonly config: TiWebhookConfig;
  readonly readEvent: ReadEvent;
  /** Absent: redemptions are refused, and the platform sends them again. */
  readonly onRedemptions?: OnRedemptions | undefined;
}

export function thoughtIndustriesSource(options: ThoughtIndustriesSourceOptions): WebhookSource {
  return { openApi: OPEN_API, register: (scope, deps) => registerRedemptions(scope, options, deps) };
}

const OPEN_API = {
  '/webhooks/thought-industries/{secret}': {
    post: {
      operationId: 'thoughtIndustriesEvents',
      summary: 'Redemptions of codes, from the outbound webhook of Thought Industries.',
      parameters: [
        { name: 'secret', in: 'path', required: true, schema: { type: 'string' } },
        {
          name: 'X-TI-Signature',
          in: 'header',
          required: false,
          description: 'Hexadecimal HMAC-SHA256 of the body; required where a signing secret is set.',
          schema: { type: 'string' },
        },
      ],
      requestBody: {
        required: true,
        content: { 'application/json': { schema: { type: ['object', 'array'] } } },
      },
      responses: {
        200: { description: 'Every redemption of the message is kept.' },
        ...problemAnswers(400, 401, 413, 415, 429, 503),
      },
    },
  },
};

/** `POST /webhooks/thought-industries/:secret`. Anything but a success makes the platform send the message again. */
function registerRedemptions(
  app: FastifyInstance,
  { config, readEvent, onRedemptions }: ThoughtIndustriesSourceOptions,
  deps: SourceDeps,
): void {
  const { secrets, signingSecrets } = config;
  const budgetMs = deps.limits.budgetMs[SOURCE] ?? BUDGET_MS;

  async function keep(redemptions: readonly RedemptionEvent[]): Promise<void> {
    if (redemptions.length === 0) return;
    if (onRedemptions !== undefined && (await withinBudget(onRedemptions(redemptions), budgetMs))) return;
    throw new WebhookProblem('webhook.not_taken');
  }

  app.post<{ Params: { secret: string } }>('/webhooks/thought-industries/:secret', {
    bodyLimit: BODY_LIMIT,
    config: { source: SOURCE },
    onRequest: [
      async (request) => {
        const matching = secrets.filter((secret) => secret.matches(request.params.secret));
        if (matching.length === 0) {
          await deps.refuseForged(request, new WebhookProblem('webhook.unauthorized'));
        }
      },
      requireContentType('application/json'),
    ],
    handler: async (request) => {
      const notice = parseRedemptionNotice(rawBodyOf(request), request.headers, {
        signingSecrets,
        readEvent,
      });
      if (notice === 'forged') {
        return deps.refuseForged(request, new WebhookProblem('webhook.signature_invalid'));
      }
      const { redemptions, otherCount, malformedCount } = notice;
      const tally = deps.tallyOf(SOURCE, request);
      tally.count('other_event', otherCount);
      tally.count('malformed', malformedCount);
      await tally.around(redemptions.length, () => keep(redemptions));
      return { taken: redemptions.length };
    },
  });
}
