import type { TiCall } from './call.ts';
import { invalidKey, unreadable } from './failures.ts';
import { layersOf } from './layers.ts';
import type { Sender } from './send.ts';

/** Proves that the key works. */
export async function ping(sender: Sender, signal?: AbortSignal): Promise<void> {
  const call: TiCall = { name: 'prove the API key', effect: 'read', method: 'GET', target: '/ping' };
  const answers = layersOf(await sender.send(call, { signal })).map((layer) => layer.valid);
  if (answers.includes(true)) return;
  throw answers.includes(false) ? invalidKey(call) : unreadable(call, 'the answer has no field "valid"');
}
