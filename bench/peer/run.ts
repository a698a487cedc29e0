import { type DriveResult, drive, type Scenario } from '../driver/drive.ts';
import { burst, duplicates, kill, lost, refused, type Scale, sequence } from '../driver/scenarios.ts';
import { startStandIns } from '../driver/stand-ins.ts';
import type { Effort, PeerOptions } from '../options.ts';
import { startPeer } from '../receivers/peer.ts';

/** A row of the comparison. */
export interface PeerRow {
  readonly title: string;
  readonly result: DriveResult;
}

const ROWS: readonly { readonly title: string; readonly scenario: (scale: Scale) => Scenario }[] = [
  { title: 'one after another', scenario: sequence },
  { title: 'all at once', scenario: burst },
  { title: 'every event twice', scenario: duplicates },
  { title: 'each create answered 503 twice', scenario: refused },
  { title: 'every fourth create’s answer lost', scenario: lost },
  { title: 'all processes killed and started again', scenario: kill },
];

/** What a middleware has not done by then it has lost: the slowest that is known takes half of it. */
const LONGEST_MS = 180_000;

/** Drives another middleware through the rows that Dealseat is driven through. Rows that it has no means for are left out. */
export async function runPeer(
  options: PeerOptions,
  effort: Pick<Effort, 'scale'>,
  report: (line: string) => void,
): Promise<PeerRow[]> {
  await using stack = new AsyncDisposableStack();
  const sandbox = await startStandIns({ firstPort: options.firstPort });
  stack.defer(() => sandbox.close());
  report(`The stand-ins' state page: ${sandbox.page.url}`);
  const receiver = await startPeer(sandbox, options, report);
  stack.defer(() => receiver.stop());
  const scale = { ...effort.scale, deadlineMs: Math.min(effort.scale.deadlineMs, LONGEST_MS) };
  const rows: PeerRow[] = [];
  for (const { title, scenario } of ROWS) {
    if (scenario === kill && receiver.kill === undefined) {
      report(`${title}: left out, because the bench did not start it (see --peer-command)`);
      continue;
    }
    report(`${title} …`);
    rows.push({ title, result: await drive(sandbox, receiver, scenario(scale)) });
  }
  return rows;
}
