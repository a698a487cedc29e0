import { stringify } from 'csv-stringify/sync';
import type { SeatedGroup } from '../domain/seats/seat.ts';

/** For the admin of the learning platform, who expires these codes and no others. The same bytes at every attempt. */
export function writeWithdrawnCsv(groups: readonly SeatedGroup[]): Buffer {
  const rows = groups.flatMap(({ group, seats }) =>
    seats
      .filter(({ isWithdrawn }) => isWithdrawn)
      .map(({ code, isRedeemed }) => ({ code, group: group.label, redeemed: isRedeemed ? 'yes' : 'no' })),
  );
  const text = stringify(rows, {
    columns: ['code', 'group', 'redeemed'],
    header: true,
    escape_formulas: true,
    record_delimiter: 'windows',
  });
  return Buffer.from(text, 'utf8');
}
