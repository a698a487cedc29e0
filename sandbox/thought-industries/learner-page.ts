import type { SandboxRequest, SandboxResponse } from '../exchange.ts';
import { escapeHtml, htmlPage } from '../html.ts';
import type { Redemption, TiState } from './state.ts';

const MESSAGES: Readonly<Record<Redemption, string>> = {
  redeemed: 'Done: this learner has access now.',
  alreadyRedeemed: 'This code has already been redeemed.',
  codeExpired: 'This code has expired.',
  notFound: 'This code was not found.',
};

/**
 * `/redeem`, `/redeem/<code>` and the two forms a Panorama link is known in. A GET shows the pre-filled form, a POST
 * redeems. Null: not a page of the learner.
 */
export function learnerPage(state: TiState, request: SandboxRequest): SandboxResponse | null {
  const code = codeInPath(state, request.path);
  if (code === null) return null;
  switch (request.method) {
    case 'GET':
      return form(code, '');
    case 'POST': {
      const typed = new URLSearchParams(request.body.toString('utf8')).get('code') ?? code;
      return form(typed, MESSAGES[state.redeem(typed)]);
    }
    default:
      return { status: 405 };
  }
}

/** Empty for the plain page; null for another path. */
function codeInPath(state: TiState, path: string): string | null {
  const [first, ...rest] = path.split('/').slice(1);
  const isPanorama = state.options.catalog.clients.some(({ slug }) => slug === first);
  if (first === 'redeem') return rest.length <= 1 ? (rest[0] ?? '') : null;
  if (!isPanorama) return null;
  if (rest[0] === 'redeem') return rest.length <= 2 ? (rest[1] ?? '') : null;
  return rest.length <= 1 ? (rest[0] ?? '') : null;
}

function form(code: string, message: string): SandboxResponse {
  return htmlPage(
    'Redeem a code',
    `<form method="post">
      <label>Code <input name="code" value="${escapeHtml(code)}" autocomplete="off"></label>
      <button>Redeem</button>
    </form>
    <p role="status">${escapeHtml(message)}</p>`,
  );
}
