import { closeSync, existsSync, openSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { makePrivateFolder } from '../config/local-folder.ts';

export interface Attempt {
  readonly taskToken: Uint8Array;
  readonly workflowId: string;
  readonly runId: string;
}

/**
 * The attempts that this process has in flight, in a file that outlives it. Each process holds the lock of a file of its
 * own, which the kernel frees when the process dies: who gets the lock knows that the one before is gone.
 */
export interface AttemptJournal {
  /** What processes left behind that are gone. */
  readonly orphans: readonly Attempt[];
  forgetOrphans(): void;
  /** Returns what is to be called when it has ended. */
  begin(attempt: Attempt): () => void;
  /** With attempts in flight the lock stays until the process ends. */
  close(): void;
}

/** One file a worker process of this folder; so many that only a mistake makes more. */
const MAX_FILES = 64;

/** The result of an attempt reaches Temporal after the attempt; what was reported by then is refused as an orphan. */
export const REPORTING_MS = 2_000;

/** Busy: another process holds it. Corrupt, not a database: somebody wrote to it. */
const NOT_OURS = new Set([5, 11, 26]);

const OPEN = `
  PRAGMA locking_mode = EXCLUSIVE;
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = OFF;
  BEGIN EXCLUSIVE;
  CREATE TABLE IF NOT EXISTS attempts (
    id INTEGER PRIMARY KEY, place TEXT NOT NULL, token BLOB NOT NULL, workflow TEXT NOT NULL, run TEXT NOT NULL
  );
  COMMIT`;

/** Throws where no file can be written and locked. */
export async function openAttemptJournal(folder: string): Promise<AttemptJournal> {
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  await makePrivateFolder(folder);
  const [own, ...others] = lockFreeFiles(folder);
  if (own === undefined) throw new Error(`All ${MAX_FILES} files of ${folder} are in use`);
  const journal = new FileJournal(own, boot);
  for (const other of others) journal.adopt(other, boot);
  return journal;
}

interface LockedFile {
  readonly path: string;
  readonly database: DatabaseSync;
}

/** The first one is ours, and made if need be; behind it are those of processes that nobody followed. */
function lockFreeFiles(folder: string): LockedFile[] {
  const locked: LockedFile[] = [];
  for (let index = 0; index < MAX_FILES; index += 1) {
    const path = join(folder, `attempts-${index}`);
    if (locked.length > 0 && !existsSync(path)) break;
    const database = lock(path);
    if (database !== null) locked.push({ path, database });
  }
  return locked;
}

function lock(path: string): DatabaseSync | null {
  makeForUserAlone(path);
  const database = new (loadSqlite().DatabaseSync)(path);
  try {
    database.exec(OPEN);
    return database;
  } catch (error) {
    database.close();
    if (NOT_OURS.has(Number((error as { errcode?: number }).errcode) & 0xff)) return null;
    throw error;
  }
}

/** Only who makes it opens it: to close it again would free the lock that another worker of this process may hold. */
function makeForUserAlone(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/** Some releases of Node 24 warn of it, which is not for those who run a service. */
function loadSqlite(): typeof import('node:sqlite') {
  const { emitWarning } = process;
  process.emitWarning = () => undefined;
  try {
    return process.getBuiltinModule('node:sqlite');
  } finally {
    process.emitWarning = emitWarning;
  }
}

/**
 * The kernel that ran the process and the file that it wrote. A copy of the file, or a disk that another machine shares
 * or was made from, says nothing about who lives.
 */
function placeOf({ path }: LockedFile, boot: string): string {
  const { dev, ino } = statSync(path);
  return `${boot} ${dev}:${ino}`;
}

class FileJournal implements AttemptJournal {
  orphans: readonly Attempt[];
  readonly #database: DatabaseSync;
  readonly #place: string;
  readonly #insert;
  readonly #delete;
  #inFlight = 0;
  #isClosed = false;

  constructor(file: LockedFile, boot: string) {
    this.#database = file.database;
    this.#place = placeOf(file, boot);
    this.#insert = file.database.prepare(
      'INSERT INTO attempts (place, token, workflow, run) VALUES (?, ?, ?, ?)',
    );
    this.#delete = file.database.prepare('DELETE FROM attempts WHERE id = ?');
    this.orphans = attemptsIn(file, this.#place);
  }

  /** Into our own file first: a crash on the way leaves it twice, not never. */
  adopt(file: LockedFile, boot: string): void {
    const found = attemptsIn(file, placeOf(file, boot));
    for (const attempt of found) this.#add(attempt);
    this.orphans = [...this.orphans, ...found];
    file.database.exec('DELETE FROM attempts');
    file.database.close();
  }

  forgetOrphans(): void {
    this.orphans = [];
    this.#database.exec('DELETE FROM attempts');
  }

  begin(attempt: Attempt): () => void {
    const id = this.#add(attempt);
    this.#inFlight += 1;
    return () => {
      this.#inFlight -= 1;
      setTimeout(() => this.#remove(id), REPORTING_MS).unref();
    };
  }

  close(): void {
    if (this.#isClosed || this.#inFlight > 0) return;
    this.#isClosed = true;
    this.#database.exec('DELETE FROM attempts');
    this.#database.close();
  }

  #add({ taskToken, workflowId, runId }: Attempt): number | bigint {
    return this.#insert.run(this.#place, taskToken, workflowId, runId).lastInsertRowid;
  }

  #remove(id: number | bigint): void {
    if (this.#isClosed) return;
    try {
      this.#delete.run(id);
    } catch {
      // The disk is full. What stays too long is refused as an orphan.
    }
  }
}

function attemptsIn({ database }: LockedFile, place: string): Attempt[] {
  return database
    .prepare('SELECT token, workflow, run FROM attempts WHERE place = ?')
    .all(place)
    .map(({ token, workflow, run }) => ({
      taskToken: token as Uint8Array,
      workflowId: String(workflow),
      runId: String(run),
    }));
}
