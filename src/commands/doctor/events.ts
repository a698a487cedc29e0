import type { Config } from '../../config/config.ts';
import { crmsInUse } from '../../config/crm-settings.ts';
import { countOf } from '../../domain/words.ts';
import { WEBHOOK_MODULES } from '../../processes/webhook-modules.ts';
import { type Beginning, readBeginnings } from '../../runs/beginnings.ts';
import { createTemporalClient, loadTemporalTarget } from '../../temporal/connection.ts';
import { CONNECT_TIMEOUT_MS, grpcErrorIn } from '../terminal/temporal-answers.ts';
import { ok, skipped, type Tried, warning } from './check.ts';

const DEADLINE_MS = 10_000;
const LOOKED_AT = 20;
/** So many deals in a row that only the sweep found are no accident. */
const MISSED = 3;

/**
 * Whether the CRM calls us. No API shows it which subscriptions or outbound messages are active, so it is judged by what
 * began the last runs: events of the CRM, or the sweep that finds what no event announced.
 */
export async function* checkEvents(env: NodeJS.ProcessEnv, config: Config): AsyncGenerator<Tried> {
  const client = createTemporalClient(loadTemporalTarget(env), { connectTimeoutMs: CONNECT_TIMEOUT_MS });
  try {
    for (const { module } of crmsInUse(config)) {
      const name = `${module.facts.displayName} events that arrived`;
      const ours = WEBHOOK_MODULES.find(({ crm }) => crm.name === module.name);
      if (ours === undefined) continue;
      const { subscriptions: where } = ours;
      const beginnings = await client
        .withDeadline(Date.now() + DEADLINE_MS, () =>
          readBeginnings(client, module.name, { taskQueue: config.taskQueue, limit: LOOKED_AT }),
        )
        .catch((error: unknown) => {
          if (grpcErrorIn(error) === null) throw error;
          return null;
        });
      yield beginnings === null
        ? skipped(name, 'not checked: Temporal does not tell what began the last runs', where)
        : judge(name, beginnings, where);
    }
  } finally {
    await client.connection.close();
  }
}

/** @param beginnings Newest first. @param where A person sees in the CRM what it is to send, as a sentence. */
export function judge(name: string, beginnings: readonly Beginning[], where: string): Tried {
  const events = beginnings.filter(({ source }) => source === 'event');
  const last = events[0];
  const newest = beginnings.slice(0, MISSED);
  if (newest.length === 0) return skipped(name, 'not checked: no deal has begun a run yet', where);
  if (newest.length === MISSED && newest.every(({ source }) => source === 'sweep')) {
    const before =
      last === undefined ? '' : `; the last event that began a run came ${last.at.toISOString()}`;
    return warning(
      name,
      `the last ${countOf(MISSED, 'run')} were begun by the sweep, not by an event${before}`,
      where,
    );
  }
  if (last === undefined) return skipped(name, 'none yet: the runs so far were begun by the sweep', where);
  return ok(
    name,
    `the last one came ${last.at.toISOString()}; events began ${events.length} of the last ${countOf(beginnings.length, 'run')}`,
  );
}
