import type { CrmModule } from '../clients/crm-module.ts';
import { NUDGE_READERS, type NudgeRule, nudgeKey } from '../domain/seats/nudges.ts';
import type { CatalogFile } from './catalog-schema.ts';

/** Each rule has one day, says something that no other rule says, and reaches somebody in at least one CRM. */
export function toNudges(
  { nudges = [], handOver }: CatalogFile,
  crms: readonly CrmModule[],
  faults: string[],
): NudgeRule[] {
  const seen = new Map<string, number>();
  const canWrite = crms.some(({ name }) => handOver.tools[name]?.tool.traits.writesToPeople);
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
    if (rule.to.includes('buyer') && !canWrite)
      faults.push(`${where}.to: ${cannotWriteFault(handOver.tools, crms)}`);
    const key = nudgeKey(rule);
    const same = seen.get(key);
    if (same === undefined) seen.set(key, index);
    else faults.push(`${where}: says the same as nudges[${same}]; expected each rule once`);
    return [rule];
  });
}

function cannotWriteFault(tools: CatalogFile['handOver']['tools'], crms: readonly CrmModule[]): string {
  const found = crms.map(({ name }) => `${name}: ${tools[name]?.tool.via ?? 'none'}`);
  const cures = crms.flatMap(({ name, catalog }) =>
    catalog.buyerTools.map((via) => `handOver.${name}.via: ${via}`),
  );
  return `no e-mail tool of handOver can remind a buyer (${found.join(', ')}); expected owner alone, or ${cures.join(' or ')}`;
}
