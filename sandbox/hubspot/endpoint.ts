import type { SandboxRequest, SandboxResponse } from '../exchange.ts';
import type { HubSpotState } from './state.ts';

export type Tier = 'free' | 'starter' | 'professional' | 'enterprise';

export interface TokenFacts {
  readonly kind?: string;
  readonly portalId?: number;
  readonly appId?: number;
  readonly scopes?: readonly string[];
}

/** One request, after the gate has let it in. */
export interface Call {
  readonly request: SandboxRequest;
  readonly url: URL;
  /** Values of the `:name` segments. */
  readonly params: Readonly<Record<string, string>>;
  readonly state: HubSpotState;
  /** What a token may and whose it is; undefined for none of ours. */
  readonly lookUpToken: (token: string) => TokenFacts | undefined;
  /** The portal that the caller's token belongs to. */
  readonly portalId: number;
  /** The app that the caller's token belongs to. */
  readonly appId: number;
  /** Where callers reach the stand-in, for links in answers. */
  readonly baseUrl: string;
}

/** Each inner list: any one is enough; all inner lists must be met. */
export type ScopeRule = readonly (readonly string[])[];

export interface Endpoint {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Segments with a colon match anything and are named. */
  readonly path: string;
  readonly scopes: ScopeRule | ((params: Readonly<Record<string, string>>) => ScopeRule);
  /** `search`: the account's own limit and no headers. `exempt`: outside the burst limit. */
  readonly limit?: 'search' | 'exempt';
  readonly minimumTier?: Tier;
  /** Also answered to tokens of another portal; all else is not there for them. */
  readonly anyPortal?: true;
  /** Served without a token: links that carry their own proof. */
  readonly open?: true;
  answer(call: Call): SandboxResponse | Promise<SandboxResponse>;
}

export function param(call: Call, name: string): string {
  const value = call.params[name];
  if (value === undefined) throw new Error(`The path of this endpoint has no :${name}`);
  return value;
}
