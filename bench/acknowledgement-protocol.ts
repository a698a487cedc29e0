import type { SandboxUrls } from '../sandbox/environment.ts';

/** What the bench asks of the process that takes events, as its first argument in JSON. */
export interface AcknowledgementOrder {
  readonly temporalAddress: string;
  readonly taskQueue: string;
  readonly urls: SandboxUrls;
}

/** Where its two routes are. */
export interface AcknowledgementRoutes {
  readonly product: string;
  readonly bare: string;
}
