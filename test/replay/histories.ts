import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import protobuf from '@temporalio/proto';
import type { History } from '../support/replay.ts';
import { scrub } from './scrub.ts';

const HERE = fileURLToPath(new URL('.', import.meta.url));
/** Where the golden histories of the code since the last release lie. */
export const FOLDER = join(HERE, 'histories');
const { History: Message } = protobuf.temporal.api.history.v1;

const { version } = createRequire(import.meta.url)('@temporalio/worker/package.json') as { version: string };

/** Of this code and, in `releases/<version>/`, of every release; each name has the SDK that wrote it, and what it shows. */
export function historyFiles(): string[] {
  return globSync('{histories,releases/*}/*.json', { cwd: HERE }).sort();
}

export function historyText(file: string): string {
  return readFileSync(join(HERE, file), 'utf8');
}

/** `historyFromJSON` of the SDK throws where npm gave two of its packages a protobufjs each; this does the same. */
export function readHistory(file: string): History {
  return Message.fromObject(JSON.parse(historyText(file)) as Record<string, unknown>);
}

/** Takes the place of whatever the folder holds; `histories` are by name of their scene. */
export function writeHistories(folder: string, histories: ReadonlyMap<string, History>): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [scene, history] of histories) {
    const json = Message.toObject(Message.fromObject(history), {
      longs: String,
      enums: String,
      bytes: String,
    });
    writeFileSync(join(folder, `${version}-${scene}.json`), `${JSON.stringify(scrub(json), null, 1)}\n`);
  }
}

/** The scene of a file; a run that went on in new executions has one file, with a number, for each. */
export function sceneOf(file: string): string {
  return basename(file).replace(/^[\d.]+-|(-\d+)?\.json$/g, '');
}
