/** Every thread of a service loads this before anything else: `LEAN_FLAGS`. */
import v8 from 'node:v8';
import { isMainThread } from 'node:worker_threads';

/**
 * The SDK notes the stack of every promise that workflow code makes, for the query `__stack_trace` and the page of Temporal's
 * UI that asks it. That is half of the CPU time of the thread that runs workflow code, and the SDK has no switch for it. Runs
 * say themselves what they wait for.
 */
if (!isMainThread) v8.promiseHooks.createHook = () => () => undefined;
