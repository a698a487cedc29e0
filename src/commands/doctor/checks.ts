import type { CrmModule } from '../../clients/crm-module.ts';
import { type Config, ConfigError, loadConfig } from '../../config/config.ts';
import { crmsInUse, settingsOf } from '../../config/crm-settings.ts';
import { CatalogError } from '../../config/load-catalog.ts';
import { type Catalog, dealReadingFor } from '../../domain/deal/catalog.ts';
import { DealseatError, problem } from '../../domain/failure.ts';
import { createLms } from '../../processes/clients.ts';
import { crmNamed } from '../../processes/deal-ref.ts';
import { readCatalogFile } from '../terminal/catalog-file.ts';
import { dealOfWords } from '../terminal/deal-argument.ts';
import { problemLine } from '../terminal/print.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { UsageError } from '../terminal/terminal.ts';
import { type DoctorCheck, failed, note, ok } from './check.ts';
import { checkDealWrite } from './deal-write.ts';
import { secretKeysCheck } from './secret-keys.ts';
import { checkTemporal } from './temporal.ts';

interface DoctorOptions {
  readonly fix: boolean;
  /** The words that name a deal which is to be proved writable; null: none is. */
  readonly deal: readonly string[] | null;
  readonly signal: AbortSignal;
}

/** Every check, in the order in which a person would set things up. Later ones do not depend on earlier ones. */
export async function* examine(
  { env }: Pick<Terminal, 'env'>,
  options: DoctorOptions,
): AsyncGenerator<DoctorCheck> {
  const config = readConfig(env);
  if (config instanceof ConfigError) {
    for (const { variable, message } of config.faults) yield failed(`Configuration: ${variable}`, message);
    return;
  }
  yield ok('Configuration');
  yield await secretKeysCheck(config);
  yield* checkWebhooks(config);
  const { catalog, checks } = await checkCatalog(config);
  yield* checks;
  yield* await checkTemporal(env, config, options);
  yield await checkLms(config, options.signal);
  for (const module of config.knownCrms) yield* await checkCrm(module, { ...options, config, catalog });
  if (options.deal !== null)
    yield await checkDeal(env, config, { words: options.deal, signal: options.signal });
}

function readConfig(env: NodeJS.ProcessEnv): Config | ConfigError {
  try {
    return loadConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
}

function* checkWebhooks(config: Config): Generator<DoctorCheck> {
  const { knownCrms, webhook, manualApiKeys } = config;
  const inUse = crmsInUse(config);
  if (inUse.length === 0) {
    const names = knownCrms.map(({ facts }) => facts.displayName);
    yield failed('CRM', `Set the variables of at least one of ${names.join(', ')}.`);
  }
  const signing = inUse.find(({ module }) => module.signsAddress);
  if (signing && webhook.publicUrl === null) {
    const { displayName } = signing.module.facts;
    yield failed('WEBHOOK_PUBLIC_URL', `Set it: ${displayName} signs the address that it calls.`);
  }
  if (manualApiKeys.length === 0)
    yield note('MANUAL_API_KEYS', 'Not set: no partner can provision by webhook.');
}

async function checkCatalog({
  catalogPath,
  ti,
}: Config): Promise<{ readonly catalog?: Catalog; readonly checks: DoctorCheck[] }> {
  const name = `Catalog ${catalogPath}`;
  try {
    const catalog = await readCatalogFile(catalogPath, ti?.learnerUrl);
    const ids = note(
      `${name}: content and client ids`,
      'No API shows whether they exist; compare them with the learning platform by hand.',
    );
    return { catalog, checks: [ok(name), ids] };
  } catch (error) {
    if (error instanceof CatalogError) return { checks: error.lines.map((fault) => failed(name, fault)) };
    if (error instanceof UsageError) return { checks: [failed(name, error.message)] };
    throw error;
  }
}

async function checkLms({ ti }: Config, signal: AbortSignal): Promise<DoctorCheck> {
  if (ti === null)
    return failed('Thought Industries', 'Set TI_BASE_URL and TI_API_KEY: the worker needs them.');
  const name = `Thought Industries ${ti.baseUrl}`;
  try {
    await createLms(ti).ping(signal);
    return ok(name);
  } catch (error) {
    if (!(error instanceof DealseatError)) throw error;
    return failed(name, problemLine(problem(error.code, error.message)));
  }
}

async function checkCrm(
  module: CrmModule,
  {
    config,
    catalog,
    ...options
  }: DoctorOptions & { readonly config: Config; readonly catalog: Catalog | undefined },
): Promise<DoctorCheck[]> {
  const settings = settingsOf(config, module);
  if (settings === null) return [note(module.facts.displayName, 'Off: its variables are not set.')];
  const crm = await module.create(settings, catalog && dealReadingFor(catalog, module.name));
  return await crm.checkSetup(options);
}

async function checkDeal(
  env: NodeJS.ProcessEnv,
  config: Config,
  { words, signal }: { readonly words: readonly string[]; readonly signal: AbortSignal },
): Promise<DoctorCheck> {
  const { crm: crmName, dealId } = dealOfWords(env, words);
  const module = crmNamed(config, crmName);
  const settings = module && settingsOf(config, module);
  const name = `Writing on ${crmName} deal ${dealId}`;
  if (!module || !settings) return failed(name, 'Off: its variables are not set.');
  return checkDealWrite(await module.create(settings), { dealId, name, signal });
}
