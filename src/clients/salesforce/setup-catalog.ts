import type { NamedInCrm } from '../../domain/deal/catalog-names.ts';
import { isSameName } from '../../domain/names.ts';
import { attempt, fine, type NamesToCheck, notTried, type SetupCheck } from '../setup-check.ts';
import type { Connection } from './connection.ts';
import { describeObject } from './describe.ts';
import { checkApprovers } from './setup-approvers.ts';
import { CURES } from './setup-cures.ts';
import { checkCatalogMatches } from './setup-matches.ts';
import { readRecordTypeNames, readStageNames } from './spelled-terms.ts';

/** What the catalog names of the org: a stage or role that is misspelt matches nothing, silently. */
export async function checkNames(
  connection: Connection,
  { reading: { terms, seatFields }, named, signal }: NamesToCheck,
): Promise<SetupCheck[]> {
  const checks: SetupCheck[] = [];
  const find = async (what: string, names: readonly string[], known: () => Promise<string[]>) => {
    if (names.length === 0) return;
    checks.push(
      await attempt(`Salesforce ${what} that the catalog names`, CURES, async () => {
        const found = await known();
        const missing = names.filter((each) => !found.some((name) => isSameName(name, each)));
        if (missing.length === 0) return fine();
        const advice = `There is no ${missing.join(', no ')}: correct it in the catalog, or let the integration user see it.`;
        return { state: 'missing', advice };
      }),
    );
  };
  await find('stages', [...terms.wonStages, ...terms.afterWon], () => readStageNames(connection, signal));
  await find('record types', terms.kinds, () => readRecordTypeNames(connection, signal));
  await find('fields of Opportunity', seatFields, async () => {
    const { fields } = await describeObject(connection, 'Opportunity', signal);
    return fields.map(({ name }) => name);
  });
  checks.push(...(await checkRoles(connection, named?.roles ?? [], signal)));
  if (named !== undefined) {
    checks.push(...(await checkApprovers(connection, named.approvers, signal)));
    checks.push(...(await checkCatalogMatches(connection, named, signal)));
  }
  if (named?.tool.via === 'emailSimple') checks.push(SENDER);
  return checks.map((check) => ({ ...check, isOfCatalog: true }));
}

/** Salesforce takes every mail and drops those of senders that it does not trust; no API shows which. */
const SENDER: SetupCheck = {
  name: 'Salesforce sender of e-mails',
  state: 'skipped',
  found: 'not checked: no API shows whether Salesforce delivers mail of the integration user',
  advice: 'Verify its e-mail domain (Setup > DKIM Keys), and send yourself one.',
};

async function checkRoles(
  connection: Connection,
  roles: NamedInCrm['roles'],
  signal?: AbortSignal,
): Promise<SetupCheck[]> {
  const checks: SetupCheck[] = [];
  let offered: readonly string[] | null = null;
  for (const { key, name: role } of roles) {
    const check = await attempt(`Salesforce contact role "${role}" (${key})`, CURES, async () => {
      offered ??= await readRoles(connection, signal);
      if (offered.length === 0) return notTried('not checked: the org shows no contact roles');
      if (offered.some((name) => isSameName(name, role))) return fine();
      return {
        state: 'failed',
        found: `contact roles are ${offered.join(', ')}`,
        advice: `Add "${role}" (Setup > Contact Roles on Opportunities), or correct \`salesforceRole\` in the catalog.`,
      };
    });
    checks.push(check);
  }
  return checks;
}

async function readRoles(connection: Connection, signal?: AbortSignal): Promise<string[]> {
  const { fields } = await describeObject(connection, 'OpportunityContactRole', signal);
  const role = fields.find(({ name }) => isSameName(name, 'Role'));
  return (role?.picklistValues ?? []).flatMap(({ value, active }) =>
    active !== false && value ? value : [],
  );
}
