import type { SandboxRequest, SandboxResponse } from '../exchange.ts';
import { escapeHtml, htmlDocument } from '../html.ts';
import type { Redemption, TiState } from './state.ts';

const MESSAGES: Readonly<Record<Redemption, string>> = {
  redeemed: 'Done: you have access now.',
  alreadyRedeemed: 'This code has already been redeemed.',
  codeExpired: 'This code has expired.',
  notFound: 'This code was not found.',
};

/** Where a learner redeems this code. */
export function redeemPath(code: string): string {
  return `/redeem/${encodeURIComponent(code)}`;
}

/**
 * `/redeem`, `/redeem/<code>` and the two forms a Panorama link is known in. A GET shows the pre-filled form, a POST
 * redeems. Null: not a page of the learner.
 */
export function learnerPage(state: TiState, request: SandboxRequest): SandboxResponse | null {
  const code = codeInPath(state, request.path);
  if (code === null) return null;
  switch (request.method) {
    case 'GET':
      return form(code, null);
    case 'POST': {
      const fields = new URLSearchParams(request.body.toString('utf8'));
      const typed = fields.get('code') ?? code;
      const email = fields.get('email')?.trim() || undefined;
      return form(typed, { outcome: state.redeem(typed, email), content: contentOf(state, typed) });
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

function contentOf(state: TiState, code: string): string {
  const group = state.group(state.code(code)?.groupId ?? '');
  return Object.values(group?.targets ?? {})
    .flatMap((items) => items.map(({ name }) => name))
    .join(', ');
}

function form(
  code: string,
  answer: { readonly outcome: Redemption; readonly content: string } | null,
): SandboxResponse {
  const isDone = answer?.outcome === 'redeemed';
  const verdict =
    answer === null
      ? ''
      : `<div class="detail ${isDone ? 'good' : 'bad'}" role="status">${escapeHtml(MESSAGES[answer.outcome])}${isDone && answer.content !== '' ? `\nOpened: ${escapeHtml(answer.content)}.` : ''}</div>`;
  return htmlDocument(
    'Redeem a code',
    `<main class="narrow"><div class="card"><h1>Redeem a code</h1>
<p class="quiet">The learner's page of the learning platform.</p>
<form method="post">
<label>Code <input name="code" value="${escapeHtml(code)}" autocomplete="off" spellcheck="false" required></label>
<label>E-mail address <input name="email" type="email" autocomplete="off" placeholder="learner@example.com"></label>
<button>Redeem</button>
</form>${verdict}</div></main>`,
  );
}
