/**
 * Child process: lets the SDK fetch the Temporal CLI into the folder named by the first argument, then ends.
 * A process of its own, because the SDK's runtime is a singleton that the caller configures differently later,
 * and because the SDK offers the download only together with a start.
 */
import { TestWorkflowEnvironment } from '@temporalio/testing';

const [downloadDir, version] = process.argv.slice(2);
if (downloadDir === undefined || version === undefined)
  throw new Error('usage: sdk-download <folder> <version>');

const environment = await TestWorkflowEnvironment.createLocal({
  server: { executable: { type: 'cached-download', downloadDir, version } },
});
await environment.teardown();
