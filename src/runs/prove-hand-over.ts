import { createHash } from 'node:crypto';
import type { Crm, StoredRoster } from '../clients/crm.ts';
import type { Lms } from '../clients/lms.ts';
import { codesOfRoster } from '../clients/roster-codes.ts';
import { rosterToken } from '../domain/deal/ids.ts';
import {
  activeSeats,
  type Ledger,
  type LedgerRoster,
  readLedger,
  type Sealer,
} from '../domain/deal/ledger.ts';
import { countOf, numberOf } from '../domain/words.ts';
import { check, type ProofCheck } from './proof-check.ts';
import { checkOtherCodes, listCodes } from './prove-codes.ts';

export interface Proof {
  /** Status that the deal carries; null when no run ever wrote one. */
  readonly status: string | null;
  /** Empty while nothing was delivered. */
  readonly checks: readonly ProofCheck[];
}

interface ProofOptions {
  readonly crm: Crm;
  /** By the names that ledgers have for them. */
  readonly platforms: Readonly<Record<string, Lms>>;
  readonly sealer: Sealer;
  readonly dealId: string;
  readonly signal: AbortSignal;
}

/**
 * Compares what the learning platform has with what the CRM has, by reading both anew: nothing of it rests on what
 * a run remembers, so it also holds after Temporal has forgotten the run.
 */
export async function proveHandOver(options: ProofOptions): Promise<Proof> {
  const { crm, sealer, dealId, signal } = options;
  const deal = await crm.readDeal(dealId, signal);
  const { status, seats, groupLabels } = deal.written;
  const read = readLedger(deal.written.ledger, deal, sealer);
  if (read === null || read === 'unreadable') {
    // Nobody was given anything without a note of it in the ledger.
    if (read === null && status !== 'Delivered') return { status, checks: [] };
    return { status, checks: [check('the ledger of the deal can be read', false, read ?? 'none')] };
  }
  const { ledger, isSealed } = read;
  if (ledger.groups.length === 0) return { status, checks: [] };
  const listed = await listCodes({ ...options, dealId: deal.dealId }, ledger, groupLabels);
  const rosters = await crm.readRosters(deal.dealId, rosterToken(deal, sha256), signal);
  const roster = rosters.find(({ fileName }) => fileName === ledger.roster?.file);
  const readable = roster ? codesOfRoster(roster.csv) : [];
  const rosterCodes = readable ?? [];
  const usable = listed.codes.size - listed.withdrawnCount;
  return {
    status,
    checks: [
      check(
        'the ledger is sealed by this deployment for this deal',
        isSealed,
        isSealed ? 'its seal' : 'no seal that fits: somebody edited it, or another deployment wrote it',
      ),
      ...checkFinished(ledger),
      ...listed.checks,
      check(
        'seats of the groups = seats on the deal',
        usable === activeSeats(ledger) && usable === (seats ?? 0),
        `${usable} codes may be used; the deal has ${seats ?? 'no'} seats`,
      ),
      checkFileNames(ledger.roster, rosters),
      ...(readable ? [] : [check('the roster file can be read', false, 'a text that does not list codes')]),
      ...(ledger.roster ? checkFile(ledger.roster, roster, rosterCodes.length) : []),
      checkRosterCodes(rosterCodes, listed.codes),
      await checkOtherCodes({ crm, deal, signal }, ledger, { ...listed, rosterCodes }),
    ],
  };
}

function checkFinished({ isPending }: Ledger): ProofCheck[] {
  const found = 'a run began to hand it over and has not said that it is done';
  return isPending ? [check('the hand-over is finished', false, found)] : [];
}

function checkFileNames(expected: LedgerRoster | null, rosters: readonly StoredRoster[]): ProofCheck {
  const names = rosters.map(({ fileName }) => fileName).join(', ');
  return expected
    ? check('one roster file on the deal, the one of the ledger', names === expected.file, names || 'none')
    : check('no roster file on the deal', names === '', names || 'none');
}

function checkFile(
  expected: LedgerRoster,
  file: StoredRoster | undefined,
  rowCount: number,
): readonly ProofCheck[] {
  const digest = file ? sha256(file.csv) : null;
  return [
    check('SHA-256 of the file = the one on the deal', digest === expected.sha256, digest ?? 'no file'),
    check(
      'rows of the file = codes on the deal',
      rowCount === expected.codes,
      `${countOf(rowCount, 'row')}; the deal names ${numberOf(expected.codes)}`,
    ),
    check(
      'people find the file on the deal',
      file?.isShown === true,
      file?.isShown ? 'its note or link' : 'neither a note nor a link with it',
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

/** Of bytes, or of UTF-8 text. */
function sha256(content: Uint8Array | string): string {
  return createHash('sha256').update(content).digest('hex');
}
