import { escapeHtml, sentence, systemName } from '../html.ts';
import type { PlayedView } from './play-view.ts';

const QUICK_SECONDS = 3;
const SLOW_SECONDS = 30;
/** A deal that stands as it should may still be looked at once more. */
const SETTLED_MS = 30_000;
/** From then on a person who left the page open does not need it fresh. */
const WATCHED_MS = 10 * 60_000;

/** When the page of a scene is loaded again; undefined: no more. */
export function reloadAfter(played: PlayedView, now: number): number | undefined {
  const isQuiet = played.overAt !== null && now - Date.parse(played.overAt) > SETTLED_MS;
  if (isQuiet && played.status === played.ends) return undefined;
  return now - Date.parse(played.at) > WATCHED_MS ? SLOW_SECONDS : QUICK_SECONDS;
}

/** What one played scene was to show and how far it is; the deal follows. */
export function playedHtml(played: PlayedView, reloadAfterSeconds: number | undefined): string {
  const { happens, expected, crm, ends, catalog, steps, hint } = played;
  return `
<p><a href="/">Back to the overview</a></p>
<p><strong>What happens</strong> in ${escapeHtml(systemName(crm))}: ${escapeHtml(happens)}.<br>
<strong>What Dealseat does</strong>: ${escapeHtml(expected)}. The deal ends as ${escapeHtml(ends)}.</p>
${catalog === undefined ? '' : needsHtml(catalog)}
${verdictHtml(played)}
${hint === undefined ? '' : `<p>${escapeHtml(hint)}</p>`}
<p>${reloadAfterSeconds === undefined ? 'Load this page again to see what comes later.' : `This page loads itself again every ${reloadAfterSeconds} seconds.`}</p>
<h2>What was done in the CRM</h2>
<ol>${steps.map((step) => `<li>${stepHtml(step)}</li>`).join('')}${played.overAt === null ? '<li>…</li>' : ''}</ol>`;
}

function needsHtml(catalog: string): string {
  return `<p class="verdict missing">This scene needs a catalog that says <code>${escapeHtml(catalog)}</code>. The example catalog does not:
name a copy with this change in <code>DEALSEAT_CATALOG</code> of sandbox.env, and start the service again.</p>`;
}

function verdictHtml({ status, ends, overAt, catalog }: PlayedView): string {
  const isReached = overAt !== null && status === ends;
  const asItShould =
    catalog === undefined ? ', as it should be.' : ', as it should be if the catalog says so.';
  const now = status === null ? 'Dealseat has written no status on the deal yet' : `The deal is ${status}`;
  const end = isReached ? asItShould : `; it should end as ${ends}.`;
  return `<p class="verdict${isReached && catalog === undefined ? ' reached' : ''}">${escapeHtml(now + end)}</p>`;
}

/** A command is shown as it is typed beside the sandbox. */
function stepHtml(step: string): string {
  const command = /^dealseat (.*)$/.exec(step)?.[1];
  if (command === undefined) return escapeHtml(sentence(step));
  return `<code>env $(cat sandbox.env) npm run dealseat -- ${escapeHtml(command)}</code>`;
}
