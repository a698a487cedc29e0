import { FAILURES, type FailureCode, fixerOf } from '../../../src/domain/failure.ts';
import { alertText } from '../../../src/domain/texts/alert.ts';
import { withCure } from '../../../src/domain/words.ts';
import { SEAT_REQUEST_FAULTS } from '../../../src/seats/seat-request-error.ts';
import { WEBHOOK_PROBLEMS } from '../../../webhooks/server/problems.ts';
import type { TextEntry, TextSection } from './entry.ts';
import { EXAMPLES } from './problems.ts';

function alertEntry(
  name: string,
  code: FailureCode,
  { state, dealCount }: { readonly state: 'raised' | 'repeated' | 'resolved'; readonly dealCount: number },
): TextEntry {
  const { message, cure, about = null } = EXAMPLES[code];
  const deals = [
    { name: 'Acme leadership rollout', url: 'https://app.hubspot.com/contacts/62515/record/0-3/9001' },
    { name: 'Initech onboarding', url: 'https://app.hubspot.com/contacts/62515/record/0-3/9002' },
  ];
  const where = code.startsWith('crm.') ? 'HubSpot 62515' : null;
  const since = '2026-11-29T21:54:00.000Z';
  const { subject, lines } = alertText({
    state,
    code,
    about,
    where,
    message,
    cure,
    dealCount,
    deals: deals.slice(0, dealCount),
    since,
  });
  return { name, covers: [code], subject, text: lines.join('\n') };
}

export const ALERTS: TextSection = {
  title: 'Alerts to the operators',
  reader: 'operator',
  entries: [
    ...(Object.keys(FAILURES) as FailureCode[])
      .filter((code) => fixerOf(code) === 'admin')
      .map((code) => alertEntry(`Alert: ${code}`, code, { state: 'raised', dealCount: 1 })),
    alertEntry('An alert for several deals', 'lms.codes_path_missing', { state: 'raised', dealCount: 7 }),
    alertEntry('An alert that is repeated', 'lms.codes_path_missing', { state: 'repeated', dealCount: 7 }),
    alertEntry('An alert that is over', 'lms.codes_path_missing', { state: 'resolved', dealCount: 0 }),
  ],
};

export const IN_STATUS: TextSection = {
  title: 'In `status`, the logs, the Temporal UI and HTTP answers',
  reader: 'operator',
  entries: (Object.keys(FAILURES) as FailureCode[]).map((code) => ({
    name: code,
    covers: [code],
    text: withCure(EXAMPLES[code].message, EXAMPLES[code].cure),
  })),
};

export const HTTP_PROBLEMS: TextSection = {
  title: 'Problems that the webhook server answers with',
  reader: 'partner',
  entries: Object.entries({ ...WEBHOOK_PROBLEMS, ...SEAT_REQUEST_FAULTS }).map(
    ([code, { status, title }]) => ({
      name: `${code} (${status})`,
      covers: [code],
      text: title,
    }),
  ),
};
