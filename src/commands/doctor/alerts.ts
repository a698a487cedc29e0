import { TransportError } from '../../clients/http.ts';
import { codeOf, silenceOf } from '../../clients/setup-check.ts';
import type { Config } from '../../config/config.ts';
import type { ConfigFault } from '../../config/read-variables.ts';
import { ALERT_CHANNELS, type AlertChannel } from '../../contracts/alert.ts';
import { testAlertText } from '../../domain/texts/alert.ts';
import { alertChannels, alertReaches } from '../../processes/alert-channels.ts';
import { failed, ok, skipped, type Tried, warning } from './check.ts';

interface AlertOptions {
  /** Whether a test goes out by every channel. */
  readonly sendsTest: boolean;
  readonly signal: AbortSignal;
}

/** What doctor calls each channel, and what to do when it fails. */
const CHANNELS: Readonly<Record<AlertChannel, { readonly name: string; readonly cure: string }>> = {
  webhook: {
    name: 'webhook',
    cure: 'Check DEALSEAT_ALERT_WEBHOOK_URL, and that your endpoint answers 2xx to this machine.',
  },
  slack: {
    name: 'Slack',
    cure: 'Check DEALSEAT_ALERT_SLACK_URL, or create a new incoming webhook in Slack.',
  },
  mail: {
    name: 'e-mail',
    cure: 'Check DEALSEAT_SMTP_URL, DEALSEAT_ALERT_MAIL and DEALSEAT_ALERT_MAIL_FROM.',
  },
};

const SET_ONE =
  'Set DEALSEAT_ALERT_WEBHOOK_URL, DEALSEAT_ALERT_SLACK_URL, or DEALSEAT_ALERT_MAIL with DEALSEAT_SMTP_URL (docs/alerts.md).';

const VARIABLE = /^DEALSEAT_(?:ALERT|SMTP)_/;

/** Whether alerts would reach those who run Dealseat. */
export async function* checkAlerts(
  { alerts }: Pick<Config, 'alerts'>,
  faults: readonly ConfigFault[],
  { sendsTest, signal }: AlertOptions,
): AsyncGenerator<Tried> {
  const isFaulty = faults.some(({ variable }) => VARIABLE.test(variable));
  if (isFaulty) yield skipped('Alert channels', 'some of their variables have faults, see Configuration');
  const reaches = alertReaches(alerts);
  const senders = alertChannels(alerts);
  const set = ALERT_CHANNELS.filter((channel) => senders[channel] !== undefined);
  if (set.length === 0 && !isFaulty) {
    yield warning(
      'Alert channels',
      'none is set: Dealseat cannot alert you, so the owner of each held-up deal gets a task that asks for you',
      SET_ONE,
    );
  }
  if (set.length === 0 && sendsTest) yield failed('Test alert', 'not sent: no channel can be used', SET_ONE);
  for (const channel of set) {
    const { name, cure } = CHANNELS[channel];
    const tried = outcomesOf(cure, signal);
    yield await tried(`Alerts by ${name}`, async () => {
      await reaches[channel]?.(signal);
      return channel === 'mail' ? 'the server takes mail of Dealseat' : 'the host answers';
    });
    if (!sendsTest) continue;
    yield await tried(`Test alert by ${name}`, async () => {
      await senders[channel]?.(testMessage(), signal);
      return 'sent: check that you received it';
    });
  }
}

function testMessage() {
  const at = new Date().toISOString();
  const { subject, lines } = testAlertText(at);
  return { key: `alert:test:${at}`, subject, text: lines.join('\n'), data: { state: 'test', at } };
}

function outcomesOf(cure: string, signal: AbortSignal) {
  return async (name: string, work: () => Promise<string>): Promise<Tried> => {
    try {
      return ok(name, await work());
    } catch (error) {
      signal.throwIfAborted();
      return failed(name, foundIn(error), cure);
    }
  };
}

/** What a mail server answers, by its kind: the answer itself may name the user. */
const MAIL: Readonly<Record<string, string>> = {
  EAUTH: 'the mail server refuses the user or the password',
  EENVELOPE: 'the mail server refuses the sender or a recipient',
  EMESSAGE: 'the mail server refuses the mail',
  EPROTOCOL: 'the host does not answer as a mail server',
  ETLS: 'no TLS connection can be made',
  EDNS: 'does not answer (no such host)',
  ESOCKET: 'does not answer (no connection)',
  ECONNECTION: 'does not answer (no connection)',
};

/** Addresses are secrets, so only what is known to name none is shown. */
function foundIn(error: unknown): string {
  const why = silenceOf(error);
  if (why !== null) return `does not answer (${why})`;
  if (error instanceof TransportError) return `does not answer (${error.reason})`;
  const code = codeOf(error);
  const message = error instanceof Error ? error.message : '';
  if (code !== '' && /certificate/i.test(message)) return 'its certificate is not trusted here';
  if (code !== '') return MAIL[code] ?? `does not answer (${code})`;
  return message || 'does not answer';
}
