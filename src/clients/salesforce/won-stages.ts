import { z } from 'zod';
import type { SalesforceCall } from './call.ts';
import { answerOf, type Part, type PartOutcome, queryPart } from './composite.ts';
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

  /** The call that reads them, to be made with what is asked anyway; undefined while they are known. */
  get part(): Part<Page> | undefined {
    return this.#fresh === null ? queryPart(ALL_STAGES, CALL) : undefined;
  }

  /** The same as `names`, by what was answered to `part`. */
  async namesIn(answer: PartOutcome<Page> | undefined, signal?: AbortSignal): Promise<ReadonlySet<string>> {
    if (answer === undefined) return this.names(signal);
    return this.#learn(await this.#connection.rows(answerOf(answer), stage, CALL, signal));
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
