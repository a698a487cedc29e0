import { escapeHtml, tableOf } from '../html.ts';
import type { GroupView } from '../state-view.ts';
import type { TiCode, TiGroup, TiState } from '../thought-industries/state.ts';
import { buttonForm } from './forms.ts';
import type { Region } from './view.ts';

/** More of them are of no use to a person. */
const SHOWN_CODES = 200;

export function platformRegions(groups: readonly GroupView[]): Region[] {
  const rows = groups.map(
    ({ id, label, content, listed, total, redeemed, expires }) =>
      `<tr><td><a href="/groups/${escapeHtml(id)}">${escapeHtml(label)}</a><div class="small quiet">${escapeHtml(content.join(', '))}</div></td>
<td class="word">${listed} of ${total}</td><td class="word">${redeemed}</td><td class="word">${escapeHtml(expires?.slice(0, 10) ?? 'never')}</td></tr>`,
  );
  return [
    {
      id: 'platform',
      html: `<section class="card"><h1>Learning platform</h1>
<p class="quiet">Thought Industries as its admin sees it: groups of redemption codes.</p>
${tableOf(['Code group', 'Listed', 'Redeemed', 'Expire'], rows.reverse())}</section>`,
    },
  ];
}

export function groupRegions(state: TiState, group: TiGroup, showsCodes: boolean): Region[] {
  const codes = state.codesOf(group.id);
  const redeemed = codes.filter(({ redeemedAtMs }) => redeemedAtMs !== null).length;
  const share = codes.length === 0 ? 0 : Math.round((100 * redeemed) / codes.length);
  const content = Object.values(group.targets).flatMap((items) => items.map(({ name }) => name));
  const here = `/groups/${encodeURIComponent(group.id)}`;
  const toggle = showsCodes
    ? `<a class="button" href="${here}">Hide the codes</a>`
    : `<a class="button" href="${here}?codes=shown">Show the codes</a>`;
  return [
    {
      id: 'group',
      html: `<section class="card"><p class="quiet small">Code group of Thought Industries</p><h1>${escapeHtml(group.label)}</h1>
<dl><dt>Gives access to</dt><dd>${escapeHtml(content.join(', '))}</dd><dt>Codes expire</dt><dd>${escapeHtml(group.expirationDate?.slice(0, 10) ?? 'never')}</dd>
<dt>Redeemed</dt><dd>${redeemed} of ${codes.length}</dd></dl>
<div class="bar" aria-hidden="true"><svg width="100%" height="100%" preserveAspectRatio="none" viewBox="0 0 100 1"><rect width="${share}" height="1" fill="currentColor"/></svg></div>
<h2 class="sub">Codes</h2><div class="forms">${toggle}${buttonForm({ action: 'redeem', values: { group: group.id }, label: 'Redeem the next one', isSecond: true })}</div>
${tableOf(
  ['Code', 'State', 'Learner'],
  codes.slice(0, SHOWN_CODES).map((code) => codeRow(code)),
)}
${codes.length > SHOWN_CODES ? `<p class="quiet">and ${codes.length - SHOWN_CODES} more</p>` : ''}</section>`,
    },
  ];
}

function codeRow({ id, code, redeemedAtMs, redeemedBy }: TiCode): string {
  const state = redeemedAtMs === null ? 'free' : `redeemed by ${redeemedBy?.email ?? 'a learner'}`;
  return `<tr><td class="word"><code>${escapeHtml(code)}</code></td><td>${escapeHtml(state)}</td>
<td><a href="/codes/${escapeHtml(id)}">Redeem page</a></td></tr>`;
}
