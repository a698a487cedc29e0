/**
 * A process with attempts in flight, for tests that kill it. Started by `startJournalProcess`; the order is its only
 * argument, as JSON. Says what it found, stays, and says after a while that it does.
 */
import { openAttemptJournal, REPORTING_MS } from '../../src/temporal/attempt-journal.ts';
import type { JournalOrder } from './journal-processes.ts';

// Without its test it has no reason to stay.
process.stdin.resume().once('end', () => process.exit(1));

const { folder, begun, ended } = JSON.parse(process.argv[2] ?? '') as JournalOrder;
const journal = await openAttemptJournal(folder);
const { orphans } = journal;
const attemptOf = (name: string, index: number) => ({
  taskToken: Buffer.from(name, 'base64'),
  workflowId: `workflow-${index}`,
  runId: `run-${index}`,
});
begun.map(attemptOf).forEach((attempt) => void journal.begin(attempt));
for (const end of ended.map(attemptOf).map((attempt) => journal.begin(attempt))) end();
const found = orphans.map(({ taskToken }) => Buffer.from(taskToken).toString('base64'));
process.stdout.write(`${JSON.stringify(found)}\n`);
setTimeout(() => process.stdout.write('reported\n'), REPORTING_MS + 100);
