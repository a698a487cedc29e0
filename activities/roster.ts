import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { stringify } from 'csv-stringify';
import type { Lms } from '../src/clients/lms.ts';
import type { HandOverInput } from '../src/domain/activities.ts';
import { DealseatError } from '../src/domain/failure.ts';
import { type GroupCodes, ROSTER_COLUMNS, rosterRows } from '../src/domain/roster.ts';
import type { EnsuredGroup } from '../src/domain/run.ts';
import { cancellationSignal } from './attempt.ts';

/**
 * Lists the codes of every planned group. Goes on only if each group has exactly as many distinct codes as seats
 * were planned and no code stands in two groups. The codes live in the returned value and nowhere else.
 */
export async function collectCodes(lms: Lms, { plan, groups }: HandOverInput): Promise<GroupCodes[]> {
  const all = new Set<string>();
  const collected: GroupCodes[] = [];
  for (const [index, planned] of plan.groups.entries()) {
    const ensured = groups[index];
    if (ensured?.token !== planned.token)
      throw new Error(`Groups do not follow the plan at ${planned.label}`);
    const codes = await listCodes(lms, ensured);
    for (const code of codes) all.add(code);
    collected.push({ group: { ...planned, label: ensured.label }, codes });
  }
  if (all.size !== plan.seatCount) {
    throw new DealseatError({
      code: 'lms.codes_inconsistent',
      message: `The groups of the deal share codes: ${all.size} distinct codes for ${plan.seatCount} seats`,
    });
  }
  return collected;
}

async function listCodes(lms: Lms, group: EnsuredGroup): Promise<string[]> {
  const codes = new Set<string>();
  for await (const page of lms.listCodes(group.groupId, cancellationSignal())) {
    for (const { code } of page) codes.add(code);
  }
  if (codes.size < group.seatCount) {
    throw new DealseatError({
      code: 'lms.codes_not_listed',
      message: `${codes.size} of ${group.seatCount} codes of ${group.label} are listed`,
    });
  }
  if (codes.size > group.seatCount) {
    throw new DealseatError({
      code: 'lms.codes_inconsistent',
      message: `${group.label} lists ${codes.size} codes for ${group.seatCount} seats`,
    });
  }
  return [...codes].sort();
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
