import type { DealTerms } from '../../domain/deal/catalog.ts';
import { countOf } from '../../domain/words.ts';
import { attempt, fine, type SetupCheck } from '../setup-check.ts';
import type { Connection } from './connection.ts';
import { readDealStages } from './pipelines.ts';
import { CURES } from './setup-cures.ts';

/** Which stages win a deal: without one no deal is ever provisioned. */
export function checkWonStages(
  connection: Connection,
  { kinds, wonStages }: DealTerms,
  signal?: AbortSignal,
): Promise<SetupCheck> {
  return attempt('HubSpot won stages', CURES, async () => {
    const stages = await readDealStages(connection, signal);
    const won = stages.filter(
      ({ id, pipelineId, is }) =>
        (is === 'won' || wonStages.includes(id)) && (kinds.length === 0 || kinds.includes(pipelineId)),
    );
    if (won.length > 0) {
      const names = won.map(({ pipelineLabel, label, id }) => `${pipelineLabel} / ${label} (${id})`);
      return fine(
        `${countOf(won.length, 'stage')}: ${names.slice(0, SHOWN).join(', ')}${won.length > SHOWN ? ', …' : ''}`,
      );
    }
    return {
      state: 'failed',
      found: 'no stage of the pipelines that count wins a deal',
      advice:
        'Give the won stage the probability "Won" (Settings > Objects > Deals > Pipelines), or name it under `deals.hubspot.wonStages` of the catalog.',
    };
  });
}

const SHOWN = 5;
