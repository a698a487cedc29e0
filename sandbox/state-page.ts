import { isIP } from 'node:net';
import type { Desk } from './desks/desk.ts';
import type { SandboxRequest, SandboxResponse } from './exchange.ts';
import { parseFault } from './fault-request.ts';
import type { FaultPlan } from './faults.ts';
import { escapeHtml } from './html.ts';
import type { SandboxHandler } from './http.ts';
import { maskCodes } from './mask-codes.ts';
import type { Outbox } from './outbox.ts';
import { act } from './page/actions.ts';
import { Activity } from './page/activity.ts';
import { type Elsewhere, layout } from './page/layout.ts';
import { liveRegions } from './page/live.ts';
import { railRegions } from './page/rail-html.ts';
import { ActionRefusal } from './page/refusal.ts';
import { SCRIPT } from './page/script.ts';
import { Trouble } from './page/trouble.ts';
import { cardOf, type Region, type View } from './page/view.ts';
import { dealShownAt, fileOf, viewOf, wordsOf } from './page/views.ts';
import { SCENES } from './scenes/all-scenes.ts';
import type { ScenePlayer } from './scenes/player.ts';
import type { SeatsOnPage } from './seats/seats-on-page.ts';
import { faultViews, type StateView } from './state-view.ts';
import { redeemPath } from './thought-industries/learner-page.ts';
import type { TiState } from './thought-industries/state.ts';

export interface StatePageOptions {
  readonly view: () => StateView;
  readonly desks: readonly Desk[];
  readonly outbox: Outbox;
  readonly ti: TiState;
  /** Where learners redeem. */
  readonly learnerUrl: () => string;
  /** Pages of others that belong to it, such as the Temporal UI. */
  readonly links: () => readonly Elsewhere[];
  readonly faults: FaultPlan;
  /** Absent: no scenes can be played. */
  readonly player?: ScenePlayer;
  /** Absent: no service is known that keeps seats. */
  readonly seats?: SeatsOnPage;
}

/**
 * The three products as people see them, on one page: `GET /`, `/deals/<crm>/<id>`, `/inbox`, `/mail/<number>`,
 * `/groups`, `/files/<crm>/<id>`, `/scenes`, `/played/<number>` and `/log`, all of them live by `GET /live`. `POST /act`
 * and `POST /play` are its forms. For programs: `GET /state.json`, `POST /faults`, and `DELETE /faults`, which disarms all.
 */
export function createStatePage(options: StatePageOptions): SandboxHandler {
  const page: Page = { ...options, trouble: new Trouble(options.faults), activity: new Activity() };
  return (request) => {
    if (!isOwnHost(request.url)) return refusal(403, 'The page answers to the address of this machine only');
    return respond(page, request);
  };
}

interface Page extends StatePageOptions {
  readonly trouble: Trouble;
  readonly activity: Activity;
}

async function respond(page: Page, request: SandboxRequest): Promise<SandboxResponse> {
  if (request.method === 'GET') return show(page, request);
  switch (`${request.method} ${request.path}`) {
    case 'POST /faults':
      return addFault(page.faults, request);
    case 'DELETE /faults':
      page.faults.clear();
      return { status: 204 };
    case 'POST /act':
      return isFromThisPage(request) ? actOn(page, request) : refuseForeign();
    case 'POST /play':
      if (!page.player) return notFound(request);
      return isFromThisPage(request) ? playScene(page.player, request) : refuseForeign();
    default:
      return notFound(request);
  }
}

async function show(page: Page, request: SandboxRequest): Promise<SandboxResponse> {
  const { url, path } = request;
  switch (path) {
    case '/state.json':
      return { status: 200, body: JSON.parse(masked(page, JSON.stringify(page.view()))) };
    case '/page.js':
      return { status: 200, headers: { 'content-type': 'text/javascript; charset=utf-8' }, body: SCRIPT };
    case '/live':
      return live(page, request);
  }
  const elsewhere = redirected(page, wordsOf(url.pathname));
  if (elsewhere) return elsewhere;
  const deal = dealShownAt({ state: page.view }, url);
  if (deal) await page.seats?.read(deal);
  const view = shownAt(page, url);
  if (view) return pageWith(page, view, url);
  const isForPeople = request.headers.accept?.includes('text/html');
  return isForPeople ? { ...pageWith(page, NOTHING_HERE, url), status: 404 } : notFound(request);
}

const NOTHING_HERE = messageView(
  'Nothing is here',
  'What this address showed is gone, or was never here. A deal that was merged is the surviving one.',
);

function messageView(title: string, text: string): View {
  const html = `<p>${escapeHtml(text)}</p><p><a href="/">Back to the page</a></p>`;
  return { title, regions: [{ id: 'message', html: cardOf(title, html) }] };
}

function pageWith(page: Page, view: View, url: URL): SandboxResponse {
  const { links, player } = page;
  return layout(view, { rail: railAt(page, url), url, links: links(), hasScenes: player !== undefined });
}

/** A page that is elsewhere, or a file to download. */
function redirected(page: Page, words: readonly string[]): SandboxResponse | undefined {
  const { ti, learnerUrl } = page;
  if (words[0] === 'codes') {
    const code = ti.codes.find(({ id }) => id === words[1]);
    return code && { status: 303, headers: { location: learnerUrl() + redeemPath(code.code) } };
  }
  if (words.at(-1) !== 'download') return undefined;
  const file = fileOf(viewDeps(page), words.slice(0, -1));
  return (
    file && {
      status: 200,
      headers: {
        'content-type': 'application/octet-stream',
        'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(file.name)}`,
        'x-content-type-options': 'nosniff',
      },
      body: file.bytes,
    }
  );
}

function live(page: Page, request: SandboxRequest): SandboxResponse {
  const at = request.url.searchParams.get('at') ?? '/';
  if (!/^\/(?![/\\])/.test(at)) return notFound(request);
  const url = new URL(at, request.url.origin);
  return liveRegions(() => {
    const { regions } = shownAt(page, url) ?? NOTHING_HERE;
    return [...railAt(page, url), ...regions];
  });
}

function viewDeps({ view, ...page }: Page) {
  return { ...page, state: view };
}

/** With its codes masked, unless they are shown on purpose. */
function shownAt(page: Page, url: URL): View | undefined {
  const view = viewOf(viewDeps(page), url);
  if (!view || view.showsCodes) return view;
  return { ...view, title: masked(page, view.title), regions: maskedRegions(page, view.regions) };
}

function railAt(page: Page, url: URL): Region[] {
  const { mails, groups } = page.view();
  return maskedRegions(page, railRegions({ ...page, mails, groups, path: url.pathname }));
}

function maskedRegions(page: Page, regions: readonly Region[]): Region[] {
  return regions.map(({ id, html }) => ({ id, html: masked(page, html) }));
}

function masked({ ti }: Pick<Page, 'ti'>, text: string): string {
  return maskCodes(text, (word) => ti.code(word) !== undefined);
}

async function actOn(page: Page, { body, url }: SandboxRequest): Promise<SandboxResponse> {
  try {
    return {
      status: 303,
      headers: { location: await act(page, new URLSearchParams(body.toString('utf8'))) },
    };
  } catch (error) {
    if (!(error instanceof ActionRefusal)) throw error;
    return { ...pageWith(page, messageView('That was not possible', error.message), url), status: 400 };
  }
}

async function playScene(player: ScenePlayer, request: SandboxRequest): Promise<SandboxResponse> {
  const form = new URLSearchParams(request.body.toString('utf8'));
  const scene = SCENES.find(({ id }) => id === form.get('scene'));
  const crm = scene?.crms.find((name) => name === form.get('crm'));
  if (!scene || !crm) return refusal(400, 'There is no such scene in that CRM');
  return { status: 303, headers: { location: `/played/${await player.play(scene, crm)}` } };
}

function notFound({ method, path }: SandboxRequest): SandboxResponse {
  return refusal(404, `There is no ${method} ${path}`);
}

function refuseForeign(): SandboxResponse {
  return refusal(403, 'Scenes are played from the page of the sandbox only');
}

function refusal(status: number, error: string): SandboxResponse {
  return { status, body: { errors: [error] } };
}

/** An address of this machine: a name may be another site's that leads here. */
function isOwnHost({ hostname }: URL): boolean {
  return hostname === 'localhost' || isIP(hostname.replace(/^\[|\]$/g, '')) !== 0;
}

/** A browser says with every form where it comes from. */
function isFromThisPage({ headers, url }: SandboxRequest): boolean {
  const site = headers['sec-fetch-site'];
  return (
    (headers.origin === undefined || headers.origin === url.origin) &&
    (site === undefined || site === 'same-origin')
  );
}

/** Takes JSON only: a browser does not send that to another site's port without asking first. */
function addFault(faults: FaultPlan, { headers, body }: SandboxRequest): SandboxResponse {
  if (headers['content-type']?.split(';')[0]?.trim() !== 'application/json') {
    return refusal(415, 'The body must be application/json');
  }
  const parsed = parseFault(parseJson(body));
  if ('errors' in parsed) return { status: 400, body: { errors: parsed.errors } };
  faults.add(parsed.fault);
  return { status: 201, body: { faults: faultViews(faults.active) } };
}

/** Undefined for what is not JSON. */
function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}
