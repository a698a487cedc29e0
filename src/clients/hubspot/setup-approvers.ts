import type { Approvers } from '../../domain/deal/action.ts';
import { DealseatError } from '../../domain/failure.ts';
import { attempt, notTried, type SetupCheck } from '../setup-check.ts';
import { judgeNames } from '../setup-names.ts';
import { APPROVER_KEYS } from './action.ts';
import type { Connection } from './connection.ts';
import { listUsers, type User } from './owners.ts';
import { CURES } from './setup-cures.ts';

const WHERE = 'Settings > Users & Teams';

/** HubSpot shows teams with their users only. */
const APPROVERS = [
  {
    key: APPROVER_KEYS.users,
    namesOf: ({ email }: User) => email ?? [],
    none: 'no active user has the e-mail address',
    make: 'add the user',
  },
  {
    key: APPROVER_KEYS.teams,
    namesOf: ({ teams }: User) => teams,
    none: 'no active user is in a team called',
    make: 'put users into the team',
  },
] as const;

/** An approval of a user or team that is misspelt in the catalog never counts, and no reading of a deal shows it. */
export async function checkApprovers(
  connection: Connection,
  approvers: Approvers,
  signal?: AbortSignal,
): Promise<SetupCheck[]> {
  let users: readonly User[] | null = null;
  const checks: SetupCheck[] = [];
  for (const { key, namesOf, none, make } of APPROVERS) {
    const names = approvers[key] ?? [];
    if (names.length === 0) continue;
    const check = await attempt(`HubSpot approvers (${key})`, CURES, async () => {
      try {
        users ??= await listUsers(connection, signal);
      } catch (error) {
        if (!(error instanceof DealseatError && error.code === 'crm.forbidden')) throw error;
        return notTried(
          'not checked: the token may not read users (scope crm.objects.owners.read)',
          `Compare the names with ${WHERE} in HubSpot.`,
        );
      }
      const known = [...new Set(users.flatMap(namesOf))];
      const advice = `Correct \`approval.by.${key}\` in the catalog, or ${make} (${WHERE}).`;
      return judgeNames({ names, known, none, advice });
    });
    checks.push(check);
  }
  return checks;
}
