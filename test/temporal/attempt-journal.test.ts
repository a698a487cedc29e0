import { cp, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { type Attempt, type AttemptJournal, openAttemptJournal } from '../../src/temporal/attempt-journal.ts';
import { startJournalProcess } from './journal-processes.ts';

jest.setTimeout(120_000);

let folder: string;
const opened: AttemptJournal[] = [];

beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'dealseat-journal-')), 'local');
});

afterEach(async () => {
  for (const journal of opened.splice(0)) journal.close();
  await rm(join(folder, '..'), { recursive: true });
});

async function open(where = folder): Promise<AttemptJournal> {
  const journal = await openAttemptJournal(where);
  opened.push(journal);
  return journal;
}

const tokensOf = ({ orphans }: AttemptJournal) =>
  orphans.map(({ taskToken }) => Buffer.from(taskToken).toString('base64')).sort();

const attempt = (token: string): Attempt => ({
  taskToken: Buffer.from(token, 'base64'),
  workflowId: 'provision:hubspot:1:2',
  runId: 'run',
});

/** What a process leaves that is killed with these attempts in flight. */
async function killedWith(...begun: string[]): Promise<void> {
  const process = await startJournalProcess(folder, { begun });
  await process.kill();
}

describe('attempts in flight', () => {
  test('of a process that was killed are found by the next one, with their runs', async () => {
    await killedWith('AAAA', 'BBBB');
    const journal = await open();
    expect(tokensOf(journal)).toEqual(['AAAA', 'BBBB']);
    expect(journal.orphans[1]).toMatchObject({ workflowId: 'workflow-1', runId: 'run-1' });
  });

  test('of a process that lives are nobody else’s, and each process has a file of its own', async () => {
    await using _first = await startJournalProcess(folder, { begun: ['AAAA'] });
    await using second = await startJournalProcess(folder, { begun: ['BBBB'] });
    expect(second.found).toEqual([]);
    expect(tokensOf(await open())).toEqual([]);
    expect(await readdir(folder)).toEqual(expect.arrayContaining(['attempts-0', 'attempts-1', 'attempts-2']));
  });

  test('of one process are found while another one lives', async () => {
    await using _living = await startJournalProcess(folder, { begun: ['AAAA'] });
    await killedWith('BBBB');
    expect(tokensOf(await open())).toEqual(['BBBB']);
  });

  test('of several processes that were killed are all found by one', async () => {
    const processes = [];
    for (const token of ['AAAA', 'BBBB', 'CCCC']) {
      processes.push(await startJournalProcess(folder, { begun: [token] }));
    }
    for (const process of processes) await process.kill();
    expect(tokensOf(await open())).toEqual(['AAAA', 'BBBB', 'CCCC']);
    expect(tokensOf(await open())).toEqual([]);
  });

  test('stay when the process that found them is killed before it has said so', async () => {
    await killedWith('AAAA');
    await killedWith('BBBB');
    expect(tokensOf(await open())).toEqual(['AAAA', 'BBBB']);
  });

  test('are forgotten once they were given up', async () => {
    await killedWith('AAAA');
    const journal = await open();
    journal.forgetOrphans();
    journal.close();
    expect(tokensOf(await open())).toEqual([]);
  });

  test('of two workers of one process are kept apart', async () => {
    const [first, second] = [await open(), await open()];
    const endFirst = first.begin(attempt('AAAA'));
    expect(second.orphans).toEqual([]);
    expect(tokensOf(await open())).toEqual([]);
    endFirst();
  });
});

describe('an attempt that has ended', () => {
  test('is an orphan for as long as its result may be on its way', async () => {
    const process = await startJournalProcess(folder, { ended: ['AAAA'] });
    await process.kill();
    expect(tokensOf(await open())).toEqual(['AAAA']);
  });

  test('is forgotten when its result was reported', async () => {
    const process = await startJournalProcess(folder, { ended: ['AAAA'] });
    await process.untilReported();
    await process.kill();
    expect(tokensOf(await open())).toEqual([]);
  });

  test('is not left by a process that stops in order', async () => {
    const journal = await open();
    journal.begin(attempt('AAAA'))();
    journal.close();
    expect(tokensOf(await open())).toEqual([]);
  });

  test('does not take those with it that still run when the worker gives up waiting', async () => {
    const journal = await open();
    const end = journal.begin(attempt('AAAA'));
    journal.close();
    expect(tokensOf(await open())).toEqual([]);
    end();
  });
});

describe('the file', () => {
  test('is its user’s alone', async () => {
    await killedWith('AAAA');
    const modeOf = async (path: string) => (await stat(path)).mode & 0o777;
    expect(await modeOf(folder)).toBe(0o700);
    for (const name of await readdir(folder)) expect(await modeOf(join(folder, name))).toBe(0o600);
  });

  test('says nothing when it is a copy: its process may live', async () => {
    await using _living = await startJournalProcess(folder, { begun: ['AAAA'] });
    const copy = join(folder, '..', 'copy');
    await cp(folder, copy, { recursive: true });
    expect(tokensOf(await open(copy))).toEqual([]);
  });

  test('that somebody wrote to is left, and another one used', async () => {
    await killedWith('AAAA');
    for (const name of await readdir(folder)) await writeFile(join(folder, name), 'not a journal');
    const journal = await open();
    expect(journal.orphans).toEqual([]);
    journal.begin(attempt('BBBB'))();
    expect(await readdir(folder)).toContain('attempts-1');
  });

  test('cannot be had where the folder cannot be written', async () => {
    await writeFile(folder, 'a file');
    await expect(openAttemptJournal(folder)).rejects.toThrow();
  });

  test('brings no warning to the screen', async () => {
    await using process = await startJournalProcess(folder, { begun: ['AAAA'] });
    expect(process.said()).toBe('');
  });
});
