import { createVault, parseSecretKeys } from '../../src/config/secret-keys.ts';

/** What a process that is killed and the one after it work on. In a file of its own for processes that Jest does not run. */

const key = (name: string, byte: number) => `${name}:${Buffer.alloc(32, byte).toString('base64')}`;

/** The key of `testVault`, and a newer one. */
export const ROTATED_VAULT = createVault(parseSecretKeys(`${key('new', 8)},${key('test', 7)}`) ?? []);

export const ROTATION_PARTS = { atMost: 200, batch: 100 };

export const PERSON = {
  email: 'ana@acme.example',
  actor: { kind: 'person', name: 'bo' },
} as const;
