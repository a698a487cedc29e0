import { HubSpotRefusal, invalid, json, NO_CONTENT, notFound } from '../answers.ts';
import { type Call, type Endpoint, param, type ScopeRule } from '../endpoint.ts';
import type { StoredFile } from '../files.ts';
import { queryInteger, queryList } from '../request-body.ts';
import { uploadFile } from './file-upload.ts';
import { fileType, fullName, viewFile } from './file-view.ts';

const SCOPES: ScopeRule = [['files']];
const FILE = '/files/v3/files/:id';
/** HubSpot names no default; an hour is ours. */
const DEFAULT_LINK_SECONDS = 3600;

export const fileEndpoints: readonly Endpoint[] = [
  { method: 'POST', path: '/files/v3/files', scopes: SCOPES, answer: uploadFile },
  { method: 'GET', path: '/files/v3/files/search', scopes: SCOPES, answer: searchFiles },
  {
    method: 'GET',
    path: FILE,
    scopes: SCOPES,
    answer: (call) => json(200, viewFile(call, call.state.files.get(param(call, 'id')))),
  },
  { method: 'GET', path: `${FILE}/signed-url`, scopes: SCOPES, answer: signUrl },
  { method: 'DELETE', path: FILE, scopes: SCOPES, answer: removeFile },
  { method: 'DELETE', path: `${FILE}/gdpr-delete`, scopes: SCOPES, answer: removeFile },
  { method: 'GET', path: '/hubfs/:portal/:id/:name', scopes: [], open: true, answer: download },
];

function searchFiles(call: Call) {
  const { state, url } = call;
  const limit = queryInteger(url, 'limit', { fallback: 20, min: 1, max: 100 });
  const after = queryInteger(url, 'after', { fallback: 0, min: 0, max: Number.MAX_SAFE_INTEGER });
  const found = state.files.list().filter((file) => matchesQuery(url, file));
  const page = found.slice(after, after + limit);
  return json(200, {
    results: page.map((file) => viewFile(call, file)),
    ...(found.length > after + limit ? { paging: { next: { after: String(after + limit), link: '' } } } : {}),
  });
}

function matchesQuery(url: URL, file: StoredFile): boolean {
  const is = (name: string, value: string) => {
    const wanted = url.searchParams.get(name);
    return wanted === null || wanted.toLowerCase() === value.toLowerCase();
  };
  const among = (name: string, value: string) => {
    const wanted = queryList(url, name);
    return wanted.length === 0 || wanted.includes(value);
  };
  // "Containing the given name", as the reference says: a longer name is found as well.
  const name = url.searchParams.get('name')?.toLowerCase() ?? '';
  return (
    file.name.toLowerCase().includes(name) &&
    is('path', `${file.folderPath}/${fullName(file)}`) &&
    is('extension', file.extension) &&
    is('type', fileType(file)) &&
    is('fileMd5', file.md5) &&
    is('size', String(file.bytes.length)) &&
    among('ids', file.id) &&
    among('parentFolderIds', file.folderId)
  );
}

function signUrl(call: Call) {
  const { state, url, baseUrl } = call;
  const file = state.files.get(param(call, 'id'));
  const seconds = queryInteger(url, 'expirationSeconds', {
    fallback: DEFAULT_LINK_SECONDS,
    min: 1,
    max: Number.MAX_SAFE_INTEGER,
  });
  const expiresAt = state.now() + seconds * 1000;
  const path = `/hubfs/${state.portalId}/${file.id}/${encodeURIComponent(fullName(file))}`;
  return json(200, {
    url: `${baseUrl}${path}?${state.files.sign(file.id, expiresAt)}`,
    expiresAt: new Date(expiresAt).toISOString(),
    name: file.name,
    extension: file.extension,
    type: fileType(file),
    size: file.bytes.length,
  });
}

function removeFile(call: Call) {
  call.state.files.remove(param(call, 'id'));
  return NO_CONTENT;
}

/** Private bytes only for a link that is signed and has not run out. */
function download(call: Call) {
  const { state, url } = call;
  if (param(call, 'portal') !== String(state.portalId)) throw notFound();
  const file = state.files.get(param(call, 'id'));
  if (param(call, 'name') !== fullName(file))
    throw invalid('The name in the link is not the name of the file');
  if (file.access === 'PRIVATE' && !state.files.isSigned(file.id, url.searchParams)) {
    throw new HubSpotRefusal(403, 'This file is private; the link is not signed or has expired');
  }
  return {
    status: 200,
    headers: {
      'Content-Type': 'application/octet-stream',
      'Content-Disposition': `attachment; filename="${encodeURIComponent(fullName(file))}"`,
      ...(file.access === 'PUBLIC_INDEXABLE' ? {} : { 'X-Robots-Tag': 'noindex' }),
    },
    body: file.bytes,
  };
}
