import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { say } from './step.mjs';

const POLL_MS = 200;

/** Runs `work` while no other process of this clone does. A lock whose owner is dead is taken over. */
export async function withLock(file, work) {
  mkdirSync(dirname(file), { recursive: true });
  const mine = `${file}.${process.pid}`;
  writeFileSync(mine, String(process.pid));
  const release = () => {
    if (ownerOf(file) === process.pid) rmSync(file, { force: true });
    rmSync(mine, { force: true });
  };
  process.once('exit', release);
  try {
    let isFirstLook = true;
    while (!tryLink(mine, file)) {
      if (clearIfAbandoned(file)) continue;
      if (isFirstLook) say('another run is setting up this clone; waiting for it …');
      isFirstLook = false;
      await delay(POLL_MS);
    }
    return await work();
  } finally {
    process.off('exit', release);
    release();
  }
}

/** A hard link appears with its content, so nobody ever reads a lock without an owner. */
function tryLink(mine, file) {
  try {
    linkSync(mine, file);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

function clearIfAbandoned(file) {
  const owner = ownerOf(file);
  if (owner === null) return true;
  if (isAlive(owner)) return false;
  // Moved aside before it is removed: of two waiters only one wins, and the loser cannot remove a new lock.
  const aside = `${file}.abandoned.${process.pid}`;
  try {
    renameSync(file, aside);
  } catch {
    return true;
  }
  const moved = ownerOf(aside);
  if (moved !== null && moved !== owner && isAlive(moved)) tryLink(aside, file);
  rmSync(aside, { force: true });
  return true;
}

function ownerOf(file) {
  try {
    return Number(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
