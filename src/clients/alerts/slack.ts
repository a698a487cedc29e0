import { postJson } from './post-json.ts';
import type { AlertSender } from './sender.ts';

/** Slack cuts longer texts. */
const MAX_LENGTH = 3_500;

/** The form of Slack's incoming webhooks. */
export function slackSender({ url }: { readonly url: string }): AlertSender {
  return async ({ subject, text }, signal) => {
    const whole = `*${escaped(subject)}*\n${escaped(text)}`;
    const body = JSON.stringify({ text: whole.slice(0, MAX_LENGTH) });
    await postJson({ what: 'Slack webhook', url, body, signal });
  };
}

/** Slack reads these three as markup; names of deals come from people. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
