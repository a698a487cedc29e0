import { z } from 'zod';
import type { SalesforceCall } from './call.ts';
import type { Connection } from './connection.ts';
import { text } from './records.ts';

/** Names, as histories of opportunities hold them, of the stages that count as won. */
export type WonStageNames = (signal?: AbortSignal) => Promise<ReadonlySet<string>>;

const CALL: SalesforceCall = {
  name: 'read the stages of opportunities',
  effect: 'read',
  object: 'OpportunityStage',
};

const stage = z.object({ ApiName: text, MasterLabel: text, IsWon: z.boolean() });

/** Stages change once in years, deals are read all day. */
const FRESH_MS = 5 * 60_000;

/**
 * Several stages may be won ones. Those that are not in use any more count as well: old opportunities were in them.
 * What was read is taken for five minutes.
 */
export function createWonStageNames(connection: Connection, now: () => number = Date.now): WonStageNames {
  let known: { readonly names: ReadonlySet<string>; readonly until: number } | null = null;
  return async (signal) => {
    if (known !== null && now() < known.until) return known.names;
    const soql = 'SELECT ApiName, MasterLabel, IsWon FROM OpportunityStage';
    const names = wonNames(await connection.query(soql, stage, CALL, signal));
    known = { names, until: now() + FRESH_MS };
    return names;
  };
}

/** An opportunity holds the API name. A label, which people change, counts only where no stage is called so. */
function wonNames(stages: readonly z.infer<typeof stage>[]): ReadonlySet<string> {
  const isWon = new Map([
    ...stages.map(({ MasterLabel, IsWon }) => [MasterLabel, IsWon] as const),
    ...stages.map(({ ApiName, IsWon }) => [ApiName, IsWon] as const),
  ]);
  return new Set([...isWon].flatMap(([name, won]) => (won && name !== null ? [name] : [])));
}
