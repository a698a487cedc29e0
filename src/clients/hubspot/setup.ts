import { z } from 'zod';
import type { DealReading } from '../../domain/deal/catalog.ts';
import { DealseatError, FAILURES } from '../../domain/failure.ts';
import { withCure } from '../../domain/words.ts';
import type { SetupCheck } from '../crm.ts';
import type { Connection } from './connection.ts';
import { DEAL_PROPERTIES, type OwnProperty, REDEEM_LINK_PROPERTY } from './fields.ts';
import { readDealStages } from './pipelines.ts';
import type { Portal } from './portal.ts';
import {
  ensureProperty,
  ensurePropertyGroup,
  type FoundProperty,
  readProperties,
} from './setup-properties.ts';
import { SCOPE_PROBES } from './setup-scopes.ts';

interface SetupOptions {
  readonly fix: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** Checks token, portal, what the token may read, and our properties; with `fix` creates missing properties. */
export async function checkSetup(
  {
    connection,
    portal,
    reading,
  }: { readonly connection: Connection; readonly portal: Portal; readonly reading: DealReading },
  options: SetupOptions,
): Promise<SetupCheck[]> {
  const access = await check(`HubSpot portal ${portal.id}`, () => portal.verify(options.signal));
  // With a bad token, or that of another portal, every further line would say the same again.
  if (access.state !== 'ok') return [access];
  const checks = [access];
  for (const probe of SCOPE_PROBES) {
    const call = { name: `probe ${probe.name}`, effect: 'read', answer: z.unknown() } as const;
    checks.push(
      await check(`HubSpot access to ${probe.name}`, async () => {
        await connection.call({ ...call, signal: options.signal }, probe.send);
      }),
    );
  }
  checks.push(...(await checkProperties(connection, 'deal', Object.values(DEAL_PROPERTIES), options)));
  checks.push(...(await checkProperties(connection, 'contact', [REDEEM_LINK_PROPERTY], options)));
  checks.push(...(await checkCatalog(connection, reading, options.signal)));
  return checks;
}

/** What the catalog names of the portal: HubSpot itself never says that there is no such thing. */
async function checkCatalog(
  connection: Connection,
  { terms, seatFields }: DealReading,
  signal?: AbortSignal,
): Promise<SetupCheck[]> {
  const named = [...terms.kinds, ...terms.wonStages, ...terms.afterWon, ...seatFields];
  if (named.length === 0) return [];
  const name = 'HubSpot pipelines, stages and properties that the catalog names';
  try {
    const stages = await readDealStages(connection, signal);
    const pipelineIds = stages.map(({ pipelineId }) => pipelineId);
    const stageIds = stages.map(({ id }) => id);
    const properties = await readProperties(connection, 'deals', signal);
    const missing = [
      ...missingOf('pipeline', terms.kinds, pipelineIds),
      ...missingOf('stage', terms.wonStages, stageIds),
      ...missingOf('stage or pipeline', terms.afterWon, [...stageIds, ...pipelineIds]),
      ...missingOf('deal property', seatFields, [...properties.keys()]),
    ];
    if (missing.length === 0) return [{ name, state: 'ok', advice: null }];
    const advice = `There is no ${missing.join(', no ')}: put its internal id or name into \`deals\` or \`seatsFrom\` of the catalog.`;
    return [{ name, state: 'missing', advice }];
  } catch (error) {
    return [failedCheck(name, error)];
  }
}

function missingOf(what: string, named: readonly string[], known: readonly string[]): string[] {
  return named.filter((name) => !known.includes(name)).map((name) => `${what} "${name}"`);
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
    if (known?.type === property.type) checks.push(ofOptions(name, property, known));
    else if (known !== undefined) checks.push(wrongType(name, property, known.type));
    else if (!fix) checks.push({ name, state: 'missing', advice: 'Run `dealseat doctor --fix`.' });
    else checks.push(await create(connection, { name, objectType, property }, signal));
  }
  return checks;
}

async function create(
  connection: Connection,
  { name, objectType, property }: { name: string; objectType: 'deals' | 'contacts'; property: OwnProperty },
  signal?: AbortSignal,
): Promise<SetupCheck> {
  try {
    await ensurePropertyGroup(connection, objectType, signal);
    await ensureProperty(connection, { objectType, property, signal });
    return { name, state: 'fixed', advice: null };
  } catch (error) {
    return failedCheck(name, error);
  }
}

function wrongType(name: string, property: OwnProperty, found: string): SetupCheck {
  return {
    name,
    state: 'failed',
    advice: `It has the type ${found}, not ${property.type}, and HubSpot cannot change a type: delete the property, with its values, then run \`dealseat doctor --fix\`. What was delivered stands in dealseat_ledger and stays.`,
  };
}

/** HubSpot refuses a value that is none of the options. */
function ofOptions(name: string, { options = [] }: OwnProperty, found: FoundProperty): SetupCheck {
  const missing = options.filter((option) => !found.options.includes(option));
  if (missing.length === 0) return { name, state: 'ok', advice: null };
  const advice = `It lacks ${missing.join(', ')}: add each of them to its options, as label and as internal value.`;
  return { name, state: 'failed', advice };
}

async function check(name: string, run: () => Promise<void>): Promise<SetupCheck> {
  try {
    await run();
    return { name, state: 'ok', advice: null };
  } catch (error) {
    return failedCheck(name, error);
  }
}

/** A bug or a cancellation is no finding of the check: it passes through. */
function failedCheck(name: string, error: unknown): SetupCheck {
  if (!(error instanceof DealseatError)) throw error;
  return { name, state: 'failed', advice: withCure(error.message, FAILURES[error.code].cure) };
}
