import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { HubSpotRefusal, notFound } from './answers.ts';

export const UPLOAD_ACCESS = ['PRIVATE', 'PUBLIC_NOT_INDEXABLE', 'PUBLIC_INDEXABLE'] as const;
export type FileAccess = (typeof UPLOAD_ACCESS)[number];

export interface StoredFile {
  readonly id: string;
  /** Without extension, as HubSpot returns it. */
  readonly name: string;
  readonly extension: string;
  readonly folderId: string;
  readonly folderPath: string;
  readonly access: FileAccess;
  readonly bytes: Buffer;
  readonly md5: string;
  readonly createdAt: number;
  /** When HubSpot deletes it by itself; null: never. */
  readonly expiresAt: number | null;
}

export interface Upload {
  readonly fileName: string;
  readonly folderPath: string;
  readonly access: FileAccess;
  readonly bytes: Buffer;
  readonly overwrite: boolean;
  readonly expiresAt: number | null;
  readonly duplicates: {
    readonly strategy: 'NONE' | 'REJECT' | 'RETURN_EXISTING';
    readonly scope: 'ENTIRE_PORTAL' | 'EXACT_FOLDER';
  };
}

/** HubSpot does not say what makes two files duplicates, so a test may choose. */
export type DuplicateRule = 'bytes' | 'name';

const FIRST_FILE_ID = 184_200_000_001;
const FIRST_FOLDER_ID = 184_100_000_001;

export class FileStore {
  /** A setting of the portal under which uploads come out with another access than they ask for; null: none. */
  forcedAccess: FileAccess | null = null;
  readonly #files = new Map<string, StoredFile>();
  readonly #folders = new Map<string, string>();
  readonly #now: () => number;
  readonly #duplicateRule: DuplicateRule;
  readonly #signingKey = randomBytes(32);
  #nextFileId = FIRST_FILE_ID;
  #nextFolderId = FIRST_FOLDER_ID;

  constructor(now: () => number, duplicateRule: DuplicateRule) {
    this.#now = now;
    this.#duplicateRule = duplicateRule;
  }

  list(): StoredFile[] {
    const now = this.#now();
    for (const file of this.#files.values()) {
      if (file.expiresAt !== null && file.expiresAt <= now) this.#files.delete(file.id);
    }
    return [...this.#files.values()];
  }

  find(id: string): StoredFile | undefined {
    return this.list().find((file) => file.id === id);
  }

  get(id: string): StoredFile {
    const file = this.find(id);
    if (!file) throw notFound(`File ${id} does not exist`);
    return file;
  }

  remove(id: string): void {
    this.#files.delete(this.get(id).id);
  }

  folderPathOf(folderId: string): string {
    const found = [...this.#folders].find(([, id]) => id === folderId);
    if (!found) throw notFound(`Folder ${folderId} does not exist`);
    return found[0];
  }

  /** Stores a file; makes its folder if there is none; may return a duplicate instead. */
  upload(upload: Upload): StoredFile {
    const md5 = createHash('md5').update(upload.bytes).digest('hex');
    const { name, extension } = splitName(upload.fileName);
    const inScope = this.list().filter(
      (file) => upload.duplicates.scope === 'ENTIRE_PORTAL' || file.folderPath === upload.folderPath,
    );
    const duplicate = inScope.find((file) =>
      this.#duplicateRule === 'bytes' ? file.md5 === md5 : file.name === name && file.extension === extension,
    );
    if (duplicate && upload.duplicates.strategy === 'RETURN_EXISTING') return duplicate;
    if (duplicate && upload.duplicates.strategy === 'REJECT') {
      throw new HubSpotRefusal(409, `A duplicate of the file exists: ${duplicate.id}`, {
        category: 'CONFLICT',
      });
    }
    const sameName = this.#at(upload.folderPath, name, extension);
    if (sameName && upload.overwrite) this.#files.delete(sameName.id);
    const file: StoredFile = {
      id: String(this.#nextFileId++),
      name: upload.overwrite ? name : this.#freeName(upload.folderPath, name, extension),
      extension,
      folderId: this.#folderId(upload.folderPath),
      folderPath: upload.folderPath,
      access: this.forcedAccess ?? upload.access,
      bytes: upload.bytes,
      md5,
      createdAt: this.#now(),
      expiresAt: upload.expiresAt,
    };
    this.#files.set(file.id, file);
    return file;
  }

  /** Query part of a time-limited link to the bytes. */
  sign(fileId: string, expiresAt: number): string {
    return new URLSearchParams({
      expires: String(expiresAt),
      signature: this.#signature(fileId, expiresAt),
    }).toString();
  }

  isSigned(fileId: string, query: URLSearchParams): boolean {
    const expiresAt = Number(query.get('expires'));
    const given = Buffer.from(query.get('signature') ?? '');
    const expected = Buffer.from(this.#signature(fileId, expiresAt));
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return false;
    return expiresAt > this.#now();
  }

  #signature(fileId: string, expiresAt: number): string {
    return createHmac('sha256', this.#signingKey).update(`${fileId}.${expiresAt}`).digest('base64url');
  }

  #at(folderPath: string, name: string, extension: string): StoredFile | undefined {
    return this.list().find(
      (file) => file.folderPath === folderPath && file.name === name && file.extension === extension,
    );
  }

  /** Two files of a folder never share a name: the second becomes `name-1`. */
  #freeName(folderPath: string, name: string, extension: string): string {
    let candidate = name;
    for (let n = 1; this.#at(folderPath, candidate, extension); n += 1) candidate = `${name}-${n}`;
    return candidate;
  }

  #folderId(path: string): string {
    const known = this.#folders.get(path);
    if (known) return known;
    const id = String(this.#nextFolderId++);
    this.#folders.set(path, id);
    return id;
  }
}

function splitName(fileName: string): { name: string; extension: string } {
  const dot = fileName.lastIndexOf('.');
  return dot > 0
    ? { name: fileName.slice(0, dot), extension: fileName.slice(dot + 1).toLowerCase() }
    : { name: fileName, extension: '' };
}
