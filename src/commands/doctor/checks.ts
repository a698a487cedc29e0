import type { CrmModule } from '../../clients/crm-module.ts';
import type { SetupCheck } from '../../clients/setup-check.ts';
import { type Config, type ConfigFault, surveyConfig } from '../../config/config.ts';
import { crmsInUse, settingsOf } from '../../config/crm-settings.ts';
import { THOUGHT_INDUSTRIES } from '../../config/variables.ts';
import { dealReadingFor } from '../../domain/deal/catalog.ts';
import { namedInCrm, namedInPlatform } from '../../domain/deal/catalog-names.ts';
import { createLms } from '../../processes/clients.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { checkAlerts } from './alerts.ts';
import { type CatalogCheck, checkCatalog } from './catalog.ts';
import { type DoctorCheck, failed, ofSetup, ok, skipped, type Tried } from './check.ts';
import { checkDeal } from './deal-write.ts';
import { checkEvents } from './events.ts';
import { secretKeysCheck } from './secret-keys.ts';
import { checkStore } from './store.ts';
import { checkTemporal } from './temporal.ts';
import { checkWebhooks } from './webhooks.ts';

export interface DoctorOptions {
  readonly fix: boolean;
  readonly testAlert: boolean;
  /** The words that name a deal which is to be proved writable; null: none is. */
  readonly deal: readonly string[] | null;
  readonly signal: AbortSignal;
}

interface Survey {
  readonly config: Config;
  readonly faults: readonly ConfigFault[];
}

/**
 * Every check, in the order in which a person would set things up. Later ones do not depend on earlier ones: what can be
 * tried is tried, whatever is wrong elsewhere.
 */
export async function* examine(
  { env }: Pick<Terminal, 'env'>,
  options: DoctorOptions,
): AsyncGenerator<DoctorCheck> {
  const survey = surveyConfig(env);
  const { config } = survey;
  const catalog = await checkCatalog(config);
  const ofCatalog: DoctorCheck[] = [];
  yield* timed('Configuration', checkConfig(survey));
  yield* timed('Temporal', checkTemporal(env, config, options));
  if (!isFaulty(survey.faults, (name) => name === 'DATABASE_URL')) yield* timed('Seats', checkStore(config));
  yield* sorted('Learning platform', checkLms(survey, catalog, options), ofCatalog);
  for (const module of config.knownCrms) {
    yield* sorted(module.facts.displayName, checkCrm(module, survey, { ...options, catalog }), ofCatalog);
  }
  yield* timed('Catalog', catalog.checks);
  yield* ofCatalog;
  yield* timed('Webhooks', checkWebhooks(config, options.signal));
  yield* timed('Webhooks', checkEvents(env, config));
  const { testAlert: sendsTest, signal } = options;
  yield* timed('Alerts', checkAlerts(config, survey.faults, { sendsTest, signal }));
  if (options.deal !== null)
    yield* timed('Deal', checkDeal(env, config, { words: options.deal, signal: options.signal }));
}

type Checks<T> = Iterable<T> | AsyncIterable<T>;

/** Each check took as long as it was waited for. */
async function* timed(group: string, checks: Checks<Tried>): AsyncGenerator<DoctorCheck> {
  let since = performance.now();
  for await (const check of checks) {
    const { name, state, found, cure } = check;
    yield { group, name, state, found, cure, tookMs: Math.round(performance.now() - since) };
    since = performance.now();
  }
}

/** What is about the catalog is shown with it, whichever system said it. */
async function* sorted(
  group: string,
  checks: Checks<SetupCheck | Tried>,
  ofCatalog: DoctorCheck[],
): AsyncGenerator<DoctorCheck> {
  for await (const check of checks) {
    if ('cure' in check) yield { ...check, group, tookMs: 0 };
    else if (check.isOfCatalog) {
      ofCatalog.push({ ...ofSetup(check), group: 'Catalog', tookMs: check.tookMs ?? 0 });
    } else yield { ...ofSetup(check), group, tookMs: check.tookMs ?? 0 };
  }
}

async function* checkConfig({ config, faults }: Survey): AsyncGenerator<Tried> {
  for (const { variable, message } of faults) yield failed(variable, message, `Correct ${variable}.`);
  if (faults.length === 0) yield ok('Variables');
  yield await secretKeysCheck(config);
  if (config.manualApiKeys.length === 0 && !isFaulty(faults, (name) => name === 'MANUAL_API_KEYS')) {
    yield skipped('MANUAL_API_KEYS', 'not set: no partner can provision by webhook');
  }
  const names = config.knownCrms.map(({ facts }) => facts.displayName);
  const isCrmFaulty = config.knownCrms.some(({ environment }) => isFaultyCrm(faults, environment.prefix));
  if (crmsInUse(config).length === 0 && !isCrmFaulty)
    yield failed('CRM', 'none is set up', `Set the variables of at least one of ${names.join(', ')}.`);
}

async function* checkLms(
  { config: { ti }, faults }: Survey,
  { catalog }: CatalogCheck,
  { signal }: DoctorOptions,
): AsyncGenerator<SetupCheck | Tried> {
  const name = 'Thought Industries';
  if (ti !== null) {
    yield* createLms(ti).checkSetup({ named: catalog && namedInPlatform(catalog), signal });
  } else if (isFaulty(faults, (variable) => variable in THOUGHT_INDUSTRIES)) {
    yield skipped(name, 'its variables have faults, see Configuration');
  } else {
    yield failed(name, 'its variables are not set', 'Set TI_BASE_URL and TI_API_KEY: the worker needs them.');
  }
}

async function* checkCrm(
  module: CrmModule,
  { config, faults }: Survey,
  { catalog: { catalog }, fix, signal }: DoctorOptions & { readonly catalog: CatalogCheck },
): AsyncGenerator<SetupCheck | Tried> {
  const settings = settingsOf(config, module);
  const { displayName } = module.facts;
  if (settings !== null) {
    const crm = await module.create(settings, catalog ? dealReadingFor(catalog, module.name) : undefined);
    const named = catalog ? namedInCrm(catalog, module.name) : undefined;
    yield* await crm.checkSetup({ fix, named, signal });
  } else if (isFaultyCrm(faults, module.environment.prefix)) {
    yield skipped(displayName, 'its variables have faults, see Configuration');
  } else {
    yield skipped(displayName, 'off: its variables are not set');
  }
}

function isFaulty(faults: readonly ConfigFault[], isMeant: (variable: string) => boolean): boolean {
  return faults.some(({ variable }) => isMeant(variable));
}

function isFaultyCrm(faults: readonly ConfigFault[], prefix: string): boolean {
  return isFaulty(faults, (variable) => variable.startsWith(prefix));
}
