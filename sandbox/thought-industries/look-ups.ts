import { createHash } from 'node:crypto';
import type { SandboxResponse } from '../exchange.ts';
import { type CatalogClient, type CatalogItem, findById } from './catalog.ts';
import { page } from './paging.ts';
import { Refusal } from './refusal.ts';
import type { TiState } from './state.ts';

type Row = Readonly<Record<string, unknown>>;

const CONTENT_PER_PAGE = 50;
const MAX_PER_PAGE = 100;

/** `GET /content`: all that can be granted but licenses; `query` is free text, or ids as `(_id:a OR _id:b)`. */
export function listContent(state: TiState, query: URLSearchParams): SandboxResponse {
  const rows = contentRows(state).filter((row) => matches(row, query.get('query') ?? ''));
  const perPage = Math.min(Number(query.get('perPage') ?? CONTENT_PER_PAGE), MAX_PER_PAGE);
  const { rows: all, ...pageInfo } = page({ all: rows, perPage, cursor: query.get('cursor'), state });
  return answer(state, 'APIContentSearch', {
    contentItems: all,
    pageInfo: { total: rows.length, ...pageInfo },
  });
}

function contentRows({ options }: TiState): Row[] {
  const { courses, learningPaths, bundles } = options.catalog;
  const common = ({ id, name }: CatalogItem, kind: string) => ({ id, title: name, slug: slugOf(name), kind });
  return [
    ...courses.map((course) =>
      options.contentShows === 'courses'
        ? common(course, 'course')
        : {
            ...common({ ...course, id: groupIdOf(course) }, 'courseGroup'),
            slug: `${slugOf(course.name)}-group`,
            displayCourse: course.id,
            displayCourseSlug: slugOf(course.name),
          },
    ),
    ...learningPaths.map((path) => common(path, 'learningPath')),
    ...bundles.map((bundle) => common(bundle, 'bundle')),
  ];
}

/** A course group has an id of its own. */
export function groupIdOf({ id }: CatalogItem): string {
  const hex = createHash('sha256').update(`group of ${id}`).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    '-',
  );
}

function matches(row: Row, query: string): boolean {
  if (query.trim() === '') return true;
  const ids = [...query.matchAll(/_id:([^\s()]+)/g)].map(([, id = '']) => id.toLowerCase());
  if (ids.length > 0) return ids.includes(String(row.id).toLowerCase());
  return String(row.title).toLowerCase().includes(query.trim().toLowerCase());
}

export function listClients(state: TiState, query: URLSearchParams): SandboxResponse {
  const { clients } = state.options.catalog;
  const count = Number(query.get('count') ?? CONTENT_PER_PAGE);
  const { rows, ...pageInfo } = page({ all: clients, perPage: count, cursor: query.get('cursor'), state });
  return answer(state, 'APIClients', { clients: rows.map(clientJson), pageInfo });
}

export function readClient(state: TiState, id: string): SandboxResponse {
  return answer(state, 'APIClientById', clientJson(requireClient(state, id)));
}

/** Every license of the tenant is one of its first client. */
export function listLicenses(state: TiState, clientId: string, query: URLSearchParams): SandboxResponse {
  const { catalog } = state.options;
  const { id, name } = requireClient(state, clientId);
  if (query.get('clientId') === null) throw new Refusal(400, 'clientId is required');
  const licenses = id === catalog.clients[0]?.id ? catalog.licenses : [];
  const pageInfo = { perPage: CONTENT_PER_PAGE, currentPage: 1, total: licenses.length, hasMore: false };
  return answer(state, 'APILicensesByClientId', {
    id,
    name,
    pageInfo,
    licenses: licenses.map((license) => ({ id: license.id, name: license.name, seatsLimit: 0 })),
  });
}

function requireClient({ options }: TiState, id: string): CatalogClient {
  const client = findById(options.catalog.clients, id);
  if (!client) throw new Refusal(404, 'Not found');
  return client;
}

function clientJson({ id, name, slug }: CatalogClient): Row {
  return { id, name, slug, panorama: true, disabled: false, secretKey: 'sandbox-client-secret' };
}

export function answer({ options }: TiState, name: string, body: Row): SandboxResponse {
  return { status: 200, body: options.profile === 'documented' ? { data: { [name]: body } } : body };
}

export function slugOf(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
}
