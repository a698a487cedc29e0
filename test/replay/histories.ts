import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import protobuf from '@temporalio/proto';
import type { History } from '../support/replay.ts';
import { scrub } from './scrub.ts';

const FOLDER = new URL('./histories/', import.meta.url);
const { History: Message } = protobuf.temporal.api.history.v1;

const { version } = createRequire(import.meta.url)('@temporalio/worker/package.json') as { version: string };

/** File names of the golden histories: the SDK that wrote it, and what it shows. */
export function historyFiles(): string[] {
  return readdirSync(FOLDER).sort();
}

export function historyText(file: string): string {
  return readFileSync(new URL(file, FOLDER), 'utf8');
}

/** `historyFromJSON` of the SDK throws where npm gave two of its packages a protobufjs each; this does the same. */
export function readHistory(file: string): History {
  return Message.fromObject(JSON.parse(historyText(file)) as Record<string, unknown>);
}

/** Returns the name of the file. */
export function writeHistory(scene: string, history: History): string {
  const file = `${version}-${scene}.json`;
  const json = Message.toObject(Message.fromObject(history), { longs: String, enums: String, bytes: String });
  writeFileSync(new URL(file, FOLDER), `${JSON.stringify(scrub(json), null, 1)}\n`);
  return file;
}
