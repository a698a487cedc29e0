import type { SandboxResponse } from '../exchange.ts';
import type { Region } from './view.ts';

const LOOK_EVERY_MS = 250;

/** Server-sent events with the regions of a page, each whenever it reads otherwise than before. */
export function liveRegions(regions: () => readonly Region[] | undefined): SandboxResponse {
  return {
    status: 200,
    headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store' },
    stream(write, closed) {
      const sent = new Map<string, string>();
      const look = (): void => {
        const now = regions();
        const ids = now?.map(({ id }) => id).join();
        if (now === undefined || (sent.size > 0 && ids !== [...sent.keys()].join())) {
          write('data: {"reload":true}\n\n');
          return;
        }
        const changed = now.filter(({ id, html }) => sent.get(id) !== html);
        for (const { id, html } of now) sent.set(id, html);
        if (changed.length > 0) write(`data: ${JSON.stringify(changed)}\n\n`);
      };
      look();
      const timer = setInterval(look, LOOK_EVERY_MS);
      closed.addEventListener('abort', () => clearInterval(timer), { once: true });
    },
  };
}
