import { setTimeout as delay } from 'node:timers/promises';
import type { Crm } from '../clients/crm.ts';
import { formatImport, printOf, readImport } from '../clients/imported-codes.ts';
import type { Lms } from '../clients/lms.ts';
import { codesOfRoster, rowsOfCsv } from '../clients/roster-codes.ts';
import type { Catalog, Grants } from '../domain/deal/catalog.ts';
import type { DealRef } from '../domain/deal/deal.ts';
import { groupTokenOf, rosterTokenOf } from '../domain/deal/ids.ts';
import { type Ledger, NO_SEATS, readLedger, type Sealer } from '../domain/deal/ledger.ts';
import { escapeHtml } from '../domain/escape-html.ts';
import { DealseatError } from '../domain/failure.ts';
import type { CodeGroup } from '../domain/seats/code-group.ts';
import {
  type ImportedGroup,
  importFileBeginning,
  importFileName,
  importProblems,
  isImportFileOf,
} from '../domain/seats/code-import.ts';
import { countOf } from '../domain/words.ts';
import { readDownload } from './code-download.ts';

/** The codes were not taken: each line says what a person has to change. Holds no code. */
export class ImportRefused extends Error {
  constructor(lines: readonly string[]) {
    super(lines.join('\n'));
    this.name = 'ImportRefused';
  }
}

interface ImportDeps {
  readonly crm: Crm;
  readonly platform: Lms;
  readonly sealer: Sealer;
  /** Null: it cannot be read, so the length of codes is not known. */
  readonly catalog: Catalog | null;
  readonly signal: AbortSignal;
}

interface Download {
  readonly deal: DealRef;
  /** Labels of the groups that the deal's run shows. */
  readonly labels: readonly string[];
  /** Label or id of the group, as a person typed it; null: the only one. */
  readonly wanted: string | null;
  readonly csv: Uint8Array;
}

export interface Imported {
  readonly label: string;
  readonly codeCount: number;
  readonly fileName: string;
}

/** Checks an admin's download against its group, and puts it on the deal for the run. */
export async function importCodes(deps: ImportDeps, download: Download): Promise<Imported> {
  const { crm, platform, sealer, signal } = deps;
  const { deal, csv } = download;
  const { ledger: text } = await crm.readRecord(deal.dealId, signal);
  const read = readLedger(text, deal, sealer);
  const ledger = read !== null && read !== 'unreadable' && read.isSealed ? read.ledger : NO_SEATS;
  const groups = await readGroups(platform, tokensOf(download.labels, ledger), signal);
  const group = chooseGroup(groups, download.wanted);
  await requireUnlisted(platform, group, signal);
  const bound = boundTo(platform, group);
  const found = readDownload(csv);
  if ('problem' in found) throw new ImportRefused([found.problem]);
  const { codes: rows } = found;
  const others = await codesOfOthers(
    deps,
    deal,
    groups.filter(({ id }) => id !== group.id),
  );
  const codeLength = lengthIn(deps.catalog, group);
  const problems = importProblems(rows, { seatCount: group.seatCount, codeLength, others });
  if (problems.length > 0) throw new ImportRefused(problems);
  const codes = rows.map(({ code }) => code);
  const before = await readImport({ crm, sealer }, { dealId: deal.dealId, ...bound }, signal);
  const isOther = before !== null && isHandedOut(ledger, bound.token) && !isSameSet(before, codes);
  const given = new Set(codes);
  // The file of the first import may be gone.
  if (isOther || !(await codesInRoster(deps, { deal, ledger, bound })).every((code) => given.has(code))) {
    throw new ImportRefused([
      `other codes were imported for ${group.label} before, and people have them: ask the vendor which ones are valid before anything is changed`,
    ]);
  }
  const print = printOf(codes, sealer);
  await requireNowhereElse(crm, bound, print, signal);
  const fileName = importFileName(bound, print);
  if (before === null || !isSameSet(before, codes)) {
    // Never two of one group; without one the run asks again.
    await removeImports(crm, deal, bound, signal);
    await crm.attachRoster(
      {
        dealId: deal.dealId,
        fileName,
        csv: formatImport(bound, codes, sealer),
        noteHtml: noteOf(group.label, codes.length),
      },
      signal,
    );
    await untilShown(deps, { dealId: deal.dealId, ...bound });
  }
  return { label: group.label, codeCount: codes.length, fileName };
}

/** A CRM's search may show a new file late, and a run that is sent on earlier would ask for it again. */
const SHOWN_WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 1_000;

async function untilShown(
  { crm, sealer, signal }: ImportDeps,
  group: ImportedGroup & { readonly dealId: string },
): Promise<void> {
  const until = performance.now() + SHOWN_WITHIN_MS;
  while ((await readImport({ crm, sealer }, group, signal)) === null) {
    if (performance.now() > until) {
      throw new ImportRefused([
        'the file is on the deal, but the CRM does not show it yet: run `dealseat retry` in some minutes',
      ]);
    }
    await delay(LOOK_EVERY_MS, undefined, { signal });
  }
}

/** The same download may be taken for two groups by mistake, also of two customers. */
async function requireNowhereElse(
  crm: Crm,
  bound: ImportedGroup,
  print: string,
  signal: AbortSignal,
): Promise<void> {
  const files = await crm.findFileNames(importFileBeginning(print), signal);
  const other = files.find((fileName) => !isImportFileOf(bound, fileName));
  if (other === undefined) return;
  throw new ImportRefused([
    `these codes were imported for another group (file ${other} in the CRM): download those of this group`,
  ]);
}

async function removeImports(
  crm: Crm,
  { dealId }: DealRef,
  bound: ImportedGroup,
  signal: AbortSignal,
): Promise<void> {
  for (const { fileName } of await crm.readRosters(dealId, bound.token, signal)) {
    if (isImportFileOf(bound, fileName)) await crm.removeRoster({ dealId, fileName }, signal);
  }
}

function noteOf(label: string, count: number): string {
  return `<p><strong>Dealseat: ${countOf(count, 'code')} imported for ${escapeHtml(label)}.</strong></p><p>Dealseat reads the codes of this group from the attached file, because the learning platform does not list them. Keep the file and do not pass it on: the roster is what customers get.</p>`;
}

/** Of the run's groups, and of those that the deal was given before. */
function tokensOf(labels: readonly string[], { groups }: Ledger): string[] {
  return [...new Set([...labels.map(groupTokenOf), ...groups.map(({ token }) => token)])];
}

type TokenGroup = CodeGroup & { readonly token: string };

async function readGroups(
  platform: Lms,
  tokens: readonly string[],
  signal: AbortSignal,
): Promise<readonly TokenGroup[]> {
  const groups: TokenGroup[] = [];
  for (const token of tokens) {
    for (const group of await platform.findGroupsByToken(token, signal)) groups.push({ ...group, token });
  }
  return groups;
}

function chooseGroup(groups: readonly TokenGroup[], wanted: string | null): TokenGroup {
  const fitting = groups.filter(
    ({ id, label, token }) => wanted === null || [id, label, token].includes(wanted),
  );
  const [only, ...more] = fitting;
  if (only !== undefined && more.length === 0) return only;
  if (groups.length === 0) {
    throw new ImportRefused([
      'the deal has no code group yet: start it with `dealseat provision` and import when its run asks for the codes',
    ]);
  }
  const known = groups.map(({ id, label }) => (wanted === null ? label : `${label} (${id})`));
  throw new ImportRefused([
    `${wanted === null ? 'the deal has several code groups' : 'that names no group, or several groups, of the deal'}: add --group with one of ${known.join(', ')}`,
  ]);
}

/** Where the platform lists the codes itself, that list is the truth. */
async function requireUnlisted(platform: Lms, { id, label }: TokenGroup, signal: AbortSignal): Promise<void> {
  try {
    await platform.lookAtCodes(id, signal);
  } catch (error) {
    if (error instanceof DealseatError && error.code === 'lms.codes_path_missing') return;
    throw error;
  }
  throw new ImportRefused([
    `${platform.displayName} lists the codes of ${label} itself, so there is nothing to import: use \`dealseat retry\``,
  ]);
}

function boundTo({ name: platform }: Lms, { token, id: groupId }: TokenGroup): ImportedGroup {
  return { token, platform, groupId };
}

async function codesOfOthers(
  { crm, platform, sealer, signal }: ImportDeps,
  { dealId }: DealRef,
  groups: readonly TokenGroup[],
): Promise<ReadonlyMap<string, string>> {
  const others = new Map<string, string>();
  for (const group of groups) {
    const codes = await readImport({ crm, sealer }, { dealId, ...boundTo(platform, group) }, signal);
    for (const code of codes ?? []) others.set(code, group.label);
  }
  return others;
}

/** The platform does not show the length, so the products that grant what the group grants say it, if they agree. */
function lengthIn(catalog: Catalog | null, group: CodeGroup): number | null {
  const lengths = new Set(
    (catalog?.products ?? []).flatMap((product) =>
      !product.ignore && isSameGrants(product.grants, group.grants) ? product.codeLength : [],
    ),
  );
  const [length] = lengths;
  return lengths.size === 1 ? (length ?? null) : null;
}

function isSameGrants(a: Grants, b: Grants): boolean {
  return (['courses', 'learningPaths', 'bundles', 'licenses'] as const).every(
    (kind) => idsOf(a[kind]) === idsOf(b[kind]),
  );
}

function idsOf(ids: readonly string[]): string {
  return [...new Set(ids.map((id) => id.toLowerCase()))].sort().join(' ');
}

function isHandedOut({ groups }: Ledger, token: string): boolean {
  return groups.some((group) => group.token === token);
}

/** What the roster of a delivered deal has of the group. */
async function codesInRoster(
  { crm, signal }: ImportDeps,
  { deal, ledger, bound }: { readonly deal: DealRef; readonly ledger: Ledger; readonly bound: ImportedGroup },
): Promise<string[]> {
  if (ledger.roster === null || !isHandedOut(ledger, bound.token)) return [];
  const rosters = await crm.readRosters(deal.dealId, rosterTokenOf(ledger.roster.file), signal);
  return rosters.flatMap(({ csv }) => {
    const [head = [], ...rows] = rowsOfCsv(csv) ?? [];
    const label = head.indexOf('group_label');
    const codes = codesOfRoster(csv) ?? [];
    return codes.filter((_, index) => groupTokenOf(rows[index]?.[label] ?? '') === bound.token);
  });
}

function isSameSet(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && new Set([...a, ...b]).size === a.length;
}
