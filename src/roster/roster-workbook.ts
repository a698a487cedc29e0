import type { PlannedGroup } from '../domain/planning/plan.ts';
import { linkOf } from '../domain/seats/redeem-link.ts';
import type { SeatedGroup } from '../domain/seats/seat.ts';
import { wordsOf } from '../mail/mail-words.ts';
import { sheetNames } from './sheet-name.ts';
import { type Cell, type Column, type Sheet, writeXlsx } from './xlsx.ts';

/** The roster for people: a sheet for each product, codes that stay text, and a column to note who got which seat. */
export async function writeRosterWorkbook(groups: readonly SeatedGroup[], language: string): Promise<Buffer> {
  const products = byProduct(groups);
  const names = sheetNames(products.map(([first]) => first?.group.title ?? ''));
  const sheets = products.map((parts, index): Sheet => {
    const name = names[index] ?? '';
    return { name, columns: columnsIn(language), rows: () => rowsOf(parts, language) };
  });
  return writeXlsx(sheets);
}

/** Groups of one product, as far as they have seats. */
function byProduct(groups: readonly SeatedGroup[]): SeatedGroup[][] {
  const products = new Map<string, SeatedGroup[]>();
  for (const each of groups) {
    if (each.seats.length === 0) continue;
    const { productKey } = each.group;
    products.set(productKey, [...(products.get(productKey) ?? []), each]);
  }
  return [...products.values()];
}

const TITLES: Readonly<Record<string, readonly string[]>> = {
  en: ['No.', 'Given to', 'Code', 'Link', 'Redeem by', 'Access'],
  de: ['Nr.', 'Vergeben an', 'Code', 'Link', 'Einlösen bis', 'Zugang'],
};
const WIDTHS = [6, 28, 22, 60, 14, 30];

function columnsIn(language: string): Column[] {
  const titles = TITLES[language.split('-')[0] ?? ''] ?? TITLES.en ?? [];
  return WIDTHS.map((width, index) => ({ title: titles[index] ?? '', width }));
}

function* rowsOf(parts: readonly SeatedGroup[], language: string): Generator<readonly Cell[]> {
  let number = 0;
  for (const { group, seats } of parts) {
    const ends: Cell = group.codesExpireOn === null ? null : { day: group.codesExpireOn };
    const access = accessCell(group, language);
    for (const seat of seats) {
      number += 1;
      yield [{ number }, null, { text: seat.code }, { link: linkOf(seat) }, ends, access];
    }
  }
}

function accessCell({ accessDays, accessEndsOn }: PlannedGroup, language: string): Cell {
  if (accessDays !== null)
    return { text: wordsOf(language).access({ days: accessDays, until: '', locale: language }) };
  return accessEndsOn === null ? null : { day: accessEndsOn };
}
