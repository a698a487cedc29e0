import type { Config } from '../config/config.ts';
import { countPollers } from '../runs/count-pollers.ts';
import { createSeatOperations, type SeatOperations } from '../runs/seat-operations.ts';
import type { SeatStore } from '../store/seat-store.ts';
import { createTemporalClient, loadTemporalTarget } from '../temporal/connection.ts';

export interface OpenSeatOperations extends SeatOperations {
  /** What may keep an operation from being done now, in sentences. */
  warnings(): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** Of a command. Connects to Temporal on first use. */
export function openSeatOperations({
  config,
  env,
  seats,
}: {
  readonly config: Config;
  readonly env: NodeJS.ProcessEnv;
  readonly seats: Pick<SeatStore, 'db'>;
}): OpenSeatOperations {
  const target = loadTemporalTarget(env);
  const client = createTemporalClient(target);
  const { namespace } = target;
  const { taskQueue } = config;
  return {
    ...createSeatOperations({ ...config, client, seats }),
    async warnings() {
      try {
        const count = await client.withDeadline(Date.now() + CALL_TIMEOUT_MS, () =>
          countPollers(client.workflowService, { namespace, taskQueue }),
        );
        return count > 0
          ? []
          : [
              `No worker is polling task queue ${taskQueue}, so this waits. Start one: \`dealseat start\` or \`dealseat worker\`.`,
            ];
      } catch {
        return [
          'Temporal cannot be reached, so this waits on record. Start it with `dealseat start`, or set TEMPORAL_ADDRESS.',
        ];
      }
    },
    close: () => client.connection.close(),
  };
}

const CALL_TIMEOUT_MS = 3_000;
