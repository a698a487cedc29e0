import type { DatabaseConnection, Dialect, Driver } from 'kysely';
import { storeFailure } from './store-failure.ts';

/** The same dialect, whose every failure is one of ours: see `storeFailure`. `afterEach`: awaited after each statement. */
export function guarded(dialect: Dialect, afterEach?: () => Promise<void>): Dialect {
  return {
    createAdapter: () => dialect.createAdapter(),
    createIntrospector: (db) => dialect.createIntrospector(db),
    createQueryCompiler: () => dialect.createQueryCompiler(),
    createDriver: () => guardDriver(dialect.createDriver(), afterEach),
  };
}

function guardDriver(driver: Driver, afterEach?: () => Promise<void>): Driver {
  const known = new WeakSet<DatabaseConnection>();
  const executed = async <T>(work: () => Promise<T>): Promise<T> => {
    const result = await orFail(work);
    await afterEach?.();
    return result;
  };
  return new Proxy(driver, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function') return member;
      return async (...args: unknown[]) => {
        const result: unknown = await orFail(() => member.apply(target, args));
        if (name === 'acquireConnection') guardConnection(result as DatabaseConnection, { known, executed });
        return result;
      };
    },
  });
}

/** In place, because a driver knows its own connections by what it put on them. */
function guardConnection(
  connection: DatabaseConnection,
  {
    known,
    executed,
  }: {
    readonly known: WeakSet<DatabaseConnection>;
    readonly executed: <T>(work: () => Promise<T>) => Promise<T>;
  },
): void {
  if (known.has(connection)) return;
  known.add(connection);
  const execute = connection.executeQuery.bind(connection);
  connection.executeQuery = <R>(...args: Parameters<typeof execute>) => executed(() => execute<R>(...args));
}

async function orFail<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw storeFailure(error);
  }
}
