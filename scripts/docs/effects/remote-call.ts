export const REMOTE_SYSTEMS = ['Thought Industries', 'HubSpot', 'Salesforce'] as const;

export type RemoteSystem = (typeof REMOTE_SYSTEMS)[number];

/**
 * What a repeat of the call would do.
 * - `overwrite`: the same again.
 * - `guarded create`: perhaps a second record, so it is looked up first.
 * - `keyed send`: nothing, as far as the key or record of the e-mail tool reaches; it is never undone.
 * - `delete`: nothing, because what is gone counts as deleted.
 */
export type WriteEffect = 'overwrite' | 'guarded create' | 'keyed send' | 'delete';

interface RemoteCallFacts {
  /** Short and unique in the table; the clients' own names for their calls begin alike. */
  readonly call: string;
  readonly system: RemoteSystem;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Decoded, without the query; `{name}` stands for one segment. */
  readonly path: string;
  /** The steps or commands that make it. */
  readonly usedBy: string;
}

export interface RemoteRead extends RemoteCallFacts {
  readonly effect: 'read';
}

export interface RemoteWrite extends RemoteCallFacts {
  readonly effect: WriteEffect;
  /** What makes two of these the same one. */
  readonly key: string;
  /** Reads of this table that tell whether it happened; none where a repeat is harmless in itself. */
  readonly lookedUpBy: readonly string[];
  /** What is done about an answer that was lost or cannot be read. */
  readonly whenUnknown: string;
  /** How long we look before it is repeated. */
  readonly lookFor: string;
  /** What is left, where it shows, and whose it is then. */
  readonly ifStillUnknown: string;
}

export type RemoteCall = RemoteRead | RemoteWrite;

/** The reads of one system: they change nothing, so every one is simply repeated. */
export function readsOf(
  system: RemoteSystem,
  rows: readonly (readonly [call: string, method: RemoteRead['method'], path: string, usedBy: string])[],
): RemoteRead[] {
  return rows.map(([call, method, path, usedBy]) => ({ call, system, method, path, usedBy, effect: 'read' }));
}
