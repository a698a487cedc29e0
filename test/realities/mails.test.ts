import { describe, expect, test } from '@jest/globals';
import { parseCatalog } from '../../src/config/load-catalog.ts';
import type { Catalog } from '../../src/domain/deal/catalog.ts';
import { oneOfEachProduct } from '../../src/domain/seats/reader-seats.ts';
import { composeMail, factsOf } from '../../src/mail/compose.ts';
import { deal, EXAMPLE, EXAMPLE_YAML, line, mailingBy, planOf } from '../unit/example-deals.ts';

/** The mail of the deal's first message, as plain text on one line. */
function mailOf(
  plan: ReturnType<typeof planOf>,
  catalog: Catalog = EXAMPLE,
  language: string | null = null,
): string {
  const [message = { audience: 'buyer' as const }] = plan.messages;
  const seats =
    message.audience === 'learner'
      ? oneOfEachProduct(plan.groups)
      : plan.groups.map((group) => ({ group, seatCount: group.seatCount }));
  const recipient = { firstName: 'Dana', lastName: 'Reyes', language };
  const facts = factsOf(plan, message, { recipient, seats, rosterFile: plan.rosterFileName });
  const { subject, text } = composeMail(catalog.handOver.mail, { ...facts, links: seats.length });
  return `${subject} ${text}`.replace(/\s+/g, ' ');
}

const withPartner = (extra: string) =>
  parseCatalog(EXAMPLE_YAML.replace('    label: acme', `    label: acme\n    ${extra}`), {
    learnerUrl: 'https://learn.vendor.example',
  });

describe('What buyers and learners read', () => {
  const internal = deal({ name: 'Q4 upsell - discount 40 %' });

  test('the deal has a name for internal use -> neither a mail nor the file name of the roster has it', () => {
    const plan = planOf(internal);
    expect(`${mailOf(plan)} ${plan.rosterFileName}`).not.toMatch(/q4|upsell|discount/i);
    expect(plan.rosterFileName).toMatch(/^roster-acme-corp-d/);
  });

  test('the customer wants to be called by another name than that of the company record -> mails and file name have the displayName of the catalog', () => {
    const catalog = withPartner('displayName: "Größe & Søn Akademie"');
    const plan = planOf(internal, catalog);
    expect(mailOf(plan, catalog)).toMatch(/^Größe & Søn Akademie: your/);
    expect(plan.rosterFileName).toMatch(/^roster-grosse-son-akademie-d/);
  });

  test('a deal has no company -> the mail names no customer, and the file has the id of the deal', () => {
    const plan = planOf({ ...internal, company: null });
    expect(mailOf(plan)).toMatch(/^Your \d+ learning seats? (is|are) ready/);
    expect(plan.rosterFileName).toMatch(/^roster-9001-d/);
  });

  test('the contact reads German in HubSpot -> text and dates of the mail are German', () => {
    expect(mailOf(planOf(internal), EXAMPLE, 'de')).toMatch(
      /Hallo Dana, vielen Dank .* bitte bis \d+\. [A-ZÄÖÜ][a-zäöü]+ \d{4} einlösen/,
    );
  });

  test('the contact reads a language that has no text -> the mail has the language of the catalog', () => {
    const catalog = parseCatalog(EXAMPLE_YAML.replace('handOver:', 'handOver:\n  mail: { language: de }'), {
      learnerUrl: 'https://learn.vendor.example',
    });
    expect(mailOf(planOf(internal, catalog), catalog, 'pl')).toContain('Hallo Dana,');
  });

  test('a learner is written to -> the mail is about the own seat and says nothing of the order', () => {
    const catalog = mailingBy({}, 'learners');
    const learner = {
      ...internal.contacts[0],
      id: '6002',
      email: 'lee@acme.example',
      firstName: 'Lee',
      lastName: null,
    };
    const contacts = [
      ...internal.contacts,
      { ...learner, roles: ['Learner'], isPrimary: false, formerIds: [] },
    ];
    const mail = mailOf(planOf({ ...internal, contacts }, catalog), catalog);
    expect(mail).toMatch(/^Leadership Essentials: your learning seat is ready/);
    expect(mail).not.toMatch(/order|roster|25/);
  });

  test('the buyer gets links because HubSpot sends no file -> the mail speaks of links and not of a roster', () => {
    expect(mailOf(planOf(internal))).not.toContain('roster');
  });

  test('a product is sold on several lines -> the mail has one line for it, and the sum', () => {
    const plan = planOf({ ...internal, lineItems: [line('LEAD-101', 3), line('LEAD-101', 4, { id: '2' })] });
    expect(mailOf(plan)).toMatch(/your 7 learning seats are ready.*- Leadership Essentials: 7 seats/);
  });
});
