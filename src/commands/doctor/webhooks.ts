import type { WebhookProbe } from '../../../webhooks/server/probe.ts';
import { thoughtIndustriesProbe } from '../../../webhooks/thought-industries/probe.ts';
import { httpRequest, TransportError } from '../../clients/http.ts';
import type { Config } from '../../config/config.ts';
import { crmsInUse } from '../../config/crm-settings.ts';
import { WEBHOOK_MODULES } from '../../processes/webhook-modules.ts';
import { failed, ok, skipped, type Tried } from './check.ts';

const TIMEOUT_MS = 15_000;

/** Sends each CRM's route a genuine message that starts no run, by the address at which the CRM calls it. */
export async function* checkWebhooks(config: Config, signal: AbortSignal): AsyncGenerator<Tried> {
  const { publicUrl } = config.webhook;
  for (const { module } of crmsInUse(config)) {
    const { displayName } = module.facts;
    const name = `${displayName} event through WEBHOOK_PUBLIC_URL`;
    if (publicUrl === null) {
      yield module.signsAddress
        ? failed(
            name,
            'WEBHOOK_PUBLIC_URL is not set',
            `Set it: ${displayName} signs the address that it calls.`,
          )
        : skipped(name, 'not checked: WEBHOOK_PUBLIC_URL is not set', 'Set it to have this tried.');
      continue;
    }
    const ours = WEBHOOK_MODULES.find(({ crm }) => crm.name === module.name);
    const probe = ours?.probe(config, publicUrl, Date.now()) ?? null;
    if (probe === null) continue;
    yield await sendProbe(probe, { name, publicUrl, signal });
  }
  yield* checkRedemptions(config, signal);
}

/** Optional: without it Dealseat asks the platform for redemptions every few minutes. */
async function* checkRedemptions(
  { webhook: { publicUrl }, tiWebhook }: Config,
  signal: AbortSignal,
): AsyncGenerator<Tried> {
  const name = 'Thought Industries event through WEBHOOK_PUBLIC_URL';
  if (tiWebhook === null) {
    yield skipped(name, 'TI_WEBHOOK_SECRET is not set: Dealseat polls for redemptions');
  } else if (publicUrl === null) {
    yield skipped(name, 'not checked: WEBHOOK_PUBLIC_URL is not set', 'Set it to have this tried.');
  } else {
    const probe = thoughtIndustriesProbe(tiWebhook, publicUrl, Date.now());
    if (probe !== null) yield await sendProbe(probe, { name, publicUrl, signal });
  }
}

async function sendProbe(
  { url, shownPath, headers, body, isTaken, whenRefused }: WebhookProbe,
  {
    name,
    publicUrl,
    signal,
  }: { readonly name: string; readonly publicUrl: string; readonly signal: AbortSignal },
): Promise<Tried> {
  const where = publicUrl + shownPath;
  try {
    const answer = await httpRequest({ method: 'POST', url, headers, body, timeoutMs: TIMEOUT_MS, signal });
    const { status } = answer;
    if (isTaken({ status, text: answer.body.toString('utf8') })) {
      return ok(name, `${where} proved a message and started no run`);
    }
    if (status === 401 || status === 403)
      return failed(name, `${where} refused a message with ${status}`, whenRefused);
    if (status === 503)
      return failed(name, `${where} answered 503`, 'Check that Temporal can be reached from there.');
    return failed(
      name,
      `${where} answered ${status}, but not as Dealseat's webhook server does`,
      'Check that WEBHOOK_PUBLIC_URL leads to that server: another one, or a proxy, answers there.',
    );
  } catch (error) {
    if (!(error instanceof TransportError)) throw error;
    // Its own message may show the path.
    return failed(
      name,
      `${publicUrl} does not answer this machine (${error.reason === 'unreachable' ? 'no connection' : error.reason})`,
      'Run `dealseat start` or `dealseat webhooks`, and check the tunnel or proxy that leads there.',
    );
  }
}
