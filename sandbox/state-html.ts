import { cells, escapeHtml, table, tableOf } from './html.ts';
import { playHtml } from './scenes/play-html.ts';
import type { FaultView, MailView, StateView } from './state-view.ts';

/** The overview of all stand-ins. */
export function stateHtml(view: StateView): string {
  return `
<p>Machine-readable: <a href="/state.json">/state.json</a>. Redemption codes are masked.</p>
${view.play ? playHtml(view.play) : ''}
<h2>Code groups (Thought Industries)</h2>
${table(
  ['Label', 'Listed', 'Redeemed', 'Content', 'Codes expire'],
  view.groups.map((group) => [
    group.label,
    `${group.listed} of ${group.total}`,
    String(group.redeemed),
    group.content.join(', '),
    group.expires ?? 'never',
  ]),
)}
<h2>Deals</h2>
${table(
  ['CRM', 'Deal', 'Stage', 'Dealseat fields'],
  view.deals.map(({ system, id, name, stage, fields }) => [
    system,
    `${name} (${id})`,
    stage,
    Object.entries(fields)
      .map(([field, value]) => `${field}: ${value}`)
      .join('\n'),
  ]),
)}
<h2>Files</h2>
${table(
  ['CRM', 'Id', 'Name', 'Bytes'],
  view.files.map(({ system, id, name, byteCount }) => [system, id, name, String(byteCount)]),
)}
<h2>Outbox</h2>
${mailTable(view.mails)}
<h2>Active faults</h2>
${table(['System', 'Kind', 'Request', 'Times left'], view.faults.map(faultCells))}
<h2>Recent requests</h2>
${table(
  ['Time', 'System', 'Request', 'Status', 'Fault'],
  view.requests.map(({ at, system, method, path, status, fault }) => [
    at,
    system,
    `${method} ${path}`,
    status === null ? 'connection closed' : String(status),
    fault ?? '',
  ]),
)}`;
}

/** One mail. Its HTML runs in a frame without any rights. */
export function mailHtml(mail: MailView): string {
  const attachments = mail.attachments.map(({ name, byteCount }) => `${name} (${byteCount} bytes)`);
  const rows = [
    ['Sent by', mail.system],
    ['To', mail.to],
    ['Subject', mail.subject],
    ['At', mail.sentAt],
    ['Key', mail.key ?? 'none'],
    ['Attachments', attachments.join('\n') || 'none'],
    ...Object.entries(mail.properties),
  ];
  return `
<p><a href="/">Back to the overview</a></p>
${table(['Field', 'Value'], rows)}
<h2>Body</h2>
<iframe sandbox title="Body of the mail" srcdoc="${escapeHtml(mail.html)}"></iframe>`;
}

function mailTable(mails: readonly MailView[]): string {
  const rows = mails.map(
    ({ number, system, to, subject, attachments }) =>
      `<tr><td><a href="/mail/${number}">${number}</a></td>${cells([
        system,
        to,
        subject,
        String(attachments.length),
      ])}</tr>`,
  );
  return tableOf(['No.', 'CRM', 'To', 'Subject', 'Attachments'], rows);
}

function faultCells({ system, kind, method, path, left }: FaultView): string[] {
  return [system, kind, `${method ?? 'any method'} ${path ?? 'any path'}`, String(left)];
}
