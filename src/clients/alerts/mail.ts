import { createTransport } from 'nodemailer';
import type { AlertSender } from './sender.ts';

const TIMEOUT_MS = 8_000;

/** Plain text over SMTP. The key is part of the message's id, so that a mail that comes twice is known as one. */
export function mailSender({
  smtpUrl,
  to,
  from,
}: {
  readonly smtpUrl: string;
  readonly to: string;
  readonly from: string;
}): AlertSender {
  const transport = createTransport(smtpUrl, {
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
  } as object);
  return async ({ key, subject, text }) => {
    const messageId = `<${key.replace(/[^a-zA-Z0-9.-]+/g, '-')}@dealseat>`;
    await transport.sendMail({ from, to, subject: subject.replace(/\s+/g, ' '), text, messageId });
  };
}
