import type { TiWebhookConfig } from '../../src/config/config.ts';
import type { WebhookProbe } from '../server/probe.ts';
import { signPlatformBody } from './signature.ts';

const PATH = '/webhooks/thought-industries';

/** An event of a kind that the platform does not have, signed as it signs. */
export function thoughtIndustriesProbe(
  { secrets, signingSecrets }: TiWebhookConfig,
  publicUrl: string,
  nowMs: number,
): WebhookProbe | null {
  const [secret] = secrets;
  if (secret === undefined) return null;
  const [signing] = signingSecrets ?? [];
  const body = JSON.stringify({
    event: 'dealseat.probe',
    timestamp: new Date(nowMs).toISOString(),
    data: {},
  });
  return {
    shownPath: `${PATH}/***`,
    url: `${publicUrl}${PATH}/${secret.reveal()}`,
    headers: {
      'content-type': 'application/json',
      ...(signing === undefined ? {} : { 'x-ti-signature': signPlatformBody(Buffer.from(body), signing) }),
    },
    body,
    isTaken: ({ status, text }) => status === 200 && /"taken"\s*:\s*0/.test(text),
    whenRefused:
      'The server has another TI_WEBHOOK_SECRET or TI_WEBHOOK_SIGNING_SECRET than this command, or a proxy changes the path or the body.',
  };
}
