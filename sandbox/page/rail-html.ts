import type { Desk } from '../desks/desk.ts';
import { escapeHtml, systemName } from '../html.ts';
import type { GroupView, MailView } from '../state-view.ts';
import type { Activity } from './activity.ts';
import { buttonForm } from './forms.ts';
import { stageTag, statusTag, tag } from './tags.ts';
import { MISCHIEF, SYSTEMS, type Trouble } from './trouble.ts';
import type { Region } from './view.ts';

const SHOWN_DEALS = 8;
const SHOWN_MAILS = 5;
const SHOWN_GROUPS = 5;
const SHOWN_DEEDS = 6;

interface RailParts {
  readonly desks: readonly Desk[];
  readonly mails: readonly MailView[];
  readonly groups: readonly GroupView[];
  readonly trouble: Trouble;
  readonly activity: Activity;
  /** Where the reader is, and is led back to. */
  readonly path: string;
}

/** The three products in short, beside whatever is looked at. */
export function railRegions(parts: RailParts): Region[] {
  return [
    { id: 'rail-deeds', html: deedsHtml(parts.activity) },
    ...parts.desks.map((desk) => ({ id: `rail-${desk.system}`, html: dealsHtml(desk, parts.path) })),
    { id: 'rail-inbox', html: inboxHtml(parts.mails, parts.path) },
    { id: 'rail-platform', html: platformHtml(parts.groups, parts.path) },
    { id: 'rail-systems', html: systemsHtml(parts.trouble, parts.path) },
  ];
}

function deedsHtml({ deeds }: Activity): string {
  const rows = deeds
    .slice(0, SHOWN_DEEDS)
    .map(
      ({ at, said }) =>
        `<li class="small"><span class="quiet">${at.slice(11, 19)} UTC</span> ${escapeHtml(said)}</li>`,
    );
  return `<section class="card" aria-labelledby="deeds-h"><h2 id="deeds-h">What was done here</h2>
<div role="log" aria-labelledby="deeds-h">${rows.length === 0 ? '<p class="empty">Nothing yet.</p>' : `<ul class="rows">${rows.join('')}</ul>`}</div></section>`;
}

function dealsHtml(desk: Desk, path: string): string {
  const deals = desk.deals();
  const rows = deals.slice(0, SHOWN_DEALS).map((deal) => {
    const href = `/deals/${desk.system}/${encodeURIComponent(deal.id)}`;
    return `<li>${linkTo(href, deal.name, path)}<div>${stageTag(deal)} ${statusTag(deal.status)}</div></li>`;
  });
  const more =
    deals.length > SHOWN_DEALS
      ? `<p class="quiet small">and ${deals.length - SHOWN_DEALS} older ones</p>`
      : '';
  return card(desk.system, systemName(desk.system), rows, more);
}

function inboxHtml(mails: readonly MailView[], path: string): string {
  const rows = mails
    .slice(-SHOWN_MAILS)
    .reverse()
    .map(
      ({ number, subject, to }) =>
        `<li>${linkTo(`/mail/${number}`, subject, path)}<div class="small quiet">to ${escapeHtml(to)}</div></li>`,
    );
  return card('inbox', 'Inbox', rows);
}

function platformHtml(groups: readonly GroupView[], path: string): string {
  const rows = groups
    .slice(-SHOWN_GROUPS)
    .reverse()
    .map(
      ({ id, label, redeemed, total }) =>
        `<li>${linkTo(`/groups/${id}`, label, path)}<div class="small quiet">${redeemed} of ${total} redeemed</div></li>`,
    );
  return card('platform', 'Learning platform', rows);
}

function systemsHtml(trouble: Trouble, path: string): string {
  const rows = SYSTEMS.map((system) => {
    const isDown = trouble.isDown(system);
    const name = systemName(system);
    const values = { system, back: path };
    const [action, label] = isDown ? ['up', 'Bring it up'] : ['down', 'Take it down'];
    const drop = MISCHIEF[0]?.id ?? '';
    return `<li><div class="row"><span>${escapeHtml(name)}</span>${isDown ? tag('down', 'bad') : tag('up', 'good')}</div>
<div class="forms">${buttonForm({ action, values, label, about: name, isSecond: true })}${buttonForm({ action: 'mischief', values: { ...values, mischief: drop }, label: 'Drop the next answer', about: name, isSecond: true })}</div></li>`;
  });
  return card('systems', 'Systems', rows);
}

function card(id: string, title: string, rows: readonly string[], more = ''): string {
  const list =
    rows.length === 0 ? '<p class="empty">Nothing yet.</p>' : `<ul class="rows">${rows.join('')}</ul>`;
  return `<section class="card" aria-labelledby="rail-${id}-h"><h2 id="rail-${id}-h">${escapeHtml(title)}</h2>${list}${more}</section>`;
}

function linkTo(href: string, text: string, path: string): string {
  const here = href === path ? ' class="here" aria-current="page"' : '';
  return `<a href="${escapeHtml(href)}"${here}>${escapeHtml(text)}</a>`;
}
