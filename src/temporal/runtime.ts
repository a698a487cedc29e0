import { DefaultLogger, Runtime } from '@temporalio/worker';
import type { Logger } from '../observability/logging.ts';
import { operatorLine } from './sdk-lines.ts';

/** Sends the SDK's and its core's logs through our logger, so that redaction covers them too. Once a process. */
export function installRuntime(logger: Logger): void {
  Runtime.install({
    logger: new DefaultLogger('INFO', (line) => {
      const { level, fields, message } = operatorLine(line);
      logger[level](fields, message);
    }),
    telemetryOptions: { logging: { forward: {}, filter: { core: 'WARN', other: 'ERROR' } } },
  });
}
