import { escapeHtml, sentence, systemName } from '../html.ts';
import type { PlayedView } from './play-view.ts';

/** What one played scene was to show and how far it is; the deal follows. */
export function playedHtml(played: PlayedView, commands: string): string {
  const { happens, expected, crm, ends, catalog, steps, hint } = played;
  return `
<p><strong>What happens</strong> in ${escapeHtml(systemName(crm))}: ${escapeHtml(happens)}.<br>
<strong>What Dealseat does</strong>: ${escapeHtml(expected)}. The deal ends as ${escapeHtml(ends)}.</p>
${catalog === undefined ? '' : needsHtml(catalog)}
${verdictHtml(played)}
${hint === undefined ? '' : `<p>${escapeHtml(hint)}</p>`}
<h2>What was done in the CRM</h2>
<ol>${steps.map((step) => `<li>${stepHtml(step, commands)}</li>`).join('')}${played.overAt === null ? '<li>…</li>' : ''}</ol>`;
}

function needsHtml(catalog: string): string {
  return `<p class="verdict missing">This scene needs a catalog that says <code>${escapeHtml(catalog)}</code>. The example catalog does not.
To play it, run the sandbox with a copy of the catalog: see “Against your own catalog” in docs/sandbox.md.</p>`;
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
function stepHtml(step: string, commands: string): string {
  const command = /^dealseat (.*)$/.exec(step)?.[1];
  if (command === undefined) return escapeHtml(sentence(step));
  return `<code>${escapeHtml(`${commands} ${command}`)}</code>`;
}
