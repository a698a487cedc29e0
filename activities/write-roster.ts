import { escapeHtml } from '../src/domain/escape-html.ts';
import type { Plan } from '../src/domain/planning/plan.ts';
import { fitsWorkbook } from '../src/domain/seats/roster.ts';
import type { SeatedGroup } from '../src/domain/seats/seat.ts';
import { damagedCodesHtml } from '../src/domain/texts/damaged-codes.ts';
import { countOf } from '../src/domain/words.ts';
import { codesIn, writeRosterCsv } from '../src/roster/roster-csv.ts';
import { writeRosterWorkbook } from '../src/roster/roster-workbook.ts';
import type { ActivityDeps } from './deps.ts';

type Described = Pick<Plan, 'groups' | 'isSpareKept' | 'hasWorkbook'> & { readonly seatCount: number };

interface WrittenRoster {
  readonly files: { readonly csv: Buffer; readonly xlsx?: Buffer };
  readonly sha256: string;
  readonly noteHtml: string;
  readonly codeCount: number;
}

/** The forms of the roster, and what the deal's note says of them. */
export async function writeRoster(
  { catalog }: Pick<ActivityDeps, 'catalog'>,
  plan: Described,
  spare: readonly SeatedGroup[],
): Promise<WrittenRoster> {
  const codeCount = codesIn(spare);
  const hasXlsx = plan.hasWorkbook === true && fitsWorkbook(codeCount);
  const xlsx = hasXlsx ? { xlsx: await writeRosterWorkbook(spare, catalog.handOver.mail.language) } : {};
  const { csv, sha256 } = await writeRosterCsv(spare, catalog.handOver.csvSeparator);
  const noteHtml = rosterNote(plan, { codes: codesOf(spare), hasXlsx });
  return { files: { csv, ...xlsx }, sha256, noteHtml, codeCount };
}

export function rosterNote(
  plan: Described,
  { codes, hasXlsx }: { readonly codes: readonly string[]; readonly hasXlsx: boolean },
): string {
  const codeCount = codes.length;
  const instead = hasXlsx ? 'Use the .xlsx file, or the links' : 'Use the links';
  const rows = plan.groups
    .filter(({ seatCount }) => seatCount > 0)
    .map(
      (group) =>
        `<li>${escapeHtml(group.title)}: ${countOf(group.seatCount, 'seat')} (${escapeHtml(group.label)})</li>`,
    );
  return [
    `<p><strong>Dealseat: ${countOf(plan.seatCount, 'seat')} provisioned.</strong></p>`,
    `<ul>${rows.join('')}</ul>`,
    `<p>The attached roster has ${countOf(codeCount, 'redemption code')} with ${codeCount === 1 ? 'its link' : 'their links'}. ${whatToDo(plan)}</p>`,
    damagedCodesHtml(codes, `${instead}: those stay right`) ?? '',
  ].join('');
}

function whatToDo({ isSpareKept }: Described): string {
  return isSpareKept
    ? 'Dealseat keeps the codes for learners who come later. Add such a learner to the deal, and do not pass on any code by hand.'
    : 'Give each row to one learner only.';
}

function codesOf(groups: readonly SeatedGroup[]): string[] {
  return groups.flatMap(({ seats }) => seats.map(({ code }) => code));
}
