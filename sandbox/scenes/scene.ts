import type { FaultPlan } from '../faults.ts';
import type { HubSpotSandbox } from '../hubspot/index.ts';
import type { SalesforceSandbox } from '../salesforce/index.ts';
import type { CrmUser, SceneDeal } from './crm-user.ts';

export type SceneCrm = 'hubspot' | 'salesforce';

/** Something that real CRMs do, to be watched with the product running beside the sandbox. */
export interface Scene {
  readonly id: string;
  /** Heading and words are those of `docs/crm-realities.md`. */
  readonly section: string;
  readonly happens: string;
  readonly expected: string;
  /** What the field with Dealseat's status says when all is over. */
  readonly ends: string;
  /** What the catalog must say, where the example catalog does not. */
  readonly catalog?: string;
  /** What a person who watches must know, as a sentence. */
  readonly hint?: string;
  readonly crms: readonly SceneCrm[];
  /** Resolves when the CRM has done its part; what Dealseat does takes longer. */
  play(stage: Stage): Promise<void>;
}

/** What a scene plays on: one CRM with a person or an automation at work in it. */
export interface Stage {
  readonly crm: SceneCrm;
  readonly user: CrmUser;
  readonly hubspot: HubSpotSandbox;
  readonly salesforce: SalesforceSandbox;
  readonly faults: FaultPlan;
  readonly times: SceneTimes;
  /** Makes the deal of the scene, which is won; returns its id. */
  win(deal?: SceneDeal): string;
  /** Tells the webhook server that deals have changed, as the CRM would: in one message. Default: the deal of the scene. */
  report(dealIds?: readonly string[]): Promise<void>;
  pause(ms: number): Promise<void>;
  /** Waits until the CRM shows it. Throws when that takes too long. */
  until(what: string, isSo: () => boolean): Promise<void>;
  /** A line for people about what was done just now. */
  tell(what: string): void;
}

export interface SceneTimes {
  /** Between the win and what comes "seconds after the win". */
  readonly afterWinMs: number;
  /** How long something that is down stays down. */
  readonly downMs: number;
  /** How long something refuses all that it is asked. */
  readonly refusingMs: number;
  /** How long a scene waits for what Dealseat writes. */
  readonly patienceMs: number;
}

export const SCENE_TIMES: SceneTimes = {
  afterWinMs: 3_000,
  downMs: 180_000,
  refusingMs: 20_000,
  patienceMs: 300_000,
};

/** Wins a deal and reports it: most scenes are no more than a deal that is odd from the start. */
export function wins(deal: SceneDeal): (stage: Stage) => Promise<void> {
  return async (stage) => {
    stage.win(deal);
    await stage.report();
  };
}

/** Wins a deal, and waits until Dealseat has delivered it; returns its id. */
export async function deliver({ user, ...stage }: Stage, deal?: SceneDeal): Promise<string> {
  const dealId = stage.win(deal);
  await stage.report();
  await stage.until('delivered', () => user.statusOf(dealId) === 'Delivered');
  return dealId;
}
