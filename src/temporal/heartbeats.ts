import type { Context } from '@temporalio/activity';
import type { ActivityInboundCallsInterceptor } from '@temporalio/worker';

const HEARTBEAT_INTERVAL_MS = 5_000;

/** Cancellation reaches an activity only on the answer to a heartbeat, so every activity beats while it works. */
export function beatWhileWorking(context: Context): ActivityInboundCallsInterceptor {
  return {
    async execute(input, next) {
      const timer = setInterval(() => context.heartbeat(), HEARTBEAT_INTERVAL_MS);
      try {
        return await next(input);
      } finally {
        clearInterval(timer);
      }
    },
  };
}
