import type { Crm } from '../clients/crm.ts';
import { listCodes as listAll } from '../clients/imported-codes.ts';
import type { Lms } from '../clients/lms.ts';
import type { Deal } from '../domain/deal/deal.ts';
import type { Ledger, LedgerGroup, Sealer } from '../domain/deal/ledger.ts';
import { codeInLink } from '../domain/seats/redeem-link.ts';
import { countOf, numberOf } from '../domain/words.ts';
import { check, type ProofCheck } from './proof-check.ts';

export interface ListedCodes {
  readonly checks: readonly ProofCheck[];
  /** Of all groups. Secret: exists only in memory. */
  readonly codes: ReadonlySet<string>;
  /** How many of them the customer may not use any more. */
  readonly withdrawnCount: number;
}

interface PlatformOptions {
  readonly crm: Crm;
  readonly sealer: Sealer;
  readonly dealId: string;
  readonly platforms: Readonly<Record<string, Lms>>;
  readonly signal: AbortSignal;
}

/** Lists what the learning platforms have of the groups that the ledger names. */
export async function listCodes(
  options: PlatformOptions,
  { groups }: Ledger,
  labels: readonly string[],
): Promise<ListedCodes> {
  const checks: ProofCheck[] = [];
  const codes = new Set<string>();
  let listed = 0;
  for (const group of groups) {
    const found = await listGroup(options, group, labels);
    checks.push(found.check);
    listed += found.codes.length;
    for (const code of found.codes) codes.add(code);
  }
  const made = sumOf(groups, ({ issued }) => issued);
  checks.push(
    check(
      'listed codes = codes made for the deal',
      codes.size === made && listed === made,
      `${countOf(listed, 'code')} listed, ${numberOf(codes.size)} of them distinct; ${numberOf(made)} made`,
    ),
  );
  return { checks, codes, withdrawnCount: sumOf(groups, ({ issued, active }) => issued - active) };
}

async function listGroup(
  options: PlatformOptions,
  group: LedgerGroup,
  labels: readonly string[],
): Promise<{ readonly check: ProofCheck; readonly codes: readonly string[] }> {
  const name = `group ${labels.find((label) => label.endsWith(`-${group.token}`)) ?? group.token} exists once`;
  const { platforms, signal } = options;
  const lms = platforms[group.platform];
  if (lms === undefined) {
    return { check: check(name, false, `platform ${group.platform} is not set up here`), codes: [] };
  }
  const ids = (await lms.findGroupsByToken(group.token, signal)).map(({ id }) => id);
  const isTheOne = ids.length === 1 && ids[0] === group.group;
  const codes: string[] = [];
  for (const id of ids.slice(0, 1)) {
    const { token, platform } = group;
    const listed = { dealId: options.dealId, token, platform, groupId: id, label: group.token };
    codes.push(...(await listAll({ ...options, lms }, listed, signal)).map(({ code }) => code));
  }
  return { check: check(name, isTheOne, ids.join(', ') || 'none'), codes };
}

/** What the roster lacks must be with the learners of the deal, each code with one of them, or was withdrawn. */
export async function checkOtherCodes(
  { crm, deal, signal }: { readonly crm: Crm; readonly deal: Deal; readonly signal: AbortSignal },
  { groups }: Ledger,
  { codes, withdrawnCount, rosterCodes }: ListedCodes & { readonly rosterCodes: readonly string[] },
): Promise<ProofCheck> {
  const inRoster = new Set(rosterCodes);
  const others = [...codes].filter((code) => !inRoster.has(code));
  const holders = new Map<string, number>();
  if (others.length > 0) {
    const contactIds = deal.contacts.map(({ id }) => id);
    const { links } = await crm.readRedeemLinks(contactIds, signal);
    const templates = [...new Set(groups.map(({ redeemUrl }) => redeemUrl))];
    for (const code of [...links.values()].flatMap((field) => codesInField(field, templates))) {
      holders.set(code, (holders.get(code) ?? 0) + 1);
    }
  }
  const withOne = others.filter((code) => holders.get(code) === 1).length;
  return check(
    'every other code is with one learner, or withdrawn',
    withOne + withdrawnCount === others.length,
    `${countOf(others.length, 'code')} outside the roster: ${numberOf(withOne)} with one contact of the deal, ${numberOf(withdrawnCount)} withdrawn`,
  );
}

function codesInField(field: string, templates: readonly string[]): string[] {
  return field.split('\n').flatMap((line) => {
    const codes = templates.map((template) => codeInLink(template, line.trim()));
    return codes.find((code) => code !== null) ?? [];
  });
}

function sumOf<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((sum, item) => sum + value(item), 0);
}
