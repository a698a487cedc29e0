import { cells, escapeHtml, sentence, systemName, tableOf } from '../html.ts';
import type { PlayedView, PlayView, SceneView } from './play-view.ts';

/** One form a scene and CRM, and what was played so far. */
export function playHtml({ scenes, played }: PlayView): string {
  const sections = Object.entries(Object.groupBy(scenes, ({ section }) => section));
  return `
<p>Each button creates a deal in one CRM, does to it what happens in real CRMs, and reports it to the webhook server. The next
page shows what Dealseat does about it, while it runs on this sandbox.</p>
<div class="scenes">
${sections.map(([section, ofSection = []]) => sectionHtml(section, ofSection)).join('\n')}
</div>
<h2>Played so far</h2>
${tableOf(['At', 'CRM', 'What happens', 'Status now', 'Ends as'], played.map(playedRow))}`;
}

function playedRow({ number, at, crm, happens, status, ends }: PlayedView): string {
  const link = `<a href="/played/${number}">${escapeHtml(sentence(happens))}</a>`;
  const time = `${at.slice(11, 19)} UTC`;
  return `<tr>${cells([time, systemName(crm)])}<td>${link}</td>${cells([status ?? 'none yet', ends])}</tr>`;
}

function sectionHtml(section: string, scenes: readonly SceneView[]): string {
  const rows = scenes.map(({ id, happens, expected, ends, catalog, crms }) => {
    const needs = catalog === undefined ? '' : `\nNeeds in the catalog: ${catalog}`;
    const buttons = crms.map((crm) => formHtml(id, crm)).join('');
    return `<tr>${cells([sentence(happens) + needs, sentence(expected), ends])}<td>${buttons}</td></tr>`;
  });
  return `<details><summary>${escapeHtml(section)}</summary>
${tableOf(['What happens', 'What Dealseat does', 'Ends as', 'Play in'], rows)}
</details>`;
}

function formHtml(scene: string, crm: string): string {
  return `<form method="post" action="/play"><input type="hidden" name="scene" value="${escapeHtml(scene)}"><button name="crm" value="${escapeHtml(crm)}">${escapeHtml(systemName(crm))}</button></form>`;
}
