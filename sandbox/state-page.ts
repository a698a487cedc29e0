import { isIP } from 'node:net';
import type { DealDetails } from './deal-details.ts';
import { dealHtml } from './deal-html.ts';
import type { SandboxRequest, SandboxResponse } from './exchange.ts';
import { parseFault } from './fault-request.ts';
import type { FaultPlan } from './faults.ts';
import { htmlPage } from './html.ts';
import type { SandboxHandler } from './http.ts';
import { maskCodes } from './mask-codes.ts';
import { SCENES } from './scenes/all-scenes.ts';
import { playedHtml, reloadAfter } from './scenes/played-html.ts';
import type { ScenePlayer } from './scenes/player.ts';
import { mailHtml, stateHtml } from './state-html.ts';
import { type DealView, faultViews, type StateView } from './state-view.ts';

export interface StatePageOptions {
  readonly view: () => StateView;
  readonly details: (deal: DealView) => DealDetails;
  readonly faults: FaultPlan;
  /** Tells redemption codes from other words, so that they can be masked. */
  readonly isCode: (word: string) => boolean;
  /** Absent: no scenes can be played. */
  readonly player?: ScenePlayer;
}

/**
 * `GET /`, `GET /mail/<number>`, `GET /deals/<crm>/<id>` and `GET /played/<number>` for people, `GET /state.json` for programs, `POST /faults` adds one fault and
 * `DELETE /faults` disarms all. `POST /play`, a form of the page, plays a scene and leads to what came of it.
 */
export function createStatePage(options: StatePageOptions): SandboxHandler {
  return async (request) => {
    const response = await respond(options, request);
    return { ...response, body: masked(response.body ?? null, options.isCode) };
  };
}

async function respond(options: StatePageOptions, request: SandboxRequest): Promise<SandboxResponse> {
  const { view, faults, player } = options;
  if (request.method === 'GET') {
    const page = pageOf(options, request.path);
    if (page) return page;
  }
  switch (`${request.method} ${request.path}`) {
    case 'GET /':
      return htmlPage('Dealseat sandbox', stateHtml(view()));
    case 'GET /state.json':
      return { status: 200, body: view() };
    case 'POST /faults':
      return addFault(faults, request);
    case 'DELETE /faults':
      faults.clear();
      return { status: 204 };
    case 'POST /play':
      return player ? playScene(player, request) : notFound(request);
    default:
      return notFound(request);
  }
}

const BACK = '<p><a href="/">Back to the overview</a></p>';

/** The page of one mail, deal or played scene. */
function pageOf({ view, details }: StatePageOptions, path: string): SandboxResponse | undefined {
  const [, kind, key = '', id = ''] = path.split('/');
  const { mails, deals, play } = view();
  const dealPart = (deal: DealView | undefined): string => (deal ? dealHtml(deal, details(deal), mails) : '');
  switch (kind) {
    case 'mail': {
      const mail = mails.find(({ number }) => String(number) === key);
      return mail && htmlPage(`Mail ${mail.number}`, mailHtml(mail));
    }
    case 'deals': {
      const deal = deals.find((each) => each.system === key && each.id === id);
      return deal && htmlPage(deal.name, BACK + dealPart(deal));
    }
    case 'played': {
      const played = play?.played.find(({ number }) => String(number) === key);
      if (!played) return undefined;
      const deal = deals.find((each) => each.system === played.crm && each.id === played.dealId);
      const reloadAfterSeconds = reloadAfter(played, Date.now());
      const body = playedHtml(played, reloadAfterSeconds) + dealPart(deal);
      return htmlPage(deal?.name ?? `Scene ${key}`, body, {
        ...(reloadAfterSeconds !== undefined && { reloadAfterSeconds }),
      });
    }
    default:
      return undefined;
  }
}

function notFound({ method, path }: SandboxRequest): SandboxResponse {
  return { status: 404, body: { errors: [`There is no ${method} ${path}`] } };
}

async function playScene(player: ScenePlayer, request: SandboxRequest): Promise<SandboxResponse> {
  if (!isFromThisPage(request)) {
    return { status: 403, body: { errors: ['Scenes are played from the page of the sandbox only'] } };
  }
  const form = new URLSearchParams(request.body.toString('utf8'));
  const scene = SCENES.find(({ id }) => id === form.get('scene'));
  const crm = scene?.crms.find((name) => name === form.get('crm'));
  if (!scene || !crm) return { status: 400, body: { errors: ['There is no such scene in that CRM'] } };
  return { status: 303, headers: { location: `/played/${await player.play(scene, crm)}` } };
}

/**
 * A browser says with every form where it comes from. The host must be an address as well: a name may be another
 * site's that leads here.
 */
function isFromThisPage({ headers, url }: SandboxRequest): boolean {
  const isOwnHost = url.hostname === 'localhost' || isIP(url.hostname.replace(/^\[|\]$/g, '')) !== 0;
  return isOwnHost && (headers.origin === undefined || headers.origin === url.origin);
}

/** Takes JSON only: a browser does not send that to another site's port without asking first. */
function addFault(faults: FaultPlan, { headers, body }: SandboxRequest): SandboxResponse {
  if (headers['content-type']?.split(';')[0]?.trim() !== 'application/json') {
    return { status: 415, body: { errors: ['The body must be application/json'] } };
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

function masked(body: string | object | null, isCode: (word: string) => boolean): string | object | null {
  if (typeof body === 'string') return maskCodes(body, isCode);
  if (body === null) return null;
  return JSON.parse(maskCodes(JSON.stringify(body), isCode));
}
