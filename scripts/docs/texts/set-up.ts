import { CURES as OF_HUBSPOT } from '../../../src/clients/hubspot/setup-cures.ts';
import { CURES as OF_SALESFORCE } from '../../../src/clients/salesforce/setup-cures.ts';
import { cureOf, foundIn, type SetupCures } from '../../../src/clients/setup-check.ts';
import { CURES as OF_PLATFORM } from '../../../src/clients/thought-industries/setup-tenant.ts';
import { ofSetup, type Tried } from '../../../src/commands/doctor/check.ts';
import { secretKeysCheck } from '../../../src/commands/doctor/secret-keys.ts';
import { headOf, lineOf } from '../../../src/commands/doctor/show.ts';
import { checkStore } from '../../../src/commands/doctor/store.ts';
import { explainError } from '../../../src/commands/terminal/explain-error.ts';
import { lookOf } from '../../../src/commands/terminal/look.ts';
import { noWorker } from '../../../src/commands/terminal/run-session.ts';
import { unreachable } from '../../../src/commands/terminal/temporal-answers.ts';
import { parseCatalog } from '../../../src/config/load-catalog.ts';
import { DealseatError, FAILURES, type FailureCode } from '../../../src/domain/failure.ts';
import { importProblems } from '../../../src/domain/seats/code-import.ts';
import { noRun } from '../../../src/runs/report.ts';
import { EXAMPLE_YAML } from '../../../test/unit/example-deals.ts';
import { doctorRun } from './doctor-run.ts';
import { entry, type TextEntry, type TextSection } from './entry.ts';
import { EXAMPLES } from './problems.ts';
import { printed } from './terminal.ts';

const LOOK = lookOf({});

function lines(group: string, tried: readonly Tried[]): string {
  const shown = tried.map((each) => lineOf({ ...each, group, tookMs: 0 }, LOOK).plain);
  return headOf(group, LOOK).plain + shown.join('');
}

/** What a remote system may answer while it is set up, with the cure for each answer. */
function cures(group: string, area: 'crm' | 'lms', table: SetupCures): TextEntry {
  const codes = (Object.keys(FAILURES) as FailureCode[]).filter(
    (code) => code.startsWith(`${area}.`) && (table[code] !== undefined || code === `${area}.not_found`),
  );
  const tried = codes.map((code) => {
    const message = code.endsWith('.forbidden')
      ? `${group}: this call answered 403.`
      : EXAMPLES[code].message.replace(/^(HubSpot|Salesforce):/, `${group}:`);
    const error = new DealseatError({ code, message });
    return ofSetup({ name: code, state: 'failed', found: foundIn(error), advice: cureOf(error, table) });
  });
  return entry(`A check of ${group} fails`, lines(group, tried), codes);
}

async function doctor(): Promise<TextSection> {
  const keys = await secretKeysCheck({ secretKeys: null }, '/opt/dealseat/.dealseat');
  const seats: Tried[] = [];
  for await (const check of checkStore({ databaseUrl: null, seatsFolder: '/opt/dealseat/.dealseat/seats' }))
    seats.push(check);
  return {
    title: 'Checks of `doctor`',
    reader: 'operator',
    entries: [
      await doctorRun(),
      cures('Thought Industries', 'lms', OF_PLATFORM),
      cures('HubSpot', 'crm', OF_HUBSPOT),
      cures('Salesforce', 'crm', OF_SALESFORCE),
      entry('The secret keys are not set', lines('Configuration', [keys])),
      entry('No PostgreSQL is set', lines('Seats', seats)),
    ],
  };
}

const CATALOG_FAULTS = EXAMPLE_YAML.replace('codeLength:', 'codeLenght:').replace(
  /^ {2}to: .*$/m,
  '  to: someone',
);

const DOWNLOADED = [
  '',
  '1.23E+11',
  'A BAD CODE !',
  'SHORT',
  'ABCDEFGHJKMP',
  'ABCDEFGHJKMP',
  'ABCDEFGHJKMN',
].map((code, index) => ({ line: index + 2, code }));

function explained(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return `dealseat: ${explainError(error, { withStack: false }).message}`;
  }
  throw new Error('expected an error');
}

const HUBSPOT = {
  HUBSPOT_ACCESS_TOKEN: 'pat-na1-made-up',
  HUBSPOT_PORTAL_ID: '62515',
  HUBSPOT_CLIENT_SECRET: 'a-made-up-client-secret',
};

async function mistakes(): Promise<TextSection> {
  const call = async (
    name: string,
    argv: readonly string[],
    env: Readonly<Record<string, string>> = HUBSPOT,
  ) => entry(`${name}: ${argv.join(' ')}`, await printed(argv, env));
  return {
    title: 'Errors of the configuration, the catalog and the command line',
    reader: 'operator',
    entries: [
      await call('Variables with faults, a missing one and a misspelt one', ['list'], {
        HUBSPOT_ACESS_TOKEN: 'pat-na1-made-up',
        HUBSPOT_PORTAL_ID: 'acme',
        WEBHOOK_PORT: 'http',
        DEALSEAT_POLICY_POLL_INTERVAL: '5',
      }),
      entry(
        'A catalog with faults, one of them a misspelt key',
        explained(() => parseCatalog(CATALOG_FAULTS, { learnerUrl: 'https://learn.vendor.example' })),
      ),
      await call('The catalog cannot be read', ['catalog', 'check', 'nowhere.yaml']),
      await call('An unknown command', ['statsu']),
      await call('An option that does not exist', ['list', '--statsu', 'Delivered']),
      await call('No deal', ['status']),
      await call('Not a deal', ['status', 'nonsense']),
      await call('An unknown CRM', ['status', 'sugar', '9001']),
      await call('Not the id of a deal', ['status', 'hubspot', '90x1']),
      await call('A CRM that is off', ['verify', 'salesforce', '0065Y00001Suvw6']),
      await call('No reason', ['cancel', 'hubspot', '9001']),
      await call('No question', ['retry', 'hubspot', '9001', '--resend']),
      entry(
        'Temporal cannot be reached',
        explained(() => {
          throw unreachable({ connectionOptions: { address: '127.0.0.1:7233' }, namespace: 'default' }, null);
        }),
      ),
      entry(
        'No worker runs',
        explained(() => {
          throw noWorker({ taskQueue: 'dealseat' }, undefined);
        }),
      ),
      entry(
        'Codes that cannot be imported',
        importProblems(DOWNLOADED, {
          seatCount: 1_200,
          codeLength: 12,
          others: new Map([['ABCDEFGHJKMN', 'acme-2']]),
        }).join('\n'),
      ),
      entry(
        'No such run',
        explained(() => {
          throw noRun('provision:hubspot:62515:9001');
        }),
      ),
    ],
  };
}

export async function setUp(): Promise<readonly TextSection[]> {
  return [await doctor(), await mistakes()];
}
