const HOUR_MS = 60 * 60_000;

/** Looks every hour, one look at a time. `stop` waits for the one at work. */
export function lookHourly(look: () => Promise<void>): { stop(): Promise<void> } {
  let looking: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    looking = looking.then(look);
  }, HOUR_MS).unref();
  return {
    stop: async () => {
      clearInterval(timer);
      await looking;
    },
  };
}
