/**
 * A process of its own that works with the embedded store, for tests that kill it. Started by `startStoreProcess`. Says
 * what it does line by line, and ends when its standard input does.
 */
import { DealseatError } from '../../src/domain/failure.ts';
import { openStoreDatabase } from '../../src/store/database.ts';
import { publishAddress, takeLock } from '../../src/store/embedded-lock.ts';
import { carryOnErasure } from '../../src/store/erasure.ts';
import { rotateKeys } from '../../src/store/rotate-keys.ts';
import { PERSON, ROTATED_VAULT, ROTATION_PARTS } from './long-work.ts';

const [, , task, folder = ''] = process.argv;
process.stdin.resume().once('end', () => process.exit());
const say = (line: string) => process.stdout.write(`${line}\n`);

/** Only locks. */
async function hold(): Promise<void> {
  const lock = await takeLock(folder, 'dealseat start');
  await publishAddress(lock, { url: `http://127.0.0.1:${process.pid}`, token: 'secret of the process' });
  say('held');
}

/** Row after row; says each one when the database has it. */
async function write(): Promise<void> {
  const { db } = await openStoreDatabase({ databaseUrl: null, folder });
  say('held');
  for (let row = 1; ; row += 1) {
    const name = `${process.pid}-${row}`;
    await db.insertInto('sync_positions').values({ name, state: '{}', updated_at: new Date() }).execute();
    say(`wrote ${name}`);
  }
}

/** Part after part; says each one when it is done. */
async function carryOn(work: 'rotate' | 'erase'): Promise<void> {
  const store = { db: (await openStoreDatabase({ databaseUrl: null, folder })).db, vault: ROTATED_VAULT };
  say('held');
  for (;;) {
    const { isOver } = await (work === 'rotate'
      ? rotateKeys(store, { id: work, at: new Date() }, ROTATION_PARTS)
      : carryOnErasure(store, { id: work, ...PERSON, at: new Date() }));
    say(isOver ? 'over' : 'part');
    if (isOver) return;
  }
}

try {
  if (task === 'rotate' || task === 'erase') await carryOn(task);
  else await (task === 'write' ? write() : hold());
} catch (error) {
  if (!(error instanceof DealseatError)) throw error;
  say(`${error.code}: ${error.message}`);
}
