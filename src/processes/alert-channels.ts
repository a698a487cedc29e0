import { mailSender } from '../clients/alerts/mail.ts';
import type { AlertSender } from '../clients/alerts/sender.ts';
import { slackSender } from '../clients/alerts/slack.ts';
import { webhookSender } from '../clients/alerts/webhook.ts';
import type { AlertConfig } from '../config/config.ts';
import type { AlertChannel } from '../contracts/alert.ts';

/** Every way that is set. */
export function alertChannels({
  webhook,
  slackUrl,
  mail,
}: AlertConfig): Readonly<Partial<Record<AlertChannel, AlertSender>>> {
  return {
    ...(webhook === null
      ? {}
      : { webhook: webhookSender({ url: webhook.url.reveal(), secret: webhook.secret?.reveal() ?? null }) }),
    ...(slackUrl === null ? {} : { slack: slackSender({ url: slackUrl.reveal() }) }),
    ...(mail === null ? {} : { mail: mailSender({ ...mail, smtpUrl: mail.smtpUrl.reveal() }) }),
  };
}
