import { mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GENERAL } from '../../config/variables.ts';

type Variables = Readonly<Record<string, string>>;

/**
 * What in the `.env` of a real deployment would lead a command that should meet stand-ins only to its Temporal, its
 * learners or its operators. An empty variable counts as unset, and wins over the file.
 */
const NOT_FROM_DOT_ENV = [
  'TEMPORAL_ADDRESS',
  'TEMPORAL_NAMESPACE',
  'TEMPORAL_API_KEY',
  'TEMPORAL_TLS_CLIENT_CERT_PATH',
  'TEMPORAL_TLS_CLIENT_KEY_PATH',
  'TEMPORAL_CONFIG_FILE',
  'TEMPORAL_PROFILE',
  'DEALSEAT_TEMPORAL_UI_URL',
  'TI_LEARNER_URL',
  'TI_CODES_PATH',
  'TI_EVENT_DATES',
  ...Object.keys(GENERAL).filter((name) =>
    /^(DEALSEAT_(ALERT|SMTP)_|DATABASE_URL$|DEALSEAT_SEATS_FOLDER$)/.test(name),
  ),
];

/** Lines of an `.env` file. */
export function environmentText(variables: Variables): string {
  const all = { ...Object.fromEntries(NOT_FROM_DOT_ENV.map((name) => [name, ''])), ...variables };
  return Object.entries(all)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

/** What commands in another terminal need to work on a sandbox. Only its owner reads it. */
export interface SandboxFolder {
  /** Where they find the process that has the seats, as they find a service. */
  readonly seats: string;
  /** Writes the variables that they need; returns the file. */
  writeEnvironment(variables: Variables): string;
  remove(): Promise<void>;
}

/** It is there when the call returns, so that an interruption finds it and leaves nothing. */
export function makeSandboxFolder(): SandboxFolder {
  const folder = mkdtempSync(join(tmpdir(), 'dealseat-sandbox-'));
  return {
    seats: join(folder, 'seats'),
    writeEnvironment(variables) {
      const path = join(folder, 'sandbox.env');
      writeFileSync(path, environmentText(variables), { mode: 0o600 });
      return path;
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** How a command begins that works with the variables of a file. A clone has the sources alone, so npm has to start them. */
export function commandsWith(envFile: string): string {
  const isClone = import.meta.filename.endsWith('.ts');
  return `env $(cat ${envFile}) ${isClone ? 'npm run dealseat --' : 'npx dealseat'}`;
}
