import { createHash } from 'node:crypto';
import { parse } from 'csv-parse/sync';
import type { Crm } from '../../clients/crm.ts';
import type { Lms } from '../../clients/lms.ts';
import type { Deal, DealMark } from '../../domain/deal.ts';
import { rosterToken } from '../../domain/ids.ts';
import { codeInLink } from '../../domain/redeem-link.ts';

/** One thing that was compared. Holds no code. */
export interface ProofCheck {
  readonly name: string;
  readonly isProven: boolean;
  readonly found: string;
}

export interface Proof {
  /** Status that the deal carries; null when no run ever wrote one. */
  readonly status: string | null;
  /** Empty unless the deal says that it was delivered. */
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
  const { mark } = deal;
  if (mark?.status !== 'Delivered') return { status: mark?.status ?? null, checks: [] };
  const groups = await checkGroups(options, mark);
  const record = await crm.readHandOver(deal.dealId, rosterToken(deal, sha256), signal);
  const receipt = receiptIn(record.detail);
  const [roster, ...others] = record.rosters;
  const rosterCodes = roster ? codesOfRoster(roster.csv) : [];
  return {
    status: mark.status,
    checks: [
      ...groups.checks,
      check(
        'listed codes = seats',
        groups.codes.size === mark.seatCount && groups.listed === mark.seatCount,
        {
          found: `${groups.listed} codes listed, ${groups.codes.size} of them distinct; the deal has ${mark.seatCount} seats`,
        },
      ),
      check('one roster file on the deal', roster !== undefined && others.length === 0, {
        found: record.rosters.map(({ fileName }) => fileName).join(', ') || 'none',
      }),
      check(
        'SHA-256 of the file = the one on the deal',
        receipt !== null && digest(roster?.csv) === receipt.sha256,
        {
          found: receipt === null ? "the deal's detail names none" : `${digest(roster?.csv) ?? 'no file'}`,
        },
      ),
      check('rows of the file = codes on the deal', receipt?.codeCount === rosterCodes.length, {
        found: `${rosterCodes.length} rows; the deal names ${receipt?.codeCount ?? 'none'}`,
      }),
      checkRosterCodes(rosterCodes, groups.codes),
      await checkLearners(options, deal, { codes: groups.codes, rosterCodes }),
    ],
  };
}

interface FoundGroups {
  readonly checks: readonly ProofCheck[];
  readonly codes: ReadonlySet<string>;
  readonly listed: number;
}

async function checkGroups({ lms, signal }: ProofOptions, mark: DealMark): Promise<FoundGroups> {
  const checks: ProofCheck[] = [];
  const codes = new Set<string>();
  let listed = 0;
  for (const [index, label] of mark.groupLabels.entries()) {
    const token = label.slice(label.lastIndexOf('-') + 1);
    const groups = await lms.findGroupsByToken(token, signal);
    const ids = groups.map(({ id }) => id);
    const isTheOne = ids.length === 1 && ids[0] === mark.groupIds[index];
    checks.push(check(`group ${label} exists once`, isTheOne, { found: ids.join(', ') || 'none' }));
    for (const id of ids.slice(0, 1)) {
      for await (const page of lms.listCodes(id, signal)) {
        listed += page.length;
        for (const { code } of page) codes.add(code);
      }
    }
  }
  if (mark.groupLabels.length === 0)
    checks.push(check('the deal names its groups', false, { found: 'none' }));
  return { checks, codes, listed };
}

function checkRosterCodes(rosterCodes: readonly string[], codes: ReadonlySet<string>): ProofCheck {
  const foreign = rosterCodes.filter((code) => !codes.has(code)).length;
  const repeated = rosterCodes.length - new Set(rosterCodes).size;
  return check('every row has a code of its own of these groups', foreign === 0 && repeated === 0, {
    found: `${foreign} foreign, ${repeated} repeated`,
  });
}

/** What the roster lacks must be with the learners of the deal, each code with one of them. */
async function checkLearners(
  { crm, linkTemplates, signal }: ProofOptions,
  deal: Deal,
  { codes, rosterCodes }: { readonly codes: ReadonlySet<string>; readonly rosterCodes: readonly string[] },
): Promise<ProofCheck> {
  const inRoster = new Set(rosterCodes);
  const expected = [...codes].filter((code) => !inRoster.has(code));
  const holders = new Map<string, number>();
  if (expected.length > 0) {
    const links = await crm.readRedeemLinks(
      deal.contacts.map(({ id }) => id),
      signal,
    );
    for (const code of [...links.values()].flatMap((field) => codesInField(field, linkTemplates))) {
      holders.set(code, (holders.get(code) ?? 0) + 1);
    }
  }
  const withOne = expected.filter((code) => holders.get(code) === 1).length;
  return check('every other code is with one learner', withOne === expected.length, {
    found: `${expected.length} codes are not in the roster; ${withOne} of them are with one contact of the deal`,
  });
}

function codesInField(field: string, templates: readonly string[]): string[] {
  return field.split('\n').flatMap((line) => {
    const codes = templates.map((template) => codeInLink(template, line.trim()));
    return codes.find((code) => code !== null) ?? [];
  });
}

function codesOfRoster(csv: Uint8Array): string[] {
  const rows: Record<string, string>[] = parse(Buffer.from(csv), { columns: true, bom: true });
  // Cells that a spreadsheet would run as a formula were disarmed with an apostrophe.
  return rows.map(({ code = '' }) => code.replace(/^'(?=[=+\-@\t\r])/, ''));
}

/** What the run wrote on the deal when it delivered. */
function receiptIn(detail: string | null): { readonly codeCount: number; readonly sha256: string } | null {
  const match = /(\d+) codes in the roster, SHA-256 ([0-9a-f]{64})/.exec(detail ?? '');
  return match?.[1] && match[2] ? { codeCount: Number(match[1]), sha256: match[2] } : null;
}

function check(name: string, isProven: boolean, { found }: { readonly found: string }): ProofCheck {
  return { name, isProven, found };
}

function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

function digest(bytes: Uint8Array | undefined): string | null {
  return bytes ? createHash('sha256').update(bytes).digest('hex') : null;
}
