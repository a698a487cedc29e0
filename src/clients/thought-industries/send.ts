import { parseJson } from '../../domain/parse-json.ts';
import { type HttpResponse, httpRequest, TransportError } from '../http.ts';
import { BudgetExceeded, type RequestBudget } from '../request-budget.ts';
import type { QuotaReading } from '../request-pace.ts';
import type { Answer, TiCall } from './call.ts';
import { noAnswer, outOfBudget, refusal } from './failures.ts';
import { JITTER_SHARE, readQuota, waitAfterRefusal, waitWhileUnavailable } from './rate-limit.ts';

export interface Sender {
  /** Sends a call once and returns the JSON of its answer. Throws `DealseatError`, or the signal's reason. */
  send(call: TiCall, options: SendOptions): Promise<unknown>;
  /** What the last answer said of the quota; null: none did. */
  lastQuota(): QuotaReading | null;
}

export interface SendOptions {
  /** Instead of the sender's own bound on waiting for a turn. */
  readonly maxWaitMs?: number;
  readonly signal?: AbortSignal | undefined;
}

interface SenderOptions {
  /** `https://<tenant>/incoming/v2`. */
  readonly apiUrl: string;
  readonly apiKey: string;
  readonly timeoutMs: number;
  readonly maxWaitMs: number;
  readonly budget: RequestBudget;
  readonly now: () => number;
  readonly random: () => number;
}

export function createSender(options: SenderOptions): Sender {
  const { budget, apiKey, now, random } = options;
  let lastQuota: QuotaReading | null = null;

  async function exchange(
    call: TiCall,
    { maxWaitMs = options.maxWaitMs, signal }: SendOptions,
  ): Promise<HttpResponse> {
    try {
      // Before the call, so that waiting for a turn does not use up its deadline.
      await budget.turn({ maxWaitMs, signal });
      return await httpRequest({
        method: call.method,
        url: `${options.apiUrl}${call.target}`,
        ...(call.shownTarget === undefined ? {} : { shownUrl: `${options.apiUrl}${call.shownTarget}` }),
        headers: headersFor(call, apiKey),
        ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
        timeoutMs: options.timeoutMs,
        signal,
      });
    } catch (error) {
      if (error instanceof BudgetExceeded) throw outOfBudget(call, error);
      if (error instanceof TransportError) throw noAnswer(call, error);
      throw error;
    }
  }

  /** Lets all other callers know what this answer says of the quota; returns how long to wait, if it does. */
  function heed({ status, headers }: HttpResponse, json: unknown): number | null {
    const quota = readQuota(headers, now());
    if (quota !== null) {
      lastQuota = quota;
      budget.observe(quota);
    }
    const waitMs = waitAsked(status, headers, json);
    if (waitMs !== null) budget.holdFor(waitMs);
    else if (status === 429) return budget.refused(JITTER_SHARE * random());
    if (status < 500 && status !== 429) budget.accepted();
    return waitMs;
  }

  function waitAsked(status: number, headers: HttpResponse['headers'], json: unknown): number | null {
    if (status === 429) return waitAfterRefusal(headers, json, now(), random);
    if (status === 503) return waitWhileUnavailable(headers, now(), random);
    return null;
  }

  return {
    lastQuota: () => lastQuota,
    async send(call, sendOptions) {
      const response = await exchange(call, sendOptions);
      const answer = readAnswer(response);
      const retryAfterMs = heed(response, answer.json);
      const { tookMs } = response;
      const failure = refusal(call, answer, { retryAfterMs, tookMs, secrets: [apiKey] });
      if (failure !== null) throw failure;
      return answer.json;
    },
  };
}

function headersFor(call: TiCall, apiKey: string): Record<string, string> {
  return {
    accept: 'application/json',
    authorization: `Bearer ${apiKey}`,
    'user-agent': 'dealseat',
    ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
  };
}

function readAnswer({ status, headers, body }: HttpResponse): Answer {
  const text = body.toString('utf8').trim();
  const isHtml = /html/i.test(headers['content-type'] ?? '') || text.startsWith('<');
  return { status, json: isHtml ? undefined : parseJson(text), isHtml };
}
