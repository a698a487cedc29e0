import type { Crm } from '../../clients/crm.ts';
import { type Config, ConfigError } from '../../config/config.ts';
import { settingsOf } from '../../config/crm-settings.ts';
import type { DealRef } from '../../domain/deal/deal.ts';
import { parseHold } from '../../domain/deal/hold.ts';
import { DealseatError } from '../../domain/failure.ts';
import { crmNamed } from '../../processes/deal-ref.ts';
import { dealOfWords } from '../terminal/deal-argument.ts';
import { failed, ok, skipped, type Tried } from './check.ts';

interface WordsOfDeal {
  readonly words: readonly string[];
  readonly signal: AbortSignal;
}

export async function* checkDeal(
  env: NodeJS.ProcessEnv,
  config: Config,
  { words, signal }: WordsOfDeal,
): AsyncGenerator<Tried> {
  const deal = dealOrNull(env, words);
  if (deal === null) {
    yield skipped(`Writing on ${words.join(' ')}`, 'the configuration has faults');
    return;
  }
  const { crm: crmName, dealId } = deal;
  const module = crmNamed(config, crmName);
  const settings = module && settingsOf(config, module);
  const name = `Writing on ${crmName} deal ${dealId}`;
  if (!module || !settings) yield failed(name, 'the CRM is off', 'Set its variables.');
  else yield await checkDealWrite(await module.create(settings), { dealId, name, signal });
}

function dealOrNull(env: NodeJS.ProcessEnv, words: readonly string[]): DealRef | null {
  try {
    return dealOfWords(env, words);
  } catch (error) {
    if (error instanceof ConfigError) return null;
    throw error;
  }
}

/**
 * Proves that the CRM lets Dealseat edit this deal, by writing its status as it stands: a validation rule or an approval may
 * forbid edits of won deals, and only a write meets it.
 */
async function checkDealWrite(
  crm: Crm,
  { dealId, name, signal }: { readonly dealId: string; readonly name: string; readonly signal: AbortSignal },
): Promise<Tried> {
  try {
    const { status, hold } = await crm.readRecord(dealId, signal);
    // What it writes between our reading and our write must not be written over.
    if (parseHold(hold)?.isDone === false)
      return skipped(name, 'A run is working on this deal', 'Choose another deal.');
    await crm.writeDealFields(dealId, { status }, signal);
    return ok(name);
  } catch (error) {
    if (!(error instanceof DealseatError)) throw error;
    return failed(
      name,
      error.message,
      'Let the integration user edit won deals: change the rule or the right that the message names.',
    );
  }
}
