import type { Fault, FaultHit } from '../../../sandbox/faults.ts';
import { askedIn, type Exchange } from '../../../sandbox/http.ts';
import type { Sandbox } from '../../../sandbox/index.ts';
import { countOf } from '../../domain/words.ts';

/** What became of one fault, from what the stand-ins noted and hold: which request it struck, what came after, and the end. */
export function faultProof(fault: Fault, sandbox: Sandbox, nameOf: (system: string) => string): string {
  const hits = sandbox.faults.hits.filter((hit) => hit.fault === fault);
  const [first] = hits;
  if (first === undefined) return `no request to ${nameOf(fault.system)} met it`;
  const times = hits.length === 1 ? '' : `, ${hits.length} times`;
  const struck = SUFFERED[fault.kind](requestOf(first), fault) + times;
  return [struck, ...answered(first, sandbox), endOf(first, sandbox)].join(' → ');
}

const SUFFERED: Readonly<Record<Fault['kind'], (request: string, fault: Fault) => string>> = {
  dropAfterCommit: (request) => `the answer of ${request} was lost`,
  dropBefore: (request) => `${request} was lost on its way`,
  status: (request, { status = 500 }) => `${request} was answered with status ${status}`,
  delay: (request, { delayMs = 0 }) => `${request} was answered ${delayMs / 1_000} s late`,
  truncate: (request) => `half of the answer of ${request} was lost`,
  stall: (request) => `the answer of ${request} stopped half-way`,
  html: (request) => `${request} was answered with a proxy's page`,
  rateLimit: (request) => `${request} was answered that the quota is used up`,
};

/** The path without what every request of the API begins with. */
function requestOf({ method, path }: FaultHit): string {
  return `${method} ${path.replace(/^\/incoming\/v2(?=\/)/, '')}`;
}

/** What Dealseat asked after the fault. */
function answered(hit: FaultHit, sandbox: Sandbox): string[] {
  const token = tokenIn(hit);
  if (token !== null) {
    return sandbox.ti.state.searches.includes(token) ? [`token ${token} was looked up`] : [];
  }
  const again = alikeAfter(hit, sandbox.exchanges);
  const answer = again.at(-1)?.status ?? 'nothing';
  return again.length === 0
    ? []
    : [`${countOf(again.length, 'such request')} later, the last answered ${answer}`];
}

function alikeAfter({ fault, method, path }: FaultHit, exchanges: readonly Exchange[]): Exchange[] {
  const asked = askedIn(exchanges).filter(({ system }) => system === fault.system);
  const isAlike = (exchange: Exchange) => exchange.method === method && exchange.path === path;
  const at = asked.findIndex((exchange) => isAlike(exchange) && exchange.fault === fault.kind);
  return at === -1
    ? []
    : asked.slice(at + 1).filter((exchange) => isAlike(exchange) && exchange.fault === null);
}

function endOf(hit: FaultHit, sandbox: Sandbox): string {
  const { groups } = sandbox.ti.state;
  const token = tokenIn(hit);
  const labels = groups.map((group) => group.label);
  const own = token === null ? labels : labels.filter((each) => each.endsWith(`-${token}`));
  const duplicates = own.length - new Set(own).size + repeatedMails(sandbox);
  const what = countOf(own.length, 'group');
  return `${what}, ${countOf(duplicates, 'duplicate')}`;
}

function repeatedMails({ outbox }: Sandbox): number {
  const keys = outbox.mails.map(({ system, to, subject }) => `${system} ${to} ${subject}`);
  return keys.length - new Set(keys).size;
}

/** Of the group that the request was to make: its label ends with the token by which it is looked up. */
function tokenIn({ body }: FaultHit): string | null {
  const label = /"label"\s*:\s*"([^"\\]+)"/.exec(body)?.[1];
  return label?.slice(label.lastIndexOf('-') + 1) ?? null;
}
