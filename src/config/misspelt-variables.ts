import { nearestOf } from '../domain/did-you-mean.ts';
import { CRMS } from '../processes/crms.ts';
import { GENERAL, POLICY, POLICY_PREFIX, SWEEP, THOUGHT_INDUSTRIES, TI_WEBHOOK } from './variables.ts';

/** Temporal's own, which its SDK reads. */
const TEMPORAL = [
  'TEMPORAL_ADDRESS',
  'TEMPORAL_NAMESPACE',
  'TEMPORAL_API_KEY',
  'TEMPORAL_TLS',
  'TEMPORAL_TLS_CLIENT_CERT_PATH',
  'TEMPORAL_TLS_CLIENT_CERT_DATA',
  'TEMPORAL_TLS_CLIENT_KEY_PATH',
  'TEMPORAL_TLS_CLIENT_KEY_DATA',
  'TEMPORAL_TLS_SERVER_CA_CERT_PATH',
  'TEMPORAL_TLS_SERVER_CA_CERT_DATA',
  'TEMPORAL_TLS_SERVER_NAME',
  'TEMPORAL_TLS_DISABLE_HOST_VERIFICATION',
  'TEMPORAL_CONFIG_FILE',
  'TEMPORAL_PROFILE',
];

/** Shorter names than this are near too many others. */
const SHORTEST = 8;

/** Every variable that an environment may have for us. */
function knownVariables(): ReadonlySet<string> {
  const own = [
    GENERAL,
    SWEEP,
    THOUGHT_INDUSTRIES,
    TI_WEBHOOK,
    ...CRMS.map(({ environment }) => environment.variables),
  ];
  return new Set([
    ...own.flatMap((group) => Object.keys(group)),
    ...[...POLICY.values()].map(({ name }) => name),
    ...TEMPORAL,
  ]);
}

/**
 * Variables that have no meaning and are nearly one of ours. Others are none of our business: the environment is shared with
 * other programs. Unknown time bounds are left out, because they are refused anyway.
 */
export function misspeltVariables(
  env: NodeJS.ProcessEnv,
): { readonly name: string; readonly meant: string }[] {
  const known = knownVariables();
  return Object.entries(env).flatMap(([name, value]) => {
    if (!value || known.has(name) || name.startsWith(POLICY_PREFIX) || name.length < SHORTEST) return [];
    const meant = nearestOf(name, known);
    // A variable that is set as it should be was not misspelt elsewhere.
    return meant === null || env[meant] ? [] : [{ name, meant }];
  });
}
