import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { stringify } from 'csv-stringify';
import type { Lms } from '../src/clients/lms.ts';
import type { HandOverInput } from '../src/contracts/activities.ts';
import { DealseatError } from '../src/domain/failure.ts';
import type { PlannedGroup } from '../src/domain/planning/plan.ts';
import type { AssignableCodes } from '../src/domain/seats/assignment.ts';
import type { RedemptionCode } from '../src/domain/seats/code-group.ts';
import { keptCodes } from '../src/domain/seats/kept-codes.ts';
import { type GroupCodes, ROSTER_COLUMNS, rosterRows } from '../src/domain/seats/roster.ts';
import { cancellationSignal } from './attempt.ts';

/** The codes of one group, divided into the seats of the plan and the rest; there is a rest only after a delivery. */
export interface ListedGroup extends AssignableCodes {
  /** What the customer may not use any more. */
  readonly withdrawn: readonly RedemptionCode[];
}

/**
 * Lists the codes of every planned group, and divides them by what contacts carry at the end of that, which may be long
 * after its beginning. Goes on only if each group has exactly as many distinct codes as seats were planned and no code
 * stands in two groups. The codes live in the returned value and nowhere else.
 */
export async function collectCodes(
  lms: Lms,
  { plan, groups }: HandOverInput,
  readFields: () => Promise<ReadonlyMap<string, string>>,
): Promise<{ readonly groups: readonly ListedGroup[]; readonly fields: ReadonlyMap<string, string> }> {
  const lists: (readonly [PlannedGroup, RedemptionCode[]])[] = [];
  for (const [index, planned] of plan.groups.entries()) {
    const ensured = groups[index];
    if (ensured?.token !== planned.token)
      throw new Error(`Groups do not follow the plan at ${planned.label}`);
    const group = { ...planned, label: ensured.label };
    lists.push([group, await listGroup(lms, group, ensured.groupId)]);
  }
  const fields = await readFields();
  const collected = lists.map(([group, listed]) => divideGroup(group, listed, fields.values()));
  const distinct = new Set(collected.flatMap(({ codes }) => codes));
  if (distinct.size !== plan.seatCount) {
    throw new DealseatError({
      code: 'lms.codes_inconsistent',
      message: `The groups of the deal share codes: ${distinct.size} distinct codes for ${plan.seatCount} seats`,
    });
  }
  return { groups: collected, fields };
}

/** All codes of one group, each once. */
export async function listGroup(lms: Lms, planned: PlannedGroup, groupId: string): Promise<RedemptionCode[]> {
  const listed = new Map<string, RedemptionCode>();
  for await (const page of lms.listCodes(groupId, cancellationSignal())) {
    for (const code of page) listed.set(code.code, code);
  }
  requireCount(listed.size, planned);
  return [...listed.values()];
}

/** `fields`: the link fields of the deal's contacts; they decide which codes remain where some were withdrawn. */
export function divideGroup(
  group: PlannedGroup,
  listed: readonly RedemptionCode[],
  fields: Iterable<string>,
): ListedGroup {
  const remaining = keptCodes(group, listed, fields);
  const kept = new Set(remaining.map(({ code }) => code));
  return {
    group,
    codes: [...kept].sort(),
    redeemed: new Set(remaining.filter(({ isRedeemed }) => isRedeemed).map(({ code }) => code)),
    withdrawn: listed.filter(({ code }) => !kept.has(code)),
  };
}

/** An admin may have expired withdrawn codes, so of an older group fewer than were issued may be listed. */
function requireCount(listedCount: number, { label, seatCount, delivered }: PlannedGroup): void {
  if (listedCount < seatCount) {
    throw new DealseatError({
      code: 'lms.codes_not_listed',
      message: `${listedCount} of ${seatCount} codes of ${label} are listed`,
    });
  }
  if (listedCount > (delivered?.issuedCount ?? seatCount)) {
    throw new DealseatError({
      code: 'lms.codes_inconsistent',
      message: `${label} lists ${listedCount} codes for ${seatCount} seats`,
    });
  }
}

export interface RosterCsv {
  readonly csv: Buffer;
  readonly sha256: string;
  readonly codeCount: number;
}

/** UTF-8, RFC 4180, cells that a spreadsheet would run as a formula are disarmed. */
export async function writeRosterCsv(groups: readonly GroupCodes[]): Promise<RosterCsv> {
  const hash = createHash('sha256');
  const chunks: Buffer[] = [];
  await pipeline(
    Readable.from(rosterRows(groups)),
    stringify({
      header: true,
      columns: [...ROSTER_COLUMNS],
      escape_formulas: true,
      record_delimiter: 'windows',
    }),
    async (lines: AsyncIterable<Buffer>) => {
      for await (const bytes of lines) {
        hash.update(bytes);
        chunks.push(bytes);
      }
    },
  );
  const codeCount = groups.reduce((sum, { codes }) => sum + codes.length, 0);
  return { csv: Buffer.concat(chunks), sha256: hash.digest('hex'), codeCount };
}
