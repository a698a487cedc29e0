import { dealLink, mailTable } from './deal-html.ts';
import { cells, escapeHtml, systemName, table, tableOf } from './html.ts';
import { playHtml } from './scenes/play-html.ts';
import type { DealView, FaultView, MailView, StateView } from './state-view.ts';

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
${tableOf(['CRM', 'Deal', 'Stage', 'What Dealseat says on the deal'], view.deals.map(dealRow))}
<h2>Files</h2>
${table(
  ['CRM', 'Id', 'Name', 'Bytes'],
  view.files.map(({ system, id, name, byteCount }) => [systemName(system), id, name, String(byteCount)]),
)}
<h2>Outbox</h2>
${mailTable(view.mails)}
<h2>Active faults</h2>
${table(['System', 'Kind', 'Request', 'Times left'], view.faults.map(faultCells))}
<details><summary>Recent requests</summary>
${table(
  ['Time', 'System', 'Request', 'Status', 'Fault'],
  view.requests.map(({ at, system, method, path, parts = [], status, fault }) => [
    at,
    systemName(system),
    [`${method} ${path}`, ...parts.map((part) => `${part.method} ${part.path}`)].join('\n'),
    status === null ? 'connection closed' : String(status),
    fault ?? '',
  ]),
)}
</details>`;
}

/** One mail. Its HTML runs in a frame without any rights. */
export function mailHtml(mail: MailView): string {
  const attachments = mail.attachments.map(({ name, byteCount }) => `${name} (${byteCount} bytes)`);
  const rows = [
    ['Sent by', systemName(mail.system)],
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

/** The status and its sentence; the page of the deal has all fields. */
function dealRow(deal: DealView): string {
  const said = Object.entries(deal.fields).flatMap(([field, value]) =>
    /^dealseat_(status|detail)(__c)?$/i.test(field) ? [value] : [],
  );
  return `<tr>${cells([systemName(deal.system)])}<td>${dealLink(deal)}</td>${cells([deal.stage, said.join('\n')])}</tr>`;
}

function faultCells({ system, kind, method, path, left }: FaultView): string[] {
  return [systemName(system), kind, `${method ?? 'any method'} ${path ?? 'any path'}`, String(left)];
}
