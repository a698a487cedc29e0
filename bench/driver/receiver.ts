import type { Sandbox } from '../../sandbox/index.ts';
import type { BenchCrm } from '../deals.ts';
import type { WonDeal } from './won-deals.ts';

/** Something that takes the CRMs' signed webhooks and delivers codes: Dealseat, or another middleware. */
export interface Receiver {
  readonly name: string;
  /** Where each CRM sends its events; a CRM without an address is left out. */
  readonly webhooks: Readonly<Partial<Record<BenchCrm, string>>>;
  /** Whether the deal is over for the receiver. The driver checks for itself what was made and sent. */
  isDelivered(sandbox: Sandbox, deal: WonDeal): boolean;
  /** Ends it at once with all that it started, as a machine does that loses its power. Absent: it cannot be done from here. */
  readonly kill?: () => Promise<void>;
  /** After a kill: resolves once it takes webhooks again. */
  readonly restart?: () => Promise<void>;
  /** Of all processes that belong to it; none where they are not known. */
  processIds(): readonly number[];
  stop(): Promise<void>;
}

/** What every middleware leaves behind: the mail to the buyer. */
export function isMailed({ outbox }: Sandbox, { buyer }: WonDeal): boolean {
  return outbox.mails.some(({ to }) => to === buyer);
}
