import { z } from 'zod';
import type { DealTerms } from '../../domain/deal/catalog.ts';
import type { Deal } from '../../domain/deal/deal.ts';
import { type Stage, type Standing, standingOf } from '../../domain/deal/standing.ts';
import { isSameName } from '../../domain/names.ts';
import { instant, text } from './records.ts';
import { soqlList } from './soql.ts';

/** What tells where an opportunity stands. */
export const standingRecord = z.object({
  StageName: z.string(),
  IsWon: z.boolean(),
  RecordType: z.object({ Name: text, DeveloperName: text }).nullish(),
});

export const historyRow = z.object({ StageName: text, CreatedDate: instant });

type StandingRecord = z.infer<typeof standingRecord>;

export const STAGE_HISTORY = '(SELECT StageName, CreatedDate FROM OpportunityHistories)';

/** An org without record types has no such field, so it is read only where the catalog asks for it. */
export function standingFields({ kinds }: DealTerms): string {
  return ['StageName', 'IsWon', ...(kinds.length > 0 ? RECORD_TYPE_NAMES : [])].join(', ');
}

const RECORD_TYPE_NAMES = ['RecordType.Name', 'RecordType.DeveloperName'];

/** Null: all count. */
export function isCountedKind({ kinds }: DealTerms): string | null {
  if (kinds.length === 0) return null;
  return `(${RECORD_TYPE_NAMES.map((name) => `${name} IN ${soqlList(kinds)}`).join(' OR ')})`;
}

/** The history also has a row for each new amount or close date. What we know of the stages may be older than a row. */
export function standingOfRecord(
  record: StandingRecord,
  history: readonly z.infer<typeof historyRow>[],
  { wonStages, terms }: { readonly wonStages: ReadonlySet<string>; readonly terms: DealTerms },
): Standing {
  const stageNamed = (name: string | null): Stage => {
    const isWon = name === record.StageName ? record.IsWon : name !== null && wonStages.has(name);
    const isNamed = (names: readonly string[]) =>
      name !== null && names.some((each) => isSameName(each, name));
    return {
      is: isWon || isNamed(terms.wonStages) ? 'won' : 'open',
      pipeline: null,
      isAfterWon: isNamed(terms.afterWon),
    };
  };
  const stays = history.map((row) => ({ ...stageNamed(row.StageName), since: row.CreatedDate }));
  return standingOf(stays, stageNamed(record.StageName));
}

export function leftOut({ RecordType: type }: StandingRecord, { kinds }: DealTerms): Pick<Deal, 'leftOut'> {
  if (kinds.length === 0) return {};
  const names = [type?.Name ?? [], type?.DeveloperName ?? []].flat();
  if (kinds.some((kind) => names.some((name) => isSameName(kind, name)))) return {};
  return { leftOut: type?.Name ? `record type "${type.Name}"` : 'no record type' };
}
