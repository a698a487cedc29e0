import type { StoredRoster } from '../crm.ts';
import type { SalesforceCall } from './call.ts';
import type { Connection } from './connection.ts';
import { opportunityId } from './deal.ts';
import { readOwnFiles } from './roster-files.ts';

/** Our files on the opportunity whose names end in this token, each with its latest bytes. All are shown there: by link. */
export async function readRosters(
  connection: Connection,
  dealId: string,
  rosterToken: string,
  signal?: AbortSignal,
): Promise<StoredRoster[]> {
  const ending = `-${rosterToken}.csv`;
  const search = { dealId: opportunityId(dealId), isNamed: (title: string) => title.endsWith(ending) };
  const rosters: StoredRoster[] = [];
  for (const { title, versionId } of await readOwnFiles(connection, search, signal)) {
    const call: SalesforceCall = {
      name: `download roster ${title}`,
      effect: 'read',
      object: 'ContentVersion',
      secrets: 'all',
    };
    const csv = await connection.download(call, `/sobjects/ContentVersion/${versionId}/VersionData`, signal);
    rosters.push({ fileName: title, csv, isShown: true });
  }
  return rosters;
}
