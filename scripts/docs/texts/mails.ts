import { toMailPolicy } from '../../../src/config/mail-catalog.ts';
import { MAIL_KINDS, type MailKind } from '../../../src/domain/deal/mail-policy.ts';
import { composeMail, type MailFacts } from '../../../src/mail/compose.ts';
import { plannedGroup } from '../../../test/unit/example-deals.ts';
import type { TextEntry, TextSection } from './entry.ts';

const POLICY = toMailPolicy(
  {
    sender: 'Vendor Academy',
    help: { name: 'Kim Vale', email: 'help@vendor.example', phone: '+1 555 0100' },
  },
  [],
);

const LEADERSHIP = plannedGroup({ title: 'Leadership Essentials', codesExpireOn: '2027-11-20' });
const TRACK = plannedGroup({
  title: 'Manager Track',
  productKey: 'sku:track-mgr',
  accessDays: null,
  accessEndsOn: '2027-12-31',
  codesExpireOn: null,
});

const LANGUAGES = [
  ['en', 'English'],
  ['de', 'German'],
] as const;

const TITLES: Readonly<Record<MailKind, string>> = {
  buyerFile: 'To a buyer, with the roster as a file',
  buyerLinks: 'To a buyer, with links',
  learner: 'To a learner',
  nudge: 'To a buyer whose seats are not in use yet',
};

interface Case {
  readonly name: string;
  readonly kinds: readonly MailKind[];
  readonly facts: Partial<MailFacts>;
}

const ONE = [{ group: LEADERSHIP, seatCount: 1 }];
const MANY = [
  { group: LEADERSHIP, seatCount: 1_200 },
  { group: TRACK, seatCount: 5 },
];

const CASES: readonly Case[] = [
  {
    name: 'most are unused',
    kinds: ['nudge'],
    facts: { seats: MANY.map((each) => ({ ...each, usedCount: 4 })) },
  },
  {
    name: 'the codes went to learners',
    kinds: ['nudge'],
    facts: {
      seats: MANY.map((each) => ({ ...each, usedCount: 4 })),
      delivery: { day: '2026-11-20', toLearners: true },
    },
  },
  { name: 'one seat', kinds: MAIL_KINDS, facts: { seats: ONE, links: 1 } },
  { name: 'two products', kinds: ['buyerFile', 'buyerLinks'], facts: { seats: MANY, links: 1_205 } },
  {
    name: 'two products',
    kinds: ['learner'],
    facts: { seats: MANY.map((each) => ({ ...each, seatCount: 1 })), links: 2 },
  },
  { name: 'seats were added', kinds: ['buyerFile'], facts: { seats: MANY, newSeats: 5 } },
  { name: 'a workbook beside the roster', kinds: ['buyerFile'], facts: { seats: MANY, hasWorkbook: true } },
  { name: 'the links do not fit', kinds: ['buyerLinks'], facts: { seats: MANY, links: 0 } },
  {
    name: 'neither the reader nor the company has a name',
    kinds: MAIL_KINDS,
    facts: { seats: ONE, links: 1, companyName: null, recipient: { firstName: null, lastName: null } },
  },
];

function mail(
  kind: MailKind,
  { name, facts }: Case,
  [language, shown]: (typeof LANGUAGES)[number],
): TextEntry {
  const recipient = { firstName: 'Dana', lastName: 'Reyes', ...facts.recipient, language };
  const { subject, text } = composeMail(POLICY, {
    kind,
    dealName: 'Acme leadership rollout',
    companyName: 'Acme Corp',
    seats: [],
    newSeats: 0,
    links: 0,
    rosterFile: 'roster-acme-corp-d91e50eb943ffdf5.csv',
    delivery: { day: '2026-11-20', toLearners: false },
    ...facts,
    recipient,
  });
  return { name: `${TITLES[kind]}: ${name} (${shown})`, covers: [`${kind}:${language}`], subject, text };
}

export const MAILS: TextSection = {
  title: 'Mails with seats',
  reader: 'customer',
  entries: MAIL_KINDS.flatMap((kind) =>
    CASES.filter(({ kinds }) => kinds.includes(kind)).flatMap((each) =>
      LANGUAGES.map((language) => mail(kind, each, language)),
    ),
  ),
};
