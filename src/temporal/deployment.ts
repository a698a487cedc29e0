import type { NativeConnection } from '@temporalio/worker';

/**
 * Tells this deployment from another one: the namespace and the id that its server gave it. Two servers with the same
 * configuration differ in it; workers of one namespace share it, and with it the one open run of each deal.
 */
export async function readDeployment(connection: NativeConnection, namespace: string): Promise<string> {
  const { namespaceInfo } = await connection.workflowService.describeNamespace({ namespace });
  if (!namespaceInfo?.id) throw new Error(`Temporal does not tell the id of namespace ${namespace}`);
  return `${namespace}/${namespaceInfo.id}`;
}
