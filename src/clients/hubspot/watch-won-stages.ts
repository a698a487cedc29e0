import { DealseatError } from '../../domain/failure.ts';
import type { Logger } from '../../observability/logging.ts';

export interface WonStages {
  /** Null until they were read once: then the run decides. */
  current(): ReadonlySet<string> | null;
  stop(): void;
}

const REFRESH_MS = 5 * 60_000;
const RETRY_MS = 15_000;

/**
 * Keeps the ids of HubSpot's won stages at hand, so that a webhook is answered without asking HubSpot. What was read
 * last stays valid while HubSpot cannot be reached: a deal too many is only a run that skips itself.
 */
export function watchWonStages(
  read: (signal: AbortSignal) => Promise<ReadonlySet<string>>,
  logger: Logger,
): WonStages {
  let stages: ReadonlySet<string> | null = null;
  let timer: NodeJS.Timeout | undefined;
  const stopping = new AbortController();

  const refresh = async (): Promise<void> => {
    let delayMs = REFRESH_MS;
    try {
      stages = await read(stopping.signal);
    } catch (error) {
      if (stopping.signal.aborted) return;
      logger.warn(
        { err: error },
        'The won stages could not be read; every stage change starts a run until they are',
      );
      // A token that HubSpot refuses is mended by a person.
      if (!needsPerson(error)) delayMs = RETRY_MS;
    }
    if (!stopping.signal.aborted) timer = setTimeout(refresh, delayMs);
  };

  void refresh();
  return {
    current: () => stages,
    stop: () => {
      stopping.abort();
      clearTimeout(timer);
    },
  };
}

function needsPerson(error: unknown): boolean {
  return error instanceof DealseatError && error.class === 'attention';
}
