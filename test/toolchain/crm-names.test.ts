import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { CRMS } from '../../src/processes/crms.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const PRODUCT = ['src', 'workflows', 'activities', 'webhooks'];
const NAMES = CRMS.map(({ name }) => name);

/** A CRM's own folders, and the list of stand-ins, which the product must not load. */
const OWN = [
  ...NAMES.flatMap((name) => [`src/clients/${name}/`, `webhooks/${name}/`]),
  'src/commands/sandbox/stand-ins.ts',
];

/** The name as a value, as a key, or as a property; in a path or a text for people it decides nothing. */
const ANY = `(?:${NAMES.join('|')})`;
const BRANCHES = new RegExp(`(['"\`])${ANY}\\1|(?:^|[\\s{,])${ANY}\\??:\\s|\\.${ANY}\\b(?!\\.com)`);

test.each([
  "deal.crm === 'hubspot' ? a : b",
  'case "salesforce":',
  "const NAMES: Record<CrmName, string> = { hubspot: 'HubSpot' };",
  'config.salesforce?.orgId',
])('%s decides by the name of a CRM', (line) => expect(line).toMatch(BRANCHES));

test('nothing outside a CRM’s own folder decides by its name', async () => {
  const found: string[] = [];
  for (const room of PRODUCT) {
    for (const entry of await readdir(join(ROOT, room), { recursive: true, withFileTypes: true })) {
      const file = join(entry.parentPath, entry.name).slice(ROOT.length + 1);
      if (!entry.isFile() || !file.endsWith('.ts') || OWN.some((own) => file.startsWith(own))) continue;
      const lines = (await readFile(join(ROOT, file), 'utf8')).split('\n');
      for (const [index, line] of lines.entries()) {
        const isProse = /^\s*(\/\/|\/?\*)/.test(line) || /^import |^} from /.test(line);
        if (!isProse && BRANCHES.test(line)) found.push(`${file}:${index + 1}: ${line.trim()}`);
      }
    }
  }
  expect(found).toEqual([]);
});
