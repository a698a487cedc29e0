import { addDays } from '../domain/deal/calendar.ts';
import { type Catalog, type GrantingProduct, productKey } from '../domain/deal/catalog.ts';
import type { Deal } from '../domain/deal/deal.ts';
import { MAIL_KINDS } from '../domain/deal/mail-policy.ts';
import { escapeHtml } from '../domain/escape-html.ts';
import type { Plan, PlannedGroup, PlannedMessage } from '../domain/planning/plan.ts';
import { carriesLinks } from '../domain/seats/links-in-messages.ts';
import {
  leftForBuyer,
  mailKindOf,
  oneOfEachProduct,
  type ReaderSeats,
} from '../domain/seats/reader-seats.ts';
import { redeemLink } from '../domain/seats/redeem-link.ts';
import { type ComposedMail, composeMail, factsOf, type MailFacts } from '../mail/compose.ts';
import { writeRosterCsv } from '../roster/roster-csv.ts';
import { writeRosterWorkbook } from '../roster/roster-workbook.ts';

export interface PreviewFile {
  readonly name: string;
  readonly content: string | Buffer;
}

export interface MailPreview {
  /** Without its ending. */
  readonly name: string;
  readonly kind: string;
  readonly language: string;
  readonly contactId: string | null;
  readonly subject: string;
}

export interface PreviewedMails {
  readonly mails: readonly MailPreview[];
  readonly files: readonly PreviewFile[];
}

/** What a delivery by this plan would send, with codes that nobody can take for real ones. */
export async function previewPlan(plan: Plan, deal: Deal, catalog: Catalog): Promise<PreviewedMails> {
  const shown = plan.messages.map((message) => {
    const seats = seatsOf(plan, message);
    const count = seats.reduce((sum, { seatCount }) => sum + seatCount, 0);
    const links = carriesLinks(plan, message, count) ? sampleLinks(seats) : [];
    const contact = deal.contacts.find(({ id }) => id === message.contactId);
    const recipient = contact ?? { firstName: null, lastName: null };
    const facts = factsOf(plan, message, {
      recipient,
      seats,
      rosterFile: plan.rosterFileName,
      hasWorkbook: plan.hasWorkbook === true,
    });
    const mail = composeMail(catalog.handOver.mail, { ...facts, links: links.length });
    return { mail, kind: mailKindOf(plan, message), contactId: message.contactId, links };
  });
  return withRosters(shown, { ...plan, catalog });
}

/** Each kind in each language that has a text, for products of the catalog. */
export async function previewSample(catalog: Catalog, today: string): Promise<PreviewedMails> {
  const { mail: policy, workbook } = catalog.handOver;
  const hasWorkbook = workbook !== false;
  const groups = catalog.products
    .filter((product): product is GrantingProduct => !product.ignore)
    .slice(0, 2)
    .map((product) => sampleGroup(product, catalog, today));
  const shown = MAIL_KINDS.flatMap((kind) =>
    Object.keys(policy.templates[kind]).map((language) => {
      const seats = groups.map((group) => ({
        group,
        seatCount: kind === 'learner' ? 1 : 5,
        usedCount: 2,
      }));
      const links = kind === 'buyerFile' || kind === 'nudge' ? [] : sampleLinks(seats);
      const facts: MailFacts = {
        kind,
        dealName: 'Sample deal',
        companyName: 'Sample Company',
        recipient: { firstName: 'Sam', lastName: 'Sample', language },
        seats,
        newSeats: 0,
        links: links.length,
        rosterFile: 'roster-sample-company.csv',
        hasWorkbook,
        delivery: { day: today, toLearners: false },
      };
      return { mail: composeMail(policy, facts), kind, contactId: null, links };
    }),
  );
  return withRosters(shown, { groups, catalog, hasWorkbook });
}

type SampleGroup = Omit<PlannedGroup, 'existing'>;

function sampleGroup(product: GrantingProduct, catalog: Catalog, today: string): SampleGroup {
  const { access, codesExpireAfterDays } = product;
  return {
    token: productKey(product),
    platform: catalog.platform,
    label: 'sample-group',
    productKey: productKey(product),
    title: product.title,
    part: 1,
    seatCount: 5,
    codeLength: product.codeLength,
    client: null,
    codesExpireAt: null,
    codesExpireOn: codesExpireAfterDays === null ? null : addDays(today, codesExpireAfterDays),
    accessDays: access !== null && 'days' in access ? access.days : null,
    accessUntil: null,
    accessEndsOn: access !== null && 'until' in access ? access.until : null,
    grants: product.grants,
    redeemUrl: catalog.redeemUrl,
  };
}

function seatsOf(plan: Plan, { audience }: PlannedMessage): ReaderSeats[] {
  if (audience === 'learner') return oneOfEachProduct(plan.groups);
  return leftForBuyer(plan.groups, plan.audience === 'buyer' ? 0 : plan.learnerContactIds.length);
}

function sampleCode(number: number): string {
  return `SAMPLE-CODE-${String(number).padStart(4, '0')}`;
}

function sampleLinks(seats: readonly ReaderSeats[]): string[] {
  let number = 0;
  return seats.flatMap(({ group, seatCount }) =>
    Array.from({ length: seatCount }, () => {
      number += 1;
      return redeemLink(group.redeemUrl, sampleCode(number));
    }),
  );
}

/** Enough to see what a roster looks like. */
const ROSTER_ROWS = 20;

interface Shown {
  readonly mail: ComposedMail;
  readonly kind: string;
  readonly contactId: string | null;
  readonly links: readonly string[];
}

async function withRosters(
  shown: readonly Shown[],
  {
    groups,
    catalog,
    hasWorkbook = false,
  }: {
    readonly groups: readonly PlannedGroup[];
    readonly catalog: Catalog;
    readonly hasWorkbook?: boolean;
  },
): Promise<PreviewedMails> {
  const mails = shown.map(({ mail, kind, contactId }, index): MailPreview => {
    const name = [index + 1, kind, mail.language, contactId].filter((part) => part !== null).join('-');
    return { name, kind, language: mail.language, contactId, subject: mail.subject };
  });
  const files = shown.flatMap(({ mail, links }, index): PreviewFile[] => {
    const name = mails[index]?.name ?? '';
    return [
      { name: `${name}.html`, content: pageOf(mail, links) },
      {
        name: `${name}.txt`,
        content: [`Subject: ${mail.subject}`, mail.text, links.join('\n')].join('\n\n').trimEnd(),
      },
    ];
  });
  let number = 0;
  const seated = groups.map((group) => ({
    group,
    seats: Array.from({ length: Math.min(group.seatCount, ROSTER_ROWS) }, () => {
      number += 1;
      const code = sampleCode(number);
      return {
        code,
        template: group.redeemUrl,
        isRedeemed: false,
        holders: [],
        isWithdrawn: false,
        decided: null,
      };
    }),
  }));
  return {
    mails,
    files: [
      ...files,
      { name: 'roster.csv', content: (await writeRosterCsv(seated, catalog.handOver.csvSeparator)).csv },
      ...(hasWorkbook
        ? [
            {
              name: 'roster.xlsx',
              content: await writeRosterWorkbook(seated, catalog.handOver.mail.language),
            },
          ]
        : []),
    ],
  };
}

/** The links stand after the text; a tool with a template of its own puts them where that says. */
function pageOf({ subject, html, language }: ComposedMail, links: readonly string[]): string {
  const anchors = links.map((link) => `<a href="${escapeHtml(link)}">${escapeHtml(link)}</a>`);
  return [
    `<!doctype html><html lang="${escapeHtml(language)}"><head><meta charset="utf-8"><title>${escapeHtml(subject)}</title></head><body>`,
    html,
    ...(anchors.length === 0 ? [] : [`<p>${anchors.join('<br>')}</p>`]),
    '</body></html>\n',
  ].join('\n');
}
