import { setTimeout as delay } from 'node:timers/promises';
import type { Sandbox } from '../../../sandbox/index.ts';
import type { Terminal } from '../terminal/terminal.ts';
import type { Acknowledgement, StandIn } from './stand-ins.ts';

const PROBE_INTERVAL_MS = 500;

/** Waits for the webhook server, because it may be started after us, then reports the CRM's example deal as won. */
export async function announceWhenReachable(
  sandbox: Sandbox,
  options: { readonly standIn: StandIn; readonly url: string; readonly terminal: Terminal },
): Promise<void> {
  const { standIn, terminal, url } = options;
  terminal.note(`Waiting for the webhook server at ${url} …`);
  while (!terminal.interrupted.aborted) {
    if (await answers(`${url}/readyz`)) {
      const { crm, example } = standIn;
      const answer = await standIn.announce(sandbox, { url, publicUrl: url }, [example.dealId]);
      terminal.note(`Reported ${crm} deal ${example.dealId} as won: ${describe(answer)}`);
      return;
    }
    await delay(PROBE_INTERVAL_MS, undefined, { signal: terminal.interrupted }).catch(() => undefined);
  }
}

function describe({ isAcknowledged, status }: Acknowledgement): string {
  return isAcknowledged ? 'acknowledged' : `not acknowledged (status ${status ?? 'none'})`;
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(2_000) })).ok;
  } catch {
    return false;
  }
}
