import type { ScopeRule } from '../endpoint.ts';
import { objectType } from '../object-types.ts';

type Params = Readonly<Record<string, string>>;

export function readScopes(params: Params): ScopeRule {
  const type = objectType(params.type ?? '');
  // The content of e-mails has a scope of its own.
  return type.name === 'emails' ? [type.readScopes, ['sales-email-read']] : [type.readScopes];
}

export function writeScopes(params: Params): ScopeRule {
  return [objectType(params.type ?? '').writeScopes];
}

/** Associations ask for both sides. */
export function readBothScopes(params: Params): ScopeRule {
  return [objectType(params.from ?? '').readScopes, objectType(params.to ?? '').readScopes];
}

export function writeBothScopes(params: Params): ScopeRule {
  return [objectType(params.from ?? '').writeScopes, objectType(params.to ?? '').writeScopes];
}
