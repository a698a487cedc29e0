import type { Connection } from './connection.ts';
import type { OwnApp } from './own-app.ts';
import type { Portal } from './portal.ts';

/** What the calls of one portal share. */
export interface Access {
  readonly connection: Connection;
  readonly portal: Portal;
  readonly app: OwnApp;
  /** Bound of one call, body included. */
  readonly timeoutMs: number;
}
