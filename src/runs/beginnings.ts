import type { Client } from '@temporalio/client';
import { PROVISION_DEAL, type Source, sourceOf } from '../contracts/run.ts';
import { searchAttributeKeys } from '../contracts/search-attributes.ts';
import type { CrmName } from '../domain/deal/deal.ts';

/** In the memo of a run: `Trigger.by` of what began it. */
export const BEGUN_BY = 'begunBy';

/** What began a run of a deal. */
export interface Beginning {
  readonly source: Source;
  readonly at: Date;
}

/** Runs that people began may be many. */
const LOOKED_AT_MOST = 500;

/** What began the last runs of the CRM's deals, newest first. Those that people began are left out. */
export async function readBeginnings(
  { workflow }: Pick<Client, 'workflow'>,
  crm: CrmName,
  { taskQueue, limit }: { readonly taskQueue: string; readonly limit: number },
): Promise<readonly Beginning[]> {
  const query = [
    `WorkflowType = '${PROVISION_DEAL}'`,
    `TaskQueue = '${taskQueue}'`,
    `${searchAttributeKeys.crm.name} = '${crm}'`,
  ].join(' AND ');
  const found: Beginning[] = [];
  let looked = 0;
  for await (const { memo, startTime } of workflow.list({ query })) {
    const by = memo?.[BEGUN_BY];
    const source = typeof by === 'string' ? sourceOf({ by }) : 'person';
    if (source !== 'person') found.push({ source, at: startTime });
    looked += 1;
    if (found.length >= limit || looked >= LOOKED_AT_MOST) break;
  }
  return found.sort((a, b) => b.at.getTime() - a.at.getTime());
}
