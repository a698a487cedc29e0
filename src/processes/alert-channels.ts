import { hostReach } from '../clients/alerts/host-reach.ts';
import { mailReach, mailSender } from '../clients/alerts/mail.ts';
import type { AlertReach, AlertSender } from '../clients/alerts/sender.ts';
import { slackSender } from '../clients/alerts/slack.ts';
import { webhookSender } from '../clients/alerts/webhook.ts';
import type { AlertConfig } from '../config/config.ts';
import type { AlertChannel } from '../contracts/alert.ts';

type Channels<T> = Readonly<Partial<Record<AlertChannel, T>>>;

/** Every way that is set. */
export function alertChannels({ webhook, slackUrl, mail }: AlertConfig): Channels<AlertSender> {
  return {
    ...(webhook === null
      ? {}
      : { webhook: webhookSender({ url: webhook.url.reveal(), secret: webhook.secret?.reveal() ?? null }) }),
    ...(slackUrl === null ? {} : { slack: slackSender({ url: slackUrl.reveal() }) }),
    ...(mail === null ? {} : { mail: mailSender({ ...mail, smtpUrl: mail.smtpUrl.reveal() }) }),
  };
}

/** Of the same ways, whether each can be reached. */
export function alertReaches({ webhook, slackUrl, mail }: AlertConfig): Channels<AlertReach> {
  return {
    ...(webhook === null ? {} : { webhook: hostReach({ url: webhook.url.reveal() }) }),
    ...(slackUrl === null ? {} : { slack: hostReach({ url: slackUrl.reveal() }) }),
    ...(mail === null ? {} : { mail: mailReach({ smtpUrl: mail.smtpUrl.reveal() }) }),
  };
}
