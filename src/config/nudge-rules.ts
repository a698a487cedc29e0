import { NUDGE_READERS, type NudgeRule, nudgeKey } from '../domain/seats/nudges.ts';
import type { CatalogFile } from './catalog-schema.ts';

/** Each rule has one day, and says something that no other rule says. */
export function toNudges({ nudges = [] }: CatalogFile, faults: string[]): NudgeRule[] {
  const seen = new Map<string, number>();
  return nudges.flatMap(({ afterDays, beforeExpiryDays, unusedAbove, to }, index): NudgeRule[] => {
    const where = `nudges[${index}]`;
    if ((afterDays === undefined) === (beforeExpiryDays === undefined)) {
      const found = afterDays === undefined ? 'neither' : 'both';
      faults.push(`${where}: expected either afterDays or beforeExpiryDays, found ${found}`);
      return [];
    }
    const readers = typeof to === 'string' ? [to] : to;
    const rule: NudgeRule = {
      when: afterDays === undefined ? { beforeExpiryDays: beforeExpiryDays ?? 0 } : { afterDays },
      unusedAbove: unusedAbove ?? 0,
      to: NUDGE_READERS.filter((reader) => readers.includes(reader)),
    };
    const key = nudgeKey(rule);
    const same = seen.get(key);
    if (same === undefined) seen.set(key, index);
    else faults.push(`${where}: says the same as nudges[${same}]; expected each rule once`);
    return [rule];
  });
}
