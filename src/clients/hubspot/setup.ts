import { z } from 'zod';
import type { DealReading } from '../../domain/deal/catalog.ts';
import { DealseatError } from '../../domain/failure.ts';
import type { SetupOptions } from '../crm.ts';
import {
  attempt,
  checkClock,
  cureOf,
  type Finding,
  fine,
  foundIn,
  judgeQuota,
  notTried,
  type SetupCheck,
} from '../setup-check.ts';
import type { Connection } from './connection.ts';
import { DEAL_PROPERTIES, type OwnProperty, REDEEM_LINK_PROPERTY } from './fields.ts';
import type { Portal } from './portal.ts';
import type { Quota } from './quota.ts';
import { checkNames } from './setup-catalog.ts';
import { CURES } from './setup-cures.ts';
import {
  addOptions,
  ensureProperty,
  ensurePropertyGroup,
  type FoundProperty,
  lackingOptions,
  readProperties,
} from './setup-properties.ts';
import { checkWriteScopes, SCOPE_PROBES } from './setup-scopes.ts';
import { checkWonStages } from './setup-stages.ts';

interface PortalSetup {
  readonly connection: Connection;
  readonly portal: Portal;
  readonly quota: Pick<Quota, 'daily'>;
  readonly reading: DealReading;
  readonly accessToken: string;
  readonly baseUrl: string;
}

/**
 * Tries token, portal, what the token may do, our properties, and what the catalog names; with `fix` creates missing
 * properties and options.
 */
export async function checkSetup(setup: PortalSetup, options: SetupOptions): Promise<SetupCheck[]> {
  const { connection, portal, quota, reading, accessToken, baseUrl } = setup;
  const { signal, named } = options;
  const access = await attempt(`HubSpot portal ${portal.id}`, CURES, async () => {
    await portal.verify(signal);
    return fine();
  });
  // With a bad token, or that of another portal, every further line would say the same again.
  if (access.state !== 'ok') return [access];
  const checks = [access];
  for (const probe of SCOPE_PROBES) {
    const call = { name: `probe ${probe.name}`, effect: 'read', answer: z.unknown() } as const;
    checks.push(
      await attempt(`HubSpot access to ${probe.name}`, CURES, async () => {
        await connection.call({ ...call, signal }, probe.send);
        return fine();
      }),
    );
  }
  checks.push(await checkWriteScopes(connection, { accessToken, tool: named?.tool ?? null, signal }));
  checks.push(...(await checkProperties(connection, 'deal', Object.values(DEAL_PROPERTIES), options)));
  checks.push(...(await checkProperties(connection, 'contact', [REDEEM_LINK_PROPERTY], options)));
  checks.push(await checkWonStages(connection, reading.terms, signal));
  checks.push(...(await checkNames(connection, { reading, named, signal })));
  checks.push(await checkClock('Clock beside HubSpot', `${baseUrl}/account-info/v3/details`, signal));
  checks.push(
    await attempt('HubSpot requests of the day', CURES, async () => {
      const daily = quota.daily();
      return daily === null ? notTried('its answers carry no daily quota') : judgeQuota(daily);
    }),
  );
  return checks;
}

async function checkProperties(
  connection: Connection,
  kind: 'deal' | 'contact',
  properties: readonly OwnProperty[],
  { fix, signal }: SetupOptions,
): Promise<SetupCheck[]> {
  const objectType = `${kind}s` as const;
  let found: ReadonlyMap<string, FoundProperty>;
  try {
    found = await readProperties(connection, objectType, signal);
  } catch (error) {
    return [failedCheck(`HubSpot ${kind} properties`, error)];
  }
  const checks: SetupCheck[] = [];
  for (const property of properties) {
    const name = `HubSpot ${kind} property ${property.name}`;
    const known = found.get(property.name);
    const lacking = known === undefined ? [] : lackingOptions(property, known);
    if (known !== undefined && known.type !== property.type) {
      checks.push({ name, ...wrongType(property, known.type) });
    } else if (known === undefined) {
      const create = async () => {
        await ensurePropertyGroup(connection, objectType, signal);
        await ensureProperty(connection, { objectType, property, signal });
      };
      checks.push(fix ? await mend(name, create) : { name, state: 'missing', advice: FIX });
    } else if (lacking.length > 0) {
      const add = () => addOptions(connection, { objectType, property, found: known, signal });
      const found = `added the options ${lacking.join(', ')}`;
      checks.push(fix ? await mend(name, add, found) : { name, ...optionsMissing(lacking) });
    } else checks.push({ name, state: 'ok', advice: null });
  }
  return checks;
}

async function mend(name: string, work: () => Promise<void>, found?: string): Promise<SetupCheck> {
  try {
    await work();
    return { name, state: 'fixed', advice: null, ...(found === undefined ? {} : { found }) };
  } catch (error) {
    return failedCheck(name, error);
  }
}

const FIX = 'Run `dealseat doctor --fix`.';

function wrongType(property: OwnProperty, found: string): Finding {
  return {
    state: 'failed',
    advice: `It has the type ${found}, not ${property.type}, and HubSpot cannot change a type: delete the property, with its values, then run \`dealseat doctor --fix\`. What was delivered stands in dealseat_ledger and stays.`,
  };
}

/** HubSpot refuses a value that is none of the options. */
function optionsMissing(lacking: readonly string[]): Finding {
  return {
    state: 'failed',
    found: `it lacks the options ${lacking.join(', ')}`,
    advice: `${FIX} It adds them and keeps the options that are there.`,
  };
}

/** A bug or a cancellation is no finding of the check: it passes through. */
function failedCheck(name: string, error: unknown): SetupCheck {
  if (!(error instanceof DealseatError)) throw error;
  return { name, state: 'failed', found: foundIn(error), advice: cureOf(error, CURES) };
}
