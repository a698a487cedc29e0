import { escapeHtml, systemName } from '../html.ts';
import type { MailView } from '../state-view.ts';
import { withLinks } from './foreign-text.ts';
import type { Region } from './view.ts';

/** Links of a mail open beside the page; no script of it runs. */
const FRAME_RIGHTS = 'allow-popups allow-popups-to-escape-sandbox';

export function mailRegions(mail: MailView): Region[] {
  const attachments = mail.attachments.map(
    ({ name, byteCount }, index) =>
      `<li><a href="/mail/${mail.number}/attachments/${index + 1}">${escapeHtml(name)}</a> <span class="quiet small">${byteCount} bytes</span></li>`,
  );
  const properties = Object.entries({ key: mail.key ?? 'none', ...mail.properties }).map(
    ([name, value]) => `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd>`,
  );
  const body = `<base target="_blank"><style>body{font:15px/1.5 system-ui,sans-serif;color:#1b2430;margin:1rem;overflow-wrap:anywhere}pre{white-space:pre-wrap}</style>${withLinks(mail.html)}`;
  return [
    {
      id: 'mail',
      html: `<article class="card"><p class="quiet small">Mail ${mail.number}, sent by ${escapeHtml(systemName(mail.system))} at ${escapeHtml(timeOf(mail.sentAt))} UTC</p>
<h1>${escapeHtml(mail.subject)}</h1>
<dl><dt>To</dt><dd>${escapeHtml(mail.to)}</dd></dl>
<iframe sandbox="${FRAME_RIGHTS}" title="Text of the mail" srcdoc="${escapeHtml(body)}"></iframe>
<h2 class="sub">Attachments</h2>${attachments.length === 0 ? '<p class="empty">None.</p>' : `<ul class="rows">${attachments.join('')}</ul>`}
<details id="merge-values"><summary>What Dealseat gave the template</summary><dl>${properties.join('')}</dl></details></article>`,
    },
  ];
}

export function inboxRegions(mails: readonly MailView[]): Region[] {
  const rows = mails.map(
    (mail) =>
      `<li><a href="/mail/${mail.number}">${escapeHtml(mail.subject)}</a><span class="small quiet">to ${escapeHtml(mail.to)}, by ${escapeHtml(systemName(mail.system))} at ${timeOf(mail.sentAt)} UTC${mail.attachments.length > 0 ? `, ${mail.attachments.length} attached` : ''}</span></li>`,
  );
  const list =
    rows.length === 0
      ? '<p class="empty">No mail was sent yet.</p>'
      : `<ul class="rows">${rows.reverse().join('')}</ul>`;
  return [
    {
      id: 'inbox',
      html: `<section class="card"><h1>Inbox</h1><p class="quiet">Every mail that the CRMs would have sent to customers. Nothing leaves this machine.</p>${list}</section>`,
    },
  ];
}

function timeOf(instant: string): string {
  return instant.slice(11, 19);
}
