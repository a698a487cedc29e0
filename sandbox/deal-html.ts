import type { DealDetails } from './deal-details.ts';
import { cells, escapeHtml, systemName, table, tableOf } from './html.ts';
import type { DealView, MailView } from './state-view.ts';

/** A link to the page of one deal. */
export function dealLink({ system, id, name }: DealView): string {
  return `<a href="/deals/${system}/${encodeURIComponent(id)}">${escapeHtml(name)}</a>`;
}

/** All that stands on one deal, and the mails to its people. */
export function dealHtml(deal: DealView, details: DealDetails, mails: readonly MailView[]): string {
  const addresses = new Set(details.people.map(({ email }) => email));
  return `
<p>${escapeHtml(systemName(deal.system))} deal ${escapeHtml(deal.id)} in stage ${escapeHtml(deal.stage)}</p>
<h2>What Dealseat wrote on the deal</h2>
${table(['Field', 'Value'], Object.entries(deal.fields))}
<h2>Tasks and notes</h2>
${table(
  ['Kind', 'Text', 'State'],
  details.notices.map(({ kind, subject, text, isDone }) => [
    kind,
    [subject, text].filter(Boolean).join('\n'),
    kind === 'note' ? '' : isDone ? 'done' : 'open',
  ]),
)}
<h2>Mails to people of the deal</h2>
${mailTable(mails.filter(({ system, to }) => system === deal.system && addresses.has(to)))}
<h2>What the deal sells</h2>
${table(
  ['Product', 'Quantity', 'Starts on'],
  details.lines.map(({ product, quantity, startsOn }) => [product, quantity, startsOn ?? '']),
)}
<h2>People of the deal</h2>
${table(
  ['Name', 'Address', 'Role'],
  details.people.map(({ name, email, roles }) => [name, email ?? 'none', roles.join(', ')]),
)}`;
}

export function mailTable(mails: readonly MailView[]): string {
  const rows = mails.map(
    ({ number, system, to, subject, attachments }) =>
      `<tr><td><a href="/mail/${number}">${number}</a></td>${cells([
        systemName(system),
        to,
        subject,
        String(attachments.length),
      ])}</tr>`,
  );
  return tableOf(['No.', 'CRM', 'To', 'Subject', 'Attachments'], rows);
}
