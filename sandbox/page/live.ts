import type { SandboxResponse } from '../exchange.ts';
import { printOf, type Region } from './view.ts';

const LOOK_EVERY_MS = 250;
const RELOAD = 'data: {"reload":true}\n\n';

/** Server-sent events with the regions of a page, each whenever it reads otherwise than before. */
export function liveRegions(regions: () => readonly Region[]): SandboxResponse {
  return {
    status: 200,
    headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store' },
    stream(write, closed) {
      const sent = new Map<string, string>();
      const look = (): void => {
        const now = regions();
        const ids = now.map(({ id }) => id).join();
        if (sent.size > 0 && ids !== [...sent.keys()].join()) {
          write(RELOAD);
          return;
        }
        const changed = now.filter(({ id, html }) => sent.get(id) !== html);
        for (const { id, html } of now) sent.set(id, html);
        const message = changed.map((region) => ({ ...region, print: printOf(region) }));
        if (changed.length > 0) write(`data: ${JSON.stringify(message)}\n\n`);
      };
      look();
      const timer = setInterval(() => {
        try {
          look();
        } catch (error) {
          // The page shows its own error when it is loaded again.
          clearInterval(timer);
          process.stderr.write(`sandbox: the page failed: ${error}\n`);
          write(RELOAD);
        }
      }, LOOK_EVERY_MS);
      closed.addEventListener('abort', () => clearInterval(timer), { once: true });
    },
  };
}
