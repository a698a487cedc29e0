import type { AlertReach, AlertSender } from './sender.ts';

const TIMEOUT_MS = 8_000;
const TIMEOUTS = { connectionTimeout: TIMEOUT_MS, greetingTimeout: TIMEOUT_MS, socketTimeout: TIMEOUT_MS };

interface MailSettings {
  readonly smtpUrl: string;
  /** One or more addresses, separated by commas. */
  readonly to: string;
  readonly from: string;
}

/** Plain text over SMTP. The key is the message's id, so that a mail that comes twice is known as one. */
export function mailSender({ smtpUrl, to, from }: MailSettings): AlertSender {
  return async ({ key, subject, text }) => {
    // Few alerts are ever sent, and most workers send none by e-mail.
    const { createTransport } = await import('nodemailer');
    const transport = createTransport(withTimeouts(smtpUrl));
    const messageId = `<${key.replace(/[^a-zA-Z0-9.-]+/g, '-')}@dealseat>`;
    try {
      await transport.sendMail({ from, to, subject: subject.replace(/\s+/g, ' '), text, messageId });
    } finally {
      transport.close();
    }
  };
}

/** Greets the server and logs in, as before a mail, and sends none. */
export function mailReach({ smtpUrl }: Pick<MailSettings, 'smtpUrl'>): AlertReach {
  return async () => {
    const { createTransport } = await import('nodemailer');
    const transport = createTransport(withTimeouts(smtpUrl));
    try {
      await transport.verify();
    } finally {
      transport.close();
    }
  };
}

/** The transport takes its bounds from the address. */
function withTimeouts(smtpUrl: string): string {
  const url = new URL(smtpUrl);
  for (const [name, ms] of Object.entries(TIMEOUTS)) url.searchParams.set(name, String(ms));
  return url.href;
}
