import { sandboxEnvironment } from '../../sandbox/environment.ts';
import type { Sandbox } from '../../sandbox/index.ts';
import { type BenchProcess, startProcess, untilAnswers } from '../driver/child-process.ts';
import { isMailed, type Receiver } from '../driver/receiver.ts';
import type { PeerOptions } from '../options.ts';

const READY_MS = 10 * 60_000;

/** What the other middleware must know of the stand-ins. */
function peerEnvironment(sandbox: Sandbox, { url }: PeerOptions): Record<string, string> {
  return { PEER_URL: url, ...sandboxEnvironment(sandbox) };
}

/** Another middleware: a program that the bench starts, or one that somebody starts beside it. */
export async function startPeer(
  sandbox: Sandbox,
  options: PeerOptions,
  report: (line: string) => void,
): Promise<Receiver> {
  const { url, command, crm } = options;
  const environment = peerEnvironment(sandbox, options);
  const start = async (): Promise<BenchProcess | null> => {
    const started =
      command === null
        ? null
        : startProcess({
            command: 'sh',
            args: ['-c', command],
            cwd: process.cwd(),
            env: { ...process.env, ...environment },
          });
    await untilAnswers(url, { process: started, deadlineMs: READY_MS });
    return started;
  };
  if (command === null) {
    report('Give your middleware these, and start it:');
    for (const [name, value] of Object.entries(environment)) report(`  ${name}=${value}`);
    report(`Waiting until ${url} answers …`);
  }
  let running = await start();
  return {
    name: url,
    webhooks: { [crm]: url },
    isDelivered: isMailed,
    processIds: () => running?.processIds() ?? [],
    stop: async () => running?.kill(),
    ...(command === null
      ? {}
      : {
          kill: async () => running?.kill(),
          restart: async () => {
            running = await start();
          },
        }),
  };
}
