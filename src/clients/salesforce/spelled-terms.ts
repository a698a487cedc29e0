import { z } from 'zod';
import type { DealTerms } from '../../domain/deal/catalog.ts';
import { isSameName } from '../../domain/names.ts';
import type { SalesforceCall } from './call.ts';
import type { Connection } from './connection.ts';
import { text } from './records.ts';

/** What the catalog says of deals, with every spelling of its names that the org has: a query compares all but the case. */
export type SpelledTerms = (signal?: AbortSignal) => Promise<DealTerms>;

const stageRow = z.object({ ApiName: text });
const typeRow = z.object({ Name: text, DeveloperName: text });

/** They change once in years. */
const FRESH_MS = 5 * 60_000;

export function createSpelledTerms(
  connection: Connection,
  terms: DealTerms,
  now: () => number = Date.now,
): SpelledTerms {
  let known: { readonly terms: DealTerms; readonly until: number } | null = null;
  return async (signal) => {
    if (known !== null && now() < known.until) return known.terms;
    const { kinds, wonStages, afterWon } = terms;
    const stages = wonStages.length + afterWon.length === 0 ? [] : await readStageNames(connection, signal);
    const types = kinds.length === 0 ? [] : await readRecordTypeNames(connection, signal);
    const spelled = {
      kinds: inAllSpellings(kinds, types),
      wonStages: inAllSpellings(wonStages, stages),
      afterWon: inAllSpellings(afterWon, stages),
    };
    known = { terms: spelled, until: now() + FRESH_MS };
    return spelled;
  };
}

/** Stages are known by their API names: an opportunity holds no other. */
export async function readStageNames(connection: Connection, signal?: AbortSignal): Promise<string[]> {
  const soql = 'SELECT ApiName FROM OpportunityStage';
  const rows = await connection.query(soql, stageRow, callOf('stages'), signal);
  return rows.flatMap(({ ApiName }) => ApiName ?? []);
}

export async function readRecordTypeNames(connection: Connection, signal?: AbortSignal): Promise<string[]> {
  const soql = "SELECT Name, DeveloperName FROM RecordType WHERE SobjectType = 'Opportunity'";
  const rows = await connection.query(soql, typeRow, callOf('record types'), signal);
  return rows.flatMap(({ Name, DeveloperName }) => [Name ?? [], DeveloperName ?? []].flat());
}

function callOf(what: string): SalesforceCall {
  return { name: `read the ${what} of opportunities`, effect: 'read', object: 'Opportunity' };
}

function inAllSpellings(names: readonly string[], known: readonly string[]): string[] {
  return [...new Set([...names, ...known.filter((each) => names.some((name) => isSameName(name, each)))])];
}
