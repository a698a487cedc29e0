import { createHash } from 'node:crypto';
import type { Crm } from '../clients/crm.ts';
import type { Lms } from '../clients/lms.ts';
import { codesOfRoster } from '../clients/roster-codes.ts';
import type { Deal } from '../domain/deal/deal.ts';
import { rosterToken } from '../domain/deal/ids.ts';
import { codeInLink } from '../domain/seats/redeem-link.ts';
import { type Claim, claimOf, type Receipt, receiptIn } from './delivery-record.ts';

/** One thing that was compared. Holds no code. */
export interface ProofCheck {
  readonly name: string;
  readonly isProven: boolean;
  readonly found: string;
}

export interface Proof {
  /** Status that the deal carries; null when no run ever wrote one. */
  readonly status: string | null;
  /** Empty while nothing was delivered. */
  readonly checks: readonly ProofCheck[];
}

interface ProofOptions {
  readonly crm: Crm;
  readonly lms: Lms;
  readonly dealId: string;
  /** Every template that redeem links of this tenant may be made from. */
  readonly linkTemplates: readonly string[];
  readonly signal: AbortSignal;
}

/**
 * Compares what the learning platform has with what the CRM has, by reading both anew: nothing of it rests on what
 * a run remembers, so it also holds after Temporal has forgotten the run.
 */
export async function proveHandOver(options: ProofOptions): Promise<Proof> {
  const { crm, dealId, signal } = options;
  const deal = await crm.readDeal(dealId, signal);
  const status = deal.mark?.status ?? null;
  const claim = deal.mark && claimOf(deal.mark);
  if (claim === null) return { status, checks: [] };
  if (claim === 'unreadable') {
    return {
      status,
      checks: [check('the ledger of the deal can be read', false, 'a text that is no ledger')],
    };
  }
  const found = await findCodes(options, claim);
  const record = await crm.readHandOver(deal.dealId, rosterToken(deal, sha256), signal);
  const [roster, ...others] = record.rosters;
  const readable = roster ? codesOfRoster(roster.csv) : [];
  const rosterCodes = readable ?? [];
  const receipts = [claim.roster, receiptIn(record.detail)].filter((receipt) => receipt !== null);
  const isFileExpected = !claim.hasLedger || claim.roster !== null;
  return {
    status,
    checks: [
      ...found.checks,
      check(
        'seats of the groups = seats on the deal',
        found.codes.size - found.withdrawn === claim.seatCount,
        `${found.codes.size - found.withdrawn} codes may be used; the deal has ${claim.seatCount} seats`,
      ),
      check(
        isFileExpected ? 'one roster file on the deal' : 'no roster file on the deal',
        record.rosters.length === (isFileExpected ? 1 : 0) && others.length === 0,
        record.rosters.map(({ fileName }) => fileName).join(', ') || 'none',
      ),
      ...(readable ? [] : [check('the roster file can be read', false, 'a text that is no list of codes')]),
      ...(isFileExpected
        ? checkFile(receipts, { sha256: digest(roster?.csv), rows: rosterCodes.length })
        : []),
      checkRosterCodes(rosterCodes, found.codes),
      await checkOtherCodes(options, deal, { codes: found.codes, rosterCodes, withdrawn: found.withdrawn }),
    ],
  };
}

interface FoundCodes {
  readonly checks: readonly ProofCheck[];
  /** Of all groups. */
  readonly codes: ReadonlySet<string>;
  /** How many of them the customer may not use any more. */
  readonly withdrawn: number;
}

async function findCodes({ lms, signal }: ProofOptions, claim: Claim): Promise<FoundCodes> {
  const checks: ProofCheck[] = [];
  const codes = new Set<string>();
  let listed = 0;
  for (const group of claim.groups) {
    const groups = await lms.findGroupsByToken(group.token, signal);
    const ids = groups.map(({ id }) => id);
    const isTheOne = ids.length === 1 && ids[0] === group.id;
    checks.push(check(`group ${group.name} exists once`, isTheOne, ids.join(', ') || 'none'));
    for (const id of ids.slice(0, 1)) {
      for await (const page of lms.listCodes(id, signal)) {
        listed += page.length;
        for (const { code } of page) codes.add(code);
      }
    }
  }
  if (claim.groups.length === 0) checks.push(check('the deal names its groups', false, 'none'));
  const made = claim.hasLedger ? sumOf(claim.groups, ({ issued }) => issued ?? 0) : claim.seatCount;
  checks.push(
    check(
      'listed codes = codes made for the deal',
      codes.size === made && listed === made,
      `${listed} codes listed, ${codes.size} of them distinct; ${made} were made`,
    ),
  );
  const withdrawn = sumOf(claim.groups, ({ issued, active }) => (issued ?? 0) - (active ?? 0));
  return { checks, codes, withdrawn };
}

function checkFile(
  receipts: readonly Receipt[],
  file: { readonly sha256: string | null; readonly rows: number },
): ProofCheck[] {
  const named = receipts.length > 0;
  return [
    check(
      'SHA-256 of the file = the one on the deal',
      named && receipts.every(({ sha256 }) => sha256 === file.sha256),
      named ? (file.sha256 ?? 'no file') : 'the deal names none',
    ),
    check(
      'rows of the file = codes on the deal',
      named && receipts.every(({ codeCount }) => codeCount === file.rows),
      `${file.rows} rows; the deal names ${receipts[0]?.codeCount ?? 'none'}`,
    ),
  ];
}

function checkRosterCodes(rosterCodes: readonly string[], codes: ReadonlySet<string>): ProofCheck {
  const foreign = rosterCodes.filter((code) => !codes.has(code)).length;
  const repeated = rosterCodes.length - new Set(rosterCodes).size;
  return check(
    'every row has a code of its own of these groups',
    foreign === 0 && repeated === 0,
    `${foreign} foreign, ${repeated} repeated`,
  );
}

/** What the roster lacks must be with the learners of the deal, each code with one of them, or was withdrawn. */
async function checkOtherCodes(
  { crm, linkTemplates, signal }: ProofOptions,
  deal: Deal,
  {
    codes,
    rosterCodes,
    withdrawn,
  }: {
    readonly codes: ReadonlySet<string>;
    readonly rosterCodes: readonly string[];
    readonly withdrawn: number;
  },
): Promise<ProofCheck> {
  const inRoster = new Set(rosterCodes);
  const others = [...codes].filter((code) => !inRoster.has(code));
  const holders = new Map<string, number>();
  if (others.length > 0) {
    const links = await crm.readRedeemLinks(
      deal.contacts.map(({ id }) => id),
      signal,
    );
    for (const code of [...links.values()].flatMap((field) => codesInField(field, linkTemplates))) {
      holders.set(code, (holders.get(code) ?? 0) + 1);
    }
  }
  const withOne = others.filter((code) => holders.get(code) === 1).length;
  return check(
    'every other code is with one learner, or withdrawn',
    withOne + withdrawn === others.length,
    `${others.length} codes are not in the roster; ${withOne} of them are with one contact of the deal, ${withdrawn} were withdrawn`,
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

function check(name: string, isProven: boolean, found: string): ProofCheck {
  return { name, isProven, found };
}

function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

function digest(bytes: Uint8Array | undefined): string | null {
  return bytes ? createHash('sha256').update(bytes).digest('hex') : null;
}
