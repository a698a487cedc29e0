import { cells, escapeHtml, table, tableOf } from '../html.ts';
import type { PlayView, SceneView } from './play-view.ts';

/** One form a scene and CRM, and what was played so far. */
export function playHtml({ scenes, played }: PlayView): string {
  const sections = Object.entries(Object.groupBy(scenes, ({ section }) => section));
  return `
<h2>Play</h2>
<p>Each button makes a won deal to which happens what happens in real CRMs, and reports it to the webhook server. With
<code>dealseat start</code> beside this sandbox, load this page again to see what Dealseat does.</p>
${sections.map(([section, ofSection = []]) => sectionHtml(section, ofSection)).join('\n')}
<h2 id="played">Played</h2>
${table(
  ['At', 'CRM', 'Deal', 'What happens', 'What Dealseat does', 'Ends as', 'Status now', 'Done so far'],
  played.map(({ at, crm, dealId, happens, expected, ends, status, steps, isOver }) => [
    at,
    crm,
    dealId ?? '',
    happens,
    expected,
    ends,
    status ?? 'none',
    [...steps, ...(isOver ? [] : ['…'])].join('\n'),
  ]),
)}`;
}

function sectionHtml(section: string, scenes: readonly SceneView[]): string {
  const rows = scenes.map(({ id, happens, expected, ends, catalog, crms }) => {
    const needs = catalog === undefined ? '' : `\nNeeds in the catalog: ${catalog}`;
    const buttons = crms.map((crm) => formHtml(id, crm)).join('');
    return `<tr>${cells([happens + needs, expected, ends])}<td>${buttons}</td></tr>`;
  });
  return `<details><summary>${escapeHtml(section)}</summary>
${tableOf(['What happens', 'What Dealseat does', 'Ends as', 'Play in'], rows)}
</details>`;
}

function formHtml(scene: string, crm: string): string {
  return `<form method="post" action="/play"><input type="hidden" name="scene" value="${escapeHtml(scene)}"><button name="crm" value="${escapeHtml(crm)}">${escapeHtml(crm)}</button></form>`;
}
