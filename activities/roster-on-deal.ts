import { createHash } from 'node:crypto';
import type { StoredRoster } from '../src/clients/crm.ts';
import type { DealRef } from '../src/domain/deal/deal.ts';
import { rosterTokenOf } from '../src/domain/deal/ids.ts';
import { type ActivityDeps, crmOf } from './deps.ts';
import { cancellationSignal } from './earlier-attempts.ts';

/** The file of this name and content, if the deal has it. */
export async function findRoster(
  deps: ActivityDeps,
  deal: DealRef,
  { file, sha256 }: { readonly file: string; readonly sha256: string },
): Promise<StoredRoster | null> {
  const rosters = await crmOf(deps, deal).readRosters(deal.dealId, rosterTokenOf(file), cancellationSignal());
  return rosters.find(({ fileName, csv }) => fileName === file && sha256Of(csv) === sha256) ?? null;
}

function sha256Of(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
