import type { Config } from '../../config/config.ts';
import { DealseatError, FAILURES } from '../../domain/failure.ts';
import { countOf } from '../../domain/words.ts';
import { inspectStore } from '../../store/inspect.ts';
import { failed, ok, type Tried, warning } from './check.ts';

const SEVERAL =
  'For several processes, or for a promise against power loss, set DATABASE_URL to a PostgreSQL.';

/** Whether the database of seats can be opened, and by whom it is. Looks only: the service makes what is missing. */
export async function* checkStore({
  databaseUrl,
  seatsFolder: folder,
}: Pick<Config, 'databaseUrl' | 'seatsFolder'>): AsyncGenerator<Tried> {
  const name = databaseUrl === null ? `Embedded database in ${folder}` : 'DATABASE_URL';
  try {
    const found = await inspectStore({ databaseUrl, folder });
    if (found.kind === 'embedded') {
      const { holder, exists } = found;
      const state =
        holder !== null
          ? `open in process ${holder.pid} (${holder.command})`
          : exists
            ? 'open in no process now'
            : 'not made yet: `dealseat start` makes it';
      yield warning(name, `${state}. One process, no promise against power loss`, SEVERAL);
      return;
    }
    yield ok(name, `PostgreSQL ${found.version}, ${found.place}`);
    yield found.pending.length === 0
      ? ok('Tables', `${countOf(found.applied.length, 'migration')} applied`)
      : ok('Tables', `${countOf(found.pending.length, 'migration')} to apply: the next start does it`);
  } catch (error) {
    if (!(error instanceof DealseatError)) throw error;
    yield failed(name, error.message, FAILURES[error.code].cure);
  }
}
