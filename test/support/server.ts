import { randomUUID } from 'node:crypto';
import { Connection } from '@temporalio/client';
import { checkSearchAttributes } from '../../src/temporal/search-attribute-setup.ts';
import { until } from './until.ts';

/** The server that Jest's global set-up has started. */
export function serverAddress(): string {
  const address = process.env.TEST_TEMPORAL_ADDRESS;
  if (address === undefined) {
    throw new Error(
      'TEST_TEMPORAL_ADDRESS is not set: test/support/global-setup.ts starts the server; run Jest with its configuration',
    );
  }
  return address;
}

/** A new one that nobody has set up. Resolves once the server serves it. */
export async function registerNamespace(): Promise<string> {
  const namespace = `test-${randomUUID()}`;
  const connection = await Connection.connect({ address: serverAddress() });
  try {
    await connection.workflowService.registerNamespace({
      namespace,
      workflowExecutionRetentionPeriod: { seconds: 86_400 as never },
    });
    await until('the namespace is served', () =>
      connection.operatorService.listSearchAttributes({ namespace }).then(
        () => true,
        () => false,
      ),
    );
    return namespace;
  } finally {
    await connection.close();
  }
}

/**
 * One for the runs of a file alone. A list of runs asks those that wait for people what they wait for, and those of other
 * files may have lost their worker: each call would wait for it in vain.
 */
export async function ownNamespace(): Promise<string> {
  const namespace = await registerNamespace();
  await checkSearchAttributes({ connectionOptions: { address: serverAddress() }, namespace }, { fix: true });
  return namespace;
}
