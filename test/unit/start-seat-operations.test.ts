import { expect, test } from '@jest/globals';
import { createLogger } from '../../src/observability/logging.ts';
import { startSeatOperations } from '../../src/processes/start-seat-operations.ts';

const logger = createLogger({ level: 'fatal' });
const NOW = Date.UTC(2026, 10, 20);
const HOUR_MS = 3_600_000;

test('a process that starts looks at once for changes that the one before it left behind, however young', () => {
  const asked: object[] = [];
  const startDue = async (look: object) => {
    asked.push(look);
    return 0;
  };
  const { stop } = startSeatOperations({ startDue }, { logger, everyMs: HOUR_MS, now: () => NOW });
  stop();
  expect(asked).toEqual([{ now: new Date(NOW), minAgeMs: 0 }]);
});
