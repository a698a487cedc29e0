import { expect, test } from '@jest/globals';
import { type DriveResult, drive } from '../../bench/driver/drive.ts';
import { duplicates, kill, lost, sequence } from '../../bench/driver/scenarios.ts';
import { startStandIns } from '../../bench/driver/stand-ins.ts';
import { startPeer } from '../../bench/receivers/peer.ts';
import { freePort } from '../../src/temporal/dev-server/free-port.ts';

const SCALE = {
  sequence: 1,
  burst: 4,
  batch: 4,
  disturbed: 4,
  refusesMs: 100,
  awayMs: 100,
  allowedPerMinute: 600,
  deadlineMs: 60_000,
};

test('a middleware without a memory delivers, makes groups twice, and loses what is in flight when it is killed', async () => {
  const sandbox = await startStandIns({});
  const url = `http://127.0.0.1:${await freePort()}/hook`;
  const receiver = await startPeer(
    sandbox,
    {
      url,
      command: `"${process.execPath}" --no-warnings bench/peer/naive-receiver.ts`,
      crm: 'hubspot',
      firstPort: 0,
    },
    () => undefined,
  );
  try {
    const rows: DriveResult[] = [];
    for (const scenario of [sequence, duplicates, lost])
      rows.push(await drive(sandbox, receiver, scenario(SCALE)));
    const [once, twice, unanswered] = rows;
    expect(once).toMatchObject({
      deals: 1,
      open: 0,
      groups: 1,
      groupsTooMany: 0,
      mailsTooMany: 0,
      notMailed: 0,
    });
    expect(twice).toMatchObject({ deals: 4, open: 0, groupsTooMany: 4, mailsTooMany: 4 });
    expect(unanswered).toMatchObject({ deals: 4, open: 0, groupsTooMany: 1, mailsTooMany: 0 });
    // Of four at least one has its group and no mail yet.
    const killed = await drive(sandbox, receiver, kill({ ...SCALE, deadlineMs: 10_000 }));
    expect(killed.open).toBeGreaterThan(0);
    expect(killed.notMailed).toBe(killed.open);
  } finally {
    await receiver.stop();
    await sandbox.close();
  }
}, 300_000);
