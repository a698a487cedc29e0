import type { SandboxResponse } from '../exchange.ts';
import { escapeHtml, htmlDocument } from '../html.ts';
import { printOf, type Region, type View } from './view.ts';

export interface Elsewhere {
  readonly name: string;
  readonly url: string;
}

const PLACES = [
  { path: '/', name: 'Sell and break' },
  { path: '/inbox', name: 'Inbox' },
  { path: '/groups', name: 'Learning platform' },
  { path: '/scenes', name: 'Scenes' },
  { path: '/log', name: 'Requests' },
];

/** Regions that stand side by side where there is room; those after them take all of it. */
const PAIRED = /^deal-(?!head|actions|seats)/;
const LAST = /^deal-seats$/;

export function layout(
  view: View,
  {
    rail,
    url,
    links,
    hasScenes,
  }: {
    readonly rail: readonly Region[];
    readonly url: URL;
    readonly links: readonly Elsewhere[];
    readonly hasScenes: boolean;
  },
): SandboxResponse {
  const places = PLACES.filter(({ path }) => hasScenes || path !== '/scenes').map(
    ({ path, name }) =>
      `<a href="${path}"${path === url.pathname ? ' aria-current="page"' : ''}>${escapeHtml(name)}</a>`,
  );
  const others = links.map(({ name, url: to }) => `<a href="${escapeHtml(to)}">${escapeHtml(name)}</a>`);
  const paired = view.regions.filter(({ id }) => PAIRED.test(id));
  const single = view.regions.filter(({ id }) => !PAIRED.test(id) && !LAST.test(id));
  const last = view.regions.filter(({ id }) => LAST.test(id));
  const here = escapeHtml(url.pathname + url.search);
  return htmlDocument(
    view.title,
    `<a class="skip" href="#main">Skip to the content</a>
<header class="top"><a class="brand" href="/">Dealseat sandbox</a><nav aria-label="Sandbox">${[...places, ...others].join('')}</nav></header>
<div class="layout" data-live="${here}">
<aside aria-label="The three products">${rail.map(regionHtml).join('\n')}</aside>
<main id="main" tabindex="-1">${single.map(regionHtml).join('\n')}${paired.length === 0 ? '' : `<div class="pair">${paired.map(regionHtml).join('\n')}</div>`}${last.map(regionHtml).join('\n')}</main>
</div>
<script src="/page.js" defer></script>`,
  );
}

function regionHtml(region: Region): string {
  return `<div data-region="${escapeHtml(region.id)}" data-print="${printOf(region)}">${region.html}</div>`;
}
