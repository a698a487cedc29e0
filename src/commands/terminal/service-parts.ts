import type { Logger } from '../../observability/logging.ts';
import type { RunningPart } from '../../processes/context.ts';
import { EXIT, type ExitCode } from './exit-code.ts';

/** Something that runs until it is told to stop. */
export interface NamedPart {
  readonly name: string;
  /** Settles when it has ended, with what is known of the way in which it did. */
  readonly ended: Promise<unknown>;
  stop(): Promise<void>;
}

export function named(name: string, { ended, stop }: RunningPart): NamedPart {
  return { name, ended, stop };
}

/**
 * Waits until the process is asked to end, or until a part ends that should not. Then stops all parts in the order
 * given. 0 only if nobody ended on his own and every part stopped in order.
 */
export async function serveUntilStopped(
  parts: readonly NamedPart[],
  { interrupted, logger }: { readonly interrupted: AbortSignal; readonly logger: Logger },
): Promise<ExitCode> {
  const asked = new Promise<null>((resolve) => {
    if (interrupted.aborted) resolve(null);
    else interrupted.addEventListener('abort', () => resolve(null), { once: true });
  });
  const ends = parts.map(({ name, ended }) =>
    ended.then(
      (how) => ({ name, how, err: undefined as unknown }),
      (err: unknown) => ({ name, how: undefined, err }),
    ),
  );
  const early = await Promise.race([asked, ...ends]);
  // The worker hears of the signal by itself and may be done before we are.
  const isOrderly = early === null || (interrupted.aborted && early.err === undefined);
  if (!isOrderly)
    logger.fatal({ err: early.err, how: early.how }, `The ${early.name} ended on its own; stopping`);
  const hasStopped = await stopAll(parts, logger);
  return isOrderly && hasStopped ? EXIT.ok : EXIT.failed;
}

/** Goes on after a part that does not stop in order; false if there was one. */
export async function stopAll(parts: readonly NamedPart[], logger: Logger): Promise<boolean> {
  let isOrderly = true;
  for (const { name, stop } of parts) {
    try {
      await stop();
      logger.info(`Stopped the ${name}`);
    } catch (error) {
      isOrderly = false;
      logger.error({ err: error }, `The ${name} did not stop in order`);
    }
  }
  return isOrderly;
}
