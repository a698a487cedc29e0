import { setTimeout as delay } from 'node:timers/promises';
import type { FaultPlan } from '../faults.ts';
import type { HubSpotSandbox } from '../hubspot/index.ts';
import type { SalesforceSandbox } from '../salesforce/index.ts';
import type { CrmUser } from './crm-user.ts';
import { createHubSpotUser } from './hubspot-user.ts';
import { createSalesforceUser } from './salesforce-user.ts';
import { SCENE_TIMES, type Scene, type SceneCrm, type SceneTimes, type Stage } from './scene.ts';

/** What came of telling the webhook server. */
export interface Report {
  readonly isAcknowledged: boolean;
  /** Null: nobody answered. */
  readonly status: number | null;
}

export interface ScenePlayerOptions {
  readonly hubspot: HubSpotSandbox;
  readonly salesforce: SalesforceSandbox;
  readonly faults: FaultPlan;
  /** Sends the events of changed deals as their CRM would, in one message. */
  readonly report: (deals: {
    readonly crm: SceneCrm;
    readonly dealIds: readonly string[];
  }) => Promise<Report>;
  readonly times?: Partial<SceneTimes>;
}

/** One time that a scene was played. */
export interface PlayedScene {
  readonly scene: Scene;
  readonly crm: SceneCrm;
  readonly at: string;
  /** Null until the scene has made its deal. */
  readonly dealId: string | null;
  /** What was done so far, for people. */
  readonly steps: readonly string[];
  /** When the CRM had done its part; null: it has not yet. */
  readonly overAt: string | null;
}

const POLL_MS = 200;

/** Plays scenes, each on a deal of its own; several may be under way at a time. */
export class ScenePlayer {
  readonly #options: ScenePlayerOptions;
  readonly #users: Readonly<Record<SceneCrm, CrmUser>>;
  readonly #played: PlayedScene[] = [];
  readonly #underWay = new Set<Promise<void>>();
  readonly #stopped = new AbortController();

  constructor(options: ScenePlayerOptions) {
    this.#options = options;
    this.#users = {
      hubspot: createHubSpotUser(options.hubspot.state),
      salesforce: createSalesforceUser(options.salesforce.state),
    };
  }

  /** Oldest first. */
  get played(): readonly PlayedScene[] {
    return this.#played;
  }

  /** Of the field on the deal in which Dealseat says how far it is. */
  statusOf({ crm, dealId }: PlayedScene): string | null {
    return dealId === null ? null : this.#users[crm].statusOf(dealId);
  }

  /** Resolves with its number at the first report; what the scene does later goes on by itself. */
  async play(scene: Scene, crm: SceneCrm): Promise<number> {
    const steps: string[] = [];
    const at = new Date().toISOString();
    const played = { scene, crm, at, dealId: null, steps, overAt: null as string | null };
    const number = this.#played.push(played);
    const reported = Promise.withResolvers<void>();
    const ended = scene
      .play(this.#stage(played, { steps, onReported: reported.resolve }))
      .catch((error: unknown) => {
        if (this.#stopped.signal.aborted) return;
        steps.push(error instanceof Error ? error.message : String(error));
      })
      .finally(() => {
        played.overAt = new Date().toISOString();
        this.#underWay.delete(ended);
      });
    this.#underWay.add(ended);
    await Promise.race([reported.promise, ended]);
    return number;
  }

  /** Resolves when every scene has done its part. */
  async settled(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  /** Ends the scenes that are under way. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.settled();
  }

  #stage(
    played: { readonly crm: SceneCrm; dealId: string | null },
    { steps, onReported }: { readonly steps: string[]; readonly onReported: () => void },
  ): Stage {
    const { hubspot, salesforce, faults, report, times } = this.#options;
    const { crm } = played;
    const user = this.#users[crm];
    const allTimes = { ...SCENE_TIMES, ...times };
    const tell = (what: string): void => void steps.push(what);
    const pause = (ms: number) => delay(ms, undefined, { signal: this.#stopped.signal });
    return {
      crm,
      user,
      hubspot,
      salesforce,
      faults,
      times: allTimes,
      tell,
      pause,
      win(deal = {}) {
        const dealId = user.createDeal(deal);
        played.dealId = dealId;
        tell(deal.stage === 'open' ? 'the deal was made' : 'the deal was won');
        return dealId;
      },
      async report(dealIds) {
        if (played.dealId === null) throw new Error('The scene has no deal to report');
        tell(describe(await report({ crm, dealIds: dealIds ?? [played.dealId] })));
        onReported();
      },
      async until(what, isSo) {
        const deadline = Date.now() + allTimes.patienceMs;
        while (!isSo()) {
          if (Date.now() > deadline) throw new Error(`gave up waiting for: ${what}`);
          await pause(POLL_MS);
        }
        tell(`seen in the CRM: ${what}`);
      },
    };
  }
}

function describe({ isAcknowledged, status }: Report): string {
  if (status === null) return 'it was reported, but no webhook server answered: is `dealseat start` running?';
  return isAcknowledged
    ? 'it was reported'
    : `it was reported, but the webhook server answered with status ${status}`;
}
