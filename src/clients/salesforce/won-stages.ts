import { z } from 'zod';
import type { SalesforceCall } from './call.ts';
import { answerOf, makeTogether, type Part, queryPart } from './composite.ts';
import type { Connection, Page } from './connection.ts';
import { text } from './records.ts';

const CALL: SalesforceCall = {
  name: 'read the stages of opportunities',
  effect: 'read',
  object: 'OpportunityStage',
};

const ALL_STAGES = 'SELECT ApiName, MasterLabel, IsWon FROM OpportunityStage';

const stage = z.object({ ApiName: text, MasterLabel: text, IsWon: z.boolean() });

/** Stages change once in years, deals are read all day. */
const FRESH_MS = 5 * 60_000;

/** What was read is taken for five minutes. */
export class WonStages {
  readonly #connection: Connection;
  readonly #now: () => number;
  #known: { readonly names: ReadonlySet<string>; readonly until: number } | null = null;

  constructor(connection: Connection, now: () => number = Date.now) {
    this.#connection = connection;
    this.#now = now;
  }

  /**
   * Names, as histories of opportunities hold them, of the stages that count as won. Several may be won ones. Those that
   * are not in use any more count as well: old opportunities were in them.
   */
  async names(signal?: AbortSignal): Promise<ReadonlySet<string>> {
    if (this.#fresh !== null) return this.#fresh;
    return this.#learn(await this.#connection.query(ALL_STAGES, stage, CALL, signal));
  }

  /** The same, with what is asked anyway: one call for both, where the stages have to be read. */
  async namesWith(
    asked: Part<Page>,
    signal?: AbortSignal,
  ): Promise<{ readonly answer: Page; readonly names: ReadonlySet<string> }> {
    const connection = this.#connection;
    const names = this.#fresh;
    if (names !== null) {
      const { call, answer, path } = asked;
      return {
        answer: await connection.request(call, answer, (jsforce) => jsforce.requestGet(path), signal),
        names,
      };
    }
    const parts = { asked, stages: queryPart(ALL_STAGES, CALL) };
    const { asked: found, stages } = await makeTogether(connection, parts, signal);
    const answer = answerOf(found);
    return { answer, names: this.#learn(await connection.rows(answerOf(stages), stage, CALL, signal)) };
  }

  get #fresh(): ReadonlySet<string> | null {
    return this.#known !== null && this.#now() < this.#known.until ? this.#known.names : null;
  }

  #learn(stages: readonly z.infer<typeof stage>[]): ReadonlySet<string> {
    const names = wonNames(stages);
    this.#known = { names, until: this.#now() + FRESH_MS };
    return names;
  }
}

/** An opportunity holds the API name. A label, which people change, counts only where no stage is called so. */
function wonNames(stages: readonly z.infer<typeof stage>[]): ReadonlySet<string> {
  const isWon = new Map([
    ...stages.map(({ MasterLabel, IsWon }) => [MasterLabel, IsWon] as const),
    ...stages.map(({ ApiName, IsWon }) => [ApiName, IsWon] as const),
  ]);
  return new Set([...isWon].flatMap(([name, won]) => (won && name !== null ? [name] : [])));
}
