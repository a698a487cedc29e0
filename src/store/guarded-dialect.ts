import type { DatabaseConnection, Dialect, Driver } from 'kysely';
import { storeFailure } from './store-failure.ts';

/** The same dialect, whose every failure is one of ours: see `storeFailure`. */
export function guarded(dialect: Dialect): Dialect {
  return {
    createAdapter: () => dialect.createAdapter(),
    createIntrospector: (db) => dialect.createIntrospector(db),
    createQueryCompiler: () => dialect.createQueryCompiler(),
    createDriver: () => guardDriver(dialect.createDriver()),
  };
}

function guardDriver(driver: Driver): Driver {
  const known = new WeakSet<DatabaseConnection>();
  return new Proxy(driver, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function') return member;
      return async (...args: unknown[]) => {
        const result: unknown = await orFail(() => member.apply(target, args));
        if (name === 'acquireConnection') guardConnection(result as DatabaseConnection, known);
        return result;
      };
    },
  });
}

/** In place, because a driver knows its own connections by what it put on them. */
function guardConnection(connection: DatabaseConnection, known: WeakSet<DatabaseConnection>): void {
  if (known.has(connection)) return;
  known.add(connection);
  const execute = connection.executeQuery.bind(connection);
  connection.executeQuery = <R>(...args: Parameters<typeof execute>) => orFail(() => execute<R>(...args));
}

async function orFail<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw storeFailure(error);
  }
}
