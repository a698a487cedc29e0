import type { Call } from '../endpoint.ts';
import type { StoredFile } from '../files.ts';

const DOCUMENTS = ['csv', 'doc', 'docx', 'pdf', 'txt', 'xls', 'xlsx'];

export function viewFile(call: Call, file: StoredFile): object {
  const url = `${call.baseUrl}/hubfs/${call.state.portalId}/${file.id}/${encodeURIComponent(fullName(file))}`;
  const at = new Date(file.createdAt).toISOString();
  return {
    id: file.id,
    name: file.name,
    extension: file.extension,
    type: fileType(file),
    path: `${file.folderPath}/${fullName(file)}`,
    parentFolderId: file.folderId,
    size: file.bytes.length,
    encoding: 'utf-8',
    access: file.access,
    sourceGroup: 'CONTENT',
    fileMd5: file.md5,
    url,
    defaultHostingUrl: url,
    isUsableInContent: true,
    createdAt: at,
    updatedAt: at,
    archived: false,
    ...(file.expiresAt === null ? {} : { expiresAt: file.expiresAt }),
  };
}

export function fileType(file: StoredFile): string {
  return DOCUMENTS.includes(file.extension) ? 'DOCUMENT' : 'OTHER';
}

export function fullName(file: StoredFile): string {
  return file.extension === '' ? file.name : `${file.name}.${file.extension}`;
}
