import { httpRequest } from '../http.ts';
import { requireSuccess } from './require-success.ts';
import type { AlertSender } from './sender.ts';

const TIMEOUT_MS = 8_000;
/** Slack cuts longer texts. */
const MAX_LENGTH = 3_500;

/** The form of Slack's incoming webhooks. */
export function slackSender({ url }: { readonly url: string }): AlertSender {
  return async ({ subject, text }, signal) => {
    const whole = `*${escaped(subject)}*\n${escaped(text)}`;
    const answer = await httpRequest({
      method: 'POST',
      url,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ text: whole.slice(0, MAX_LENGTH) }),
      timeoutMs: TIMEOUT_MS,
      signal,
    });
    requireSuccess('Slack webhook', answer);
  };
}

/** Slack reads these three as markup; names of deals come from people. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
