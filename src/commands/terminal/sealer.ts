import { type Config, requireSecretKeys } from '../../config/config.ts';
import { LOCAL_FOLDER } from '../../config/local-folder.ts';
import { readSecretKeys } from '../../config/secret-key-file.ts';
import { createSealer } from '../../config/secret-keys.ts';
import type { Sealer } from '../../domain/deal/ledger.ts';

/** The keys that the worker has: those of the environment, or those that `dealseat start` keeps here. */
export async function readSealer(config: Config): Promise<Sealer> {
  const kept = config.secretKeys ?? (await readSecretKeys(LOCAL_FOLDER));
  return createSealer(kept ?? requireSecretKeys(config));
}
