import { randomBytes } from 'node:crypto';
import { open, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { makePrivateFolder } from '../config/local-folder.ts';
import { DealseatError } from '../domain/failure.ts';
import { isSameProcess, type ProcessMark, readOwnMark } from './process-mark.ts';

/** Where the process that has the store answers commands of this machine. */
export interface LockAddress {
  readonly url: string;
  /** A bearer token, as secret as the file. */
  readonly token: string;
}

/** Who has the embedded store. */
export interface LockHolder {
  readonly pid: number;
  /** For people, such as `dealseat start`. */
  readonly command: string;
  /** UTC instant. */
  readonly since: string;
  /** Null: it answers no commands, or not yet. */
  readonly address: LockAddress | null;
}

export interface EmbeddedLock {
  readonly folder: string;
  /** Rejects when the lock is gone although it was not released: its process must not write any further. */
  readonly lost: Promise<never>;
  release(): Promise<void>;
}

interface Claim extends LockHolder, ProcessMark {
  /** False: it asks for the store and does not have it yet. */
  readonly isHeld: boolean;
}

/** Beside the file of a claim, so that others see that its process lives although they cannot see the process. */
const BEAT_MS = 5_000;
/** Of a process of another machine or container: silent for so long, it is dead. */
const SILENCE_MS = 60_000;
/** A file that is not whole is being written. */
const WRITING_MS = 5_000;
const PAUSE_MS = 20;
/** Who asks gives way or takes the store at once; one that does neither was stopped in the middle. */
const PATIENCE_MS = 10_000;
const SUFFIX = '.json';

const held = new WeakMap<EmbeddedLock, { readonly file: string; claim: Claim }>();

/**
 * Takes the embedded store for this process alone. Throws `store.locked` when another one has it.
 *
 * Each process that asks makes a file of its own, then looks at the files of others: of two that ask at once at least one
 * sees the other. Files of dead processes are removed, and no name is used twice, so nobody removes the file of a living
 * one.
 */
export async function takeLock(folder: string, command = commandOf(process.argv)): Promise<EmbeddedLock> {
  const claims = claimFolder(folder);
  await makePrivateFolder(folder);
  await makePrivateFolder(claims);
  const mark = await readOwnMark();
  const since = new Date().toISOString();
  const claim: Claim = { ...mark, command, since, address: null, isHeld: false };
  const name = `${since.replace(/\D/g, '')}-${randomBytes(8).toString('hex')}${SUFFIX}`;
  const file = join(claims, name);
  await writeNew(file, claim);
  try {
    await untilAlone(claims, name);
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  }
  const lock = keep(folder, file);
  const state = { file, claim: { ...claim, isHeld: true } };
  held.set(lock, state);
  await replace(file, state.claim);
  return lock;
}

/** The living process that has the store, or null. */
export async function readLock(folder: string): Promise<LockHolder | null> {
  const { living } = await survey(claimFolder(folder));
  const holder = living.find(({ claim }) => claim?.isHeld)?.claim;
  if (!holder) return null;
  const { pid, command, since, address } = holder;
  return { pid, command, since, address };
}

/** Throws `store.locked` when another process has the store; takes nothing. */
export async function refuseIfLocked(folder: string): Promise<void> {
  const holder = await readLock(folder);
  if (holder !== null) throw lockedBy(folder, holder);
}

/** Lets commands of this machine reach the process that has the store; only this user can read the token. */
export async function publishAddress(lock: EmbeddedLock, address: LockAddress): Promise<void> {
  const state = held.get(lock);
  if (state === undefined) throw new Error('The lock was released before its address was published');
  state.claim = { ...state.claim, address };
  await replace(state.file, state.claim);
}

function claimFolder(folder: string): string {
  return join(folder, 'lock');
}

/** Waits for those that ask and came later, who give way; gives way to all others. */
async function untilAlone(folder: string, own: string): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const { living, dead } = await survey(folder);
    for (const name of dead) await rm(join(folder, name), { force: true });
    const rivals = living.filter(({ name }) => name !== own);
    if (rivals.length === 0) return;
    const isLate = performance.now() > deadline;
    const stronger = rivals.find(
      ({ claim, name }) => claim?.isHeld || (claim !== null && (isLate || name < own)),
    );
    if (stronger?.claim) throw lockedBy(join(folder, '..'), stronger.claim);
    await wait(PAUSE_MS);
  }
}

function lockedBy(folder: string, { pid, command, since }: LockHolder): DealseatError {
  return new DealseatError({
    code: 'store.locked',
    message: `Process ${pid} (${command}) has had the embedded database of seats in ${folder} open since ${since}`,
  });
}

interface Seen {
  readonly name: string;
  /** Null: it is being written. */
  readonly claim: Claim | null;
}

async function survey(
  folder: string,
): Promise<{ readonly living: readonly Seen[]; readonly dead: readonly string[] }> {
  const living: Seen[] = [];
  const dead: string[] = [];
  const names = (await unless('ENOENT', readdir(folder))) ?? [];
  for (const name of names.filter((each) => each.endsWith(SUFFIX)).sort()) {
    const file = join(folder, name);
    const text = await unless('ENOENT', readFile(file, 'utf8'));
    const times = await unless('ENOENT', stat(file));
    if (text === null || times === null) continue;
    const claim = parse(text);
    const silentMs = Date.now() - times.mtimeMs;
    const isAlive =
      claim === null ? silentMs < WRITING_MS : ((await isSameProcess(claim)) ?? silentMs < SILENCE_MS);
    if (isAlive) living.push({ name, claim });
    else dead.push(name);
  }
  return { living, dead };
}

function parse(text: string): Claim | null {
  try {
    return JSON.parse(text) as Claim;
  } catch {
    return null;
  }
}

function keep(folder: string, file: string): EmbeddedLock {
  let timer: NodeJS.Timeout | undefined;
  const lost = new Promise<never>((_, reject) => {
    timer = setInterval(() => {
      const now = new Date();
      utimes(file, now, now).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') return;
        clearInterval(timer);
        reject(
          new DealseatError({
            code: 'store.locked',
            message: `The lock ${basename(file)} of the embedded database of seats in ${folder} was removed while it was held`,
          }),
        );
      });
    }, BEAT_MS).unref();
  });
  lost.catch(() => undefined);
  const lock: EmbeddedLock = {
    folder,
    lost,
    release: async () => {
      clearInterval(timer);
      held.delete(lock);
      await rm(file, { force: true });
    },
  };
  return lock;
}

async function writeNew(file: string, claim: Claim): Promise<void> {
  const handle = await open(file, 'wx', 0o600);
  try {
    await handle.writeFile(JSON.stringify(claim));
  } finally {
    await handle.close();
  }
}

/** Whole at every moment. */
async function replace(file: string, claim: Claim): Promise<void> {
  const draft = `${file}.draft`;
  await rm(draft, { force: true });
  await writeNew(draft, claim);
  await rename(draft, file);
}

function commandOf([, script = '', command = '']: readonly string[]): string {
  return [
    basename(script)
      .replace(/\.[jt]s$/, '')
      .replace(/^cli$/, 'dealseat'),
    command,
  ]
    .filter(Boolean)
    .join(' ');
}

/** Null instead of that one failure of the file system. */
async function unless<T>(code: string, call: Promise<T>): Promise<T | null> {
  try {
    return await call;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === code) return null;
    throw error;
  }
}
