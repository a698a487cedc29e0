import { type Config, ConfigError } from '../../config/config.ts';
import { LOCAL_FOLDER } from '../../config/local-folder.ts';
import { readSecretKeys, secretKeyFile } from '../../config/secret-key-file.ts';
import { failed, ok, type Tried, warning } from './check.ts';

const NAME = 'DEALSEAT_SECRET_KEYS';

/** Whether a worker could seal what it writes on deals. Looks only: `dealseat start` makes what is missing. */
export async function secretKeysCheck(
  { secretKeys }: Pick<Config, 'secretKeys'>,
  folder = LOCAL_FOLDER,
): Promise<Tried> {
  if (secretKeys !== null) return ok(NAME, describe(secretKeys));
  const file = secretKeyFile(folder);
  try {
    const kept = await readSecretKeys(folder);
    return kept === null
      ? warning(
          NAME,
          `not set: \`dealseat start\` makes keys in ${file}`,
          'Set it for `dealseat worker` (see .env.example).',
        )
      : warning(
          NAME,
          `not set: \`dealseat start\` uses ${file} (${describe(kept)})`,
          'Keep a copy of that file, or set the variable (see .env.example).',
        );
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return failed(NAME, error.faults.map(({ message }) => message).join('; '), `Correct ${file}.`);
  }
}

function describe([newest, ...older]: readonly { readonly id: string }[]): string {
  const known = older.length === 0 ? '' : `, knows ${older.map(({ id }) => id).join(', ')} too`;
  return `seals with ${newest?.id ?? 'none'}${known}`;
}
