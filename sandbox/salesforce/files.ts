import { createHash } from 'node:crypto';
import { ApiError } from './api-error.ts';
import { type Fields, idOf, type Row, type Store, text } from './store.ts';

interface RecordWriter {
  insert(objectName: string, values: Fields): string;
  update(objectName: string, id: string, values: Fields): void;
}

/**
 * What the insert of a ContentVersion does besides: the bytes go to the file store, a first version makes its
 * ContentDocument and the link to `FirstPublishLocationId`, a later one takes over as the latest.
 */
export function storeVersion(store: Store, records: RecordWriter, version: Row): void {
  const id = idOf(version);
  const bytes = Buffer.from(text(version, 'VersionData'), 'base64');
  const path = text(version, 'PathOnClient');
  const extension = /\.([^.\\/]+)$/.exec(path)?.[1]?.toLowerCase() ?? null;
  store.putFile(id, bytes);
  Object.assign(version, {
    VersionData: null,
    Title: version.Title ?? path.replace(/^.*[\\/]/, '').replace(/\.[^.]+$/, ''),
    Checksum: createHash('md5').update(bytes).digest('hex'),
    ContentSize: bytes.length,
    FileExtension: extension,
    FileType: extension?.toUpperCase() ?? 'UNKNOWN',
    IsLatest: true,
  });
  if (version.ContentDocumentId) addToDocument(store, records, version);
  else createDocument(records, version);
}

/** To be asked before the insert, which must leave no trace when it is refused. */
export function refuseSecondPlace(version: Row): void {
  if (!version.ContentDocumentId || !version.FirstPublishLocationId) return;
  throw new ApiError(
    400,
    'FIELD_INTEGRITY_EXCEPTION',
    'FirstPublishLocationId: only the first version of a file takes a location',
    ['FirstPublishLocationId'],
  );
}

function createDocument(records: RecordWriter, version: Row): void {
  version.VersionNumber = '1';
  const { CreatedById = null, OwnerId = null } = version;
  version.ContentDocumentId = records.insert('ContentDocument', {
    ...documentFields(version),
    CreatedById,
    OwnerId,
  });
  const owner = text(version, 'OwnerId');
  records.insert('ContentDocumentLink', {
    ContentDocumentId: version.ContentDocumentId,
    LinkedEntityId: owner,
    ShareType: 'I',
  });
  const location = text(version, 'FirstPublishLocationId');
  if (location && location !== owner) {
    records.insert('ContentDocumentLink', {
      ContentDocumentId: version.ContentDocumentId,
      LinkedEntityId: location,
    });
  }
}

function addToDocument(store: Store, records: RecordWriter, version: Row): void {
  const older = store
    .rows('ContentVersion')
    .filter((row) => row !== version && row.ContentDocumentId === version.ContentDocumentId);
  for (const row of older) row.IsLatest = false;
  version.VersionNumber = String(older.length + 1);
  records.update('ContentDocument', text(version, 'ContentDocumentId'), documentFields(version));
}

function documentFields(version: Row): Row {
  const { Title = null, ContentSize = null, FileType = null, FileExtension = null } = version;
  return { Title, ContentSize, FileType, FileExtension, LatestPublishedVersionId: idOf(version) };
}
