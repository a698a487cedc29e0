import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sandboxEnvironment } from '../../../sandbox/environment.ts';
import { startSandbox } from '../../../sandbox/index.ts';
import type { DoctorCheck } from '../../../src/commands/doctor/check.ts';
import { examine } from '../../../src/commands/doctor/checks.ts';
import { headOf, lineOf, summaryOf } from '../../../src/commands/doctor/show.ts';
import { lookOf } from '../../../src/commands/terminal/look.ts';
import { EXAMPLE_YAML } from '../../../test/unit/example-deals.ts';
import { entry, type TextEntry } from './entry.ts';

const LOOK = lookOf({});

/** Names and ids that none of the systems has. */
const CATALOG = EXAMPLE_YAML.replace(
  '8f2a1c34-5b6d-4e7f-9a01-2b3c4d5e6f70',
  '00000000-0000-4000-8000-000000000000',
)
  .replaceAll('hubspotLabel: Buyer', 'hubspotLabel: Purchaser')
  .replaceAll('salesforceRole: Economic Buyer', 'salesforceRole: Purchaser')
  .replace('emailId: 1234567', 'emailId: 7654321')
  .replace('codeLength: 12', 'codeLength: 6')
  .replace('company: Acme Corp', 'hubspotCompanyId: "5999"')
  .replace(
    'aboveSeats: 1000',
    'aboveSeats: 1000, by: { hubspotUsers: [sam.obs@vendor.example], salesforceRoles: [Finance] }',
  );

/** What `doctor` finds in a new set-up: no properties yet, a catalog with wrong names, and no Temporal server. */
export async function doctorRun(): Promise<TextEntry> {
  const folder = await mkdtemp(join(tmpdir(), 'dealseat-texts-'));
  const file = join(folder, 'catalog.yaml');
  await writeFile(file, CATALOG);
  const sandbox = await startSandbox({ hubspot: { withDealseatProperties: false } });
  try {
    const env = {
      ...sandboxEnvironment(sandbox),
      DEALSEAT_CATALOG: file,
      // Nothing listens there.
      TEMPORAL_ADDRESS: '127.0.0.1:1',
      DATABASE_URL: 'postgres://dealseat@127.0.0.1:1/dealseat',
    };
    const checks: DoctorCheck[] = [];
    const options = { fix: false, testAlert: false, deal: null, signal: new AbortController().signal };
    for await (const check of examine({ env }, options)) {
      if (check.state !== 'ok') checks.push({ ...check, tookMs: 0 });
    }
    return entry('A new set-up with faults', withoutPlaces(shown(checks), folder));
  } finally {
    await sandbox.close();
    await rm(folder, { recursive: true });
  }
}

function shown(checks: readonly DoctorCheck[]): string {
  const lines = checks.map((check, index) => {
    const isNewGroup = checks[index - 1]?.group !== check.group;
    const head = isNewGroup ? `${index === 0 ? '' : '\n'}${headOf(check.group, LOOK).plain}` : '';
    return head + lineOf(check, LOOK).plain;
  });
  return `${lines.join('')}\n${summaryOf(checks)}`;
}

/** Ports and folders differ from run to run. */
function withoutPlaces(text: string, folder: string): string {
  return text.replaceAll(`${folder}/`, '').replaceAll(/http:\/\/127\.0\.0\.1:\d+/g, 'https://acme.example');
}
