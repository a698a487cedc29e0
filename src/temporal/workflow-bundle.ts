import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, type WorkflowBundleOption } from '@temporalio/worker';

/**
 * The code that the worker runs workflows from. A built package carries it as `workflow-bundle.js` and must not
 * start without it; a clone bundles its sources.
 */
export async function loadWorkflowBundle(): Promise<WorkflowBundleOption> {
  if (!import.meta.filename.endsWith('.ts')) {
    const codePath = fileURLToPath(new URL('../../workflow-bundle.js', import.meta.url));
    if (!existsSync(codePath))
      throw new Error(`${codePath} is missing; build the package with \`npm run build\``);
    return { codePath };
  }
  return bundleWorkflows();
}

/** Bundles the workflow sources of this clone; about a second. */
export function bundleWorkflows(): Promise<{ code: string }> {
  const quiet = () => undefined;
  return bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('../../workflows/index.ts', import.meta.url)),
    logger: { log: quiet, trace: quiet, debug: quiet, info: quiet, warn: console.warn, error: console.error },
  });
}
