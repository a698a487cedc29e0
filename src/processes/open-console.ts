import type { Client } from '@temporalio/client';
import { crmFactsOf } from '../config/crm-settings.ts';
import { createProvisioner, type RunConsole } from '../runs/console.ts';
import { createTemporalClient } from '../temporal/connection.ts';
import { pagesOf, type ServiceContext } from './context.ts';

export interface OpenConsole {
  readonly client: Client;
  readonly runs: RunConsole;
  close(): Promise<void>;
}

/** The client side: starts, asks and tells runs. Connects on first use. */
export function openConsole(context: ServiceContext): OpenConsole {
  const client = createTemporalClient(context.target);
  const runs = consoleOf(context, client);
  return {
    client,
    runs,
    close: async () => {
      await runs.settled();
      await client.connection.close();
    },
  };
}

/** On a connection of the caller's. */
export function consoleOf(context: ServiceContext, client: Client): RunConsole {
  const { taskQueue, policy } = context.config;
  const crmFacts = crmFactsOf(context.config);
  return createProvisioner({ client, taskQueue, policy, pages: pagesOf(context), crmFacts });
}
