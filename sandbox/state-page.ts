import { isIP } from 'node:net';
import type { SandboxRequest, SandboxResponse } from './exchange.ts';
import { parseFault } from './fault-request.ts';
import type { FaultPlan } from './faults.ts';
import { htmlPage } from './html.ts';
import type { SandboxHandler } from './http.ts';
import { maskCodes } from './mask-codes.ts';
import { SCENES } from './scenes/all-scenes.ts';
import type { ScenePlayer } from './scenes/player.ts';
import { mailHtml, stateHtml } from './state-html.ts';
import { faultViews, type StateView } from './state-view.ts';

export interface StatePageOptions {
  readonly view: () => StateView;
  readonly faults: FaultPlan;
  /** Tells redemption codes from other words, so that they can be masked. */
  readonly isCode: (word: string) => boolean;
  /** Absent: no scenes can be played. */
  readonly player?: ScenePlayer;
}

/**
 * `GET /` and `GET /mail/<number>` for people, `GET /state.json` for programs, `POST /faults` adds one fault and
 * `DELETE /faults` disarms all. `POST /play`, a form of the page, plays a scene and leads back to the overview.
 */
export function createStatePage(options: StatePageOptions): SandboxHandler {
  return async (request) => {
    const response = await respond(options, request);
    return { ...response, body: masked(response.body ?? null, options.isCode) };
  };
}

async function respond(
  { view, faults, player }: StatePageOptions,
  request: SandboxRequest,
): Promise<SandboxResponse> {
  const mailNumber = /^\/mail\/(\d+)$/.exec(request.path)?.[1];
  switch (`${request.method} ${mailNumber ? '/mail/:number' : request.path}`) {
    case 'GET /':
      return htmlPage('Dealseat sandbox', stateHtml(view()));
    case 'GET /state.json':
      return { status: 200, body: view() };
    case 'GET /mail/:number': {
      const mail = view().mails.find(({ number }) => number === Number(mailNumber));
      return mail
        ? htmlPage(`Mail ${mail.number}`, mailHtml(mail))
        : { status: 404, body: { errors: [`There is no mail ${mailNumber}`] } };
    }
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
  await player.play(scene, crm);
  return { status: 303, headers: { location: '/#played' } };
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
