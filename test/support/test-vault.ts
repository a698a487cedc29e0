import { createVault, parseSecretKeys } from '../../src/config/secret-keys.ts';

/** With a key that is no secret. In a file of its own for processes that Jest does not run. */
export const testVault = createVault(parseSecretKeys(`test:${Buffer.alloc(32, 7).toString('base64')}`) ?? []);
