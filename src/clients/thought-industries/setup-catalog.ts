import type { NamedId } from '../../domain/deal/catalog-names.ts';
import { DealseatError } from '../../domain/failure.ts';
import { attempt, type Finding, fine, notTried, type SetupCheck } from '../setup-check.ts';
import { encodeSegment, type TiCall } from './call.ts';
import { isSameId, idKey as key, ROWS_A_PAGE, searchContent } from './content.ts';
import { isJsonObject, layersOf, type JsonObject as Row, rowsIn } from './layers.ts';
import { type PageLink, readPages, withPage } from './pages.ts';
import type { Sender } from './send.ts';
import { CURES } from './setup-tenant.ts';

/** Of the whole list, which is read only for ids that the search does not find. */
const MAX_PAGES = 10;
const MAX_CLIENTS = 20;
/** A doctor has the patience that a run has not. */
const MAX_WAIT_MS = 5 * 60_000;

const WHAT = {
  courses: { noun: 'course', kinds: null },
  learningPaths: { noun: 'learning path', kinds: ['learningPath'] },
  bundles: { noun: 'bundle', kinds: ['bundle'] },
} as const;

interface Content {
  readonly kind: keyof typeof WHAT;
  readonly named: readonly NamedId[];
  readonly signal: AbortSignal;
}

/** Looks up every content id of the catalog: by the exact search, and in the list what that does not find. */
export async function* checkContent(
  sender: Sender,
  { kind, named, signal }: Content,
): AsyncGenerator<SetupCheck> {
  if (named.length === 0) return;
  const { noun } = WHAT[kind];
  const found = new Map<string, Finding>();
  const missing = () => named.filter(({ id }) => !found.has(key(id)));
  const take = (rows: readonly Row[]) => {
    for (const { id } of missing()) {
      const finding = rows.map((row) => judgeRow(row, id, kind)).find((each) => each !== null);
      if (finding) found.set(key(id), finding);
    }
  };
  let isWholeList = true;
  const looked = await attempt(`${noun}s of the catalog`, CURES, async () => {
    isWholeList = await searchContent({
      read: (call) => send(sender, call, signal),
      ids: named.map(({ id }) => id),
      take,
      isDone: () => missing().length === 0,
      maxPages: MAX_PAGES,
    });
    return fine();
  });
  if (looked.state !== 'ok') {
    yield { ...looked, isOfCatalog: true };
    return;
  }
  for (const [at, { id, by }] of named.entries()) {
    const finding = found.get(key(id)) ?? notFound(noun, isWholeList);
    yield {
      name: `${noun} ${id} (${by.join(', ')})`,
      ...finding,
      isOfCatalog: true,
      ...(at === 0 ? { tookMs: looked.tookMs ?? 0 } : {}),
    };
  }
}

/** What the row says of the id, or null: it is about another thing. */
function judgeRow(row: Row, id: string, kind: keyof typeof WHAT): Finding | null {
  const { noun, kinds } = WHAT[kind];
  const title = String(row.title ?? row.name ?? '');
  if (kind === 'courses' && isSameId(row.displayCourse, id)) return fine(title);
  if (!isSameId(row.id, id)) return null;
  if (kind === 'courses' && row.kind === 'courseGroup') {
    return {
      state: 'failed',
      found: `it is the id of course group "${title}", not of a course`,
      advice: `Put the id of its course into the catalog${typeof row.displayCourse === 'string' ? `: ${row.displayCourse}` : ''}.`,
    };
  }
  const isOther =
    kinds === null
      ? row.kind === 'learningPath' || row.kind === 'bundle'
      : typeof row.kind === 'string' && !kinds.some((each) => each === row.kind);
  if (!isOther) return fine(title);
  return {
    state: 'failed',
    found: `it is the id of "${title}", of kind ${String(row.kind)}`,
    advice: `Name it under the key of its kind in the catalog, not as a ${noun}.`,
  };
}

function notFound(noun: string, isWholeList: boolean): Finding {
  if (!isWholeList) {
    return {
      state: 'warning',
      found: `not among the first ${MAX_PAGES * ROWS_A_PAGE} items of the platform, and its search does not find it`,
      advice: 'Compare the id with the learning platform by hand.',
    };
  }
  return {
    state: 'failed',
    found: `the platform has no ${noun} of this id`,
    advice: 'Correct the id in the catalog.',
  };
}

interface Clients {
  readonly named: readonly NamedId[];
  readonly signal: AbortSignal;
}

export async function* checkClients(sender: Sender, { named, signal }: Clients): AsyncGenerator<SetupCheck> {
  for (const { id, by } of named) {
    const check = await attempt(`Panorama client ${id} (${by.join(', ')})`, CURES, async () => {
      const row = await readClient(sender, id, signal);
      if (row === 'forbidden') return notTried('not checked: the API key may not read clients');
      if (row === null) {
        return {
          state: 'failed',
          found: 'the platform has no client of this id',
          advice: 'Correct `client` of the partner in the catalog.',
        };
      }
      const name = String(row.name ?? '');
      if (row.disabled !== true) return { ...fine(name), customers: [name] };
      return {
        state: 'warning',
        customers: [name],
        found: `${name} is disabled`,
        advice: 'Enable it in the learning platform.',
      };
    });
    yield { ...check, isOfCatalog: true };
  }
}

/** Licences are listed for each client only: those of the catalog's partners first, then those of others. */
export async function* checkLicenses(
  sender: Sender,
  { named, clients, signal }: Clients & { readonly clients: readonly NamedId[] },
): AsyncGenerator<SetupCheck> {
  if (named.length === 0) return;
  const found = new Map<string, string>();
  const isComplete = () => named.every(({ id }) => found.has(key(id)));
  let isWholeList = false;
  let isForbidden = false;
  const looked = await attempt('licenses of the catalog', CURES, async () => {
    const tried = new Set<string>();
    const lookAt = async (clientId: string) => {
      if (tried.has(key(clientId))) return;
      tried.add(key(clientId));
      const rows = await readLicenses(sender, clientId, signal);
      if (rows === 'forbidden') isForbidden = true;
      for (const row of rows === 'forbidden' ? [] : rows) {
        const match = named.find(({ id }) => isSameId(row.id, id));
        if (match) found.set(key(match.id), String(row.name ?? row.label ?? ''));
      }
    };
    for (const { id } of clients) if (!isComplete()) await lookAt(id);
    if (isComplete()) return fine();
    const others = await readClientIds(sender, signal);
    isForbidden ||= others === null;
    const some = (others?.ids ?? []).slice(0, MAX_CLIENTS);
    for (const id of some) if (!isComplete()) await lookAt(id);
    isWholeList = others?.isWhole === true && some.length === others.ids.length;
    return fine();
  });
  if (looked.state !== 'ok') {
    yield { ...looked, isOfCatalog: true };
    return;
  }
  for (const { id, by } of named) {
    const title = found.get(key(id));
    const finding =
      title !== undefined
        ? fine(title)
        : isForbidden
          ? notTried('not checked: the API key may not read clients and their licenses')
          : isWholeList
            ? notFound('license', true)
            : {
                state: 'warning' as const,
                found: `not among the licenses of the first ${MAX_CLIENTS} clients`,
                advice: 'Compare the id with the learning platform by hand.',
              };
    yield { name: `license ${id} (${by.join(', ')})`, ...finding, isOfCatalog: true };
  }
}

async function readClient(
  sender: Sender,
  id: string,
  signal: AbortSignal,
): Promise<Row | 'forbidden' | null> {
  const target = `/clients/${encodeSegment(id)}`;
  const body = await orRefusal(
    send(sender, { name: `read client ${id}`, effect: 'read', method: 'GET', target }, signal),
  );
  if (body === 'forbidden' || body === null) return body;
  return layersOf(body).find((layer) => isSameId(layer.id, id)) ?? null;
}

async function readLicenses(
  sender: Sender,
  clientId: string,
  signal: AbortSignal,
): Promise<readonly Row[] | 'forbidden'> {
  const id = encodeSegment(clientId);
  const call: TiCall = {
    name: `list the licenses of client ${clientId}`,
    effect: 'read',
    method: 'GET',
    target: `/clients/${id}/licenses?clientId=${id}`,
  };
  const readPage = (link: PageLink | null) =>
    orRefusal(send(sender, { ...call, target: withPage(call.target, link) }, signal));
  const rows: Row[] = [];
  for await (const { body } of readPages(readPage, MAX_PAGES)) {
    if (body === 'forbidden') return body;
    rows.push(...rowsIn(body, 'licenses'));
  }
  return rows;
}

/** Null: the key may not read them. Rows of clients are huge, so few are asked for. */
async function readClientIds(
  sender: Sender,
  signal: AbortSignal,
): Promise<{ readonly ids: readonly string[]; readonly isWhole: boolean } | null> {
  const call: TiCall = {
    name: 'list clients',
    effect: 'read',
    method: 'GET',
    target: `/clients?count=${MAX_CLIENTS}`,
  };
  const body = await orRefusal(send(sender, call, signal));
  if (body === 'forbidden') return null;
  const ids = rowsIn(body, 'clients').flatMap(({ id }) => (typeof id === 'string' ? id : []));
  const pageInfo = layersOf(body)
    .map((layer) => layer.pageInfo)
    .find(isJsonObject);
  return { ids, isWhole: pageInfo?.hasMore !== true };
}

async function orRefusal(answer: Promise<unknown>): Promise<unknown> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof DealseatError && error.code === 'lms.not_found') return null;
    if (error instanceof DealseatError && error.code === 'lms.forbidden') return 'forbidden';
    throw error;
  }
}

function send(sender: Sender, call: TiCall, signal: AbortSignal): Promise<unknown> {
  return sender.send(call, { signal, maxWaitMs: MAX_WAIT_MS });
}
