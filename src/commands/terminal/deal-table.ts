import { answerCommands, questionWords } from '../../contracts/answer-commands.ts';
import { FAILURES, isFailureCode } from '../../domain/failure.ts';
import { countOf } from '../../domain/words.ts';
import type { DealView } from '../../runs/deal-view.ts';
import { isEndedFromOutside } from '../../runs/report.ts';
import { ageOf } from './duration.ts';
import { type Column, fittedTable } from './fitted-table.ts';
import { type Look, Painted } from './look.ts';
import { statusStyle } from './status-style.ts';

export interface TableOptions {
  readonly look: Look;
  /** Null: the output goes elsewhere, and nothing is cut. */
  readonly columns: number | null;
  readonly now: Date;
}

const SHARE_OF_NAMES = 0.3;
/** From this width on, the id of each deal has its place too. */
const ROOM_FOR_IDS = 110;

/** One row a deal: what it waits for and why, and since when. */
export function dealTable(deals: readonly DealView[], { look, columns, now }: TableOptions): Painted {
  const name: Column<DealView> = {
    title: 'NAME',
    text: (deal) => deal.dealName ?? `${deal.crm} ${deal.dealId}`,
    paint: (text, deal) => look.link(deal.runUrl, look.style('bold', text)),
    atLeast: 16,
    ...(columns === null ? {} : { atMost: Math.max(16, Math.floor(columns * SHARE_OF_NAMES)) }),
  };
  const id: Column<DealView> = { title: 'DEAL', text: ({ crm, dealId }) => `${crm} ${dealId}` };
  const rest: Column<DealView>[] = [
    {
      title: 'STATUS',
      text: (deal) => (isEndedFromOutside(deal) ? `${deal.status} (ended)` : deal.status),
      paint: (text, { status }) => look.style(statusStyle(status), text),
    },
    { title: 'WAITS FOR', text: ({ waitsFor }) => waitsFor ?? '' },
    { title: 'CAUSE', text: causeOf, atLeast: 10 },
    { title: 'AGE', text: (deal) => ageOf(sinceOf(deal), now), paint: (text) => look.style('dim', text) },
  ];
  const hasIds = columns === null || columns >= ROOM_FOR_IDS;
  return fittedTable([name, ...(hasIds ? [id] : []), ...rest], deals, columns, (text) =>
    look.style('dim', text),
  );
}

/** Under the table: what is asked, and the commands that answer. */
export function questionsOf(deals: readonly DealView[], look: Look): Painted {
  return Painted.join(
    deals.flatMap(({ question, problems, ...deal }) => {
      if (question === null) return [];
      const commands = answerCommands({ deal, question, problems });
      return [
        '\n',
        look.style('bold', deal.dealName ?? ''),
        `${deal.dealName === null ? '' : ', '}${deal.crm} ${deal.dealId} asks ${questionWords(question)}:\n`,
        ...commands.map((command) => `  ${command}\n`),
      ];
    }),
  );
}

/** The words of the run where it answered, and those of the failure's table elsewhere. */
function causeOf({ code, problems, status }: DealView): string {
  const [first, ...more] = problems;
  if (first !== undefined) {
    const codes = [...new Set(problems.map((each) => each.code))].join(', ');
    return more.length === 0
      ? `${first.code}: ${first.message}`
      : `${countOf(problems.length, 'problem')}: ${codes}`;
  }
  if (code === null || status === 'Delivered') return '';
  return isFailureCode(code) ? `${code}: ${FAILURES[code].cause}` : code;
}

/** Since when the deal stands as it does, as far as Temporal knows. */
function sinceOf({ question, closedAt, startedAt }: DealView): string {
  return question?.since ?? closedAt ?? startedAt;
}
