import type { DealRef } from '../domain/deal/deal.ts';
import { provisioningId } from '../domain/deal/ids.ts';
import { describeWrites } from '../domain/planning/describe.ts';
import type { More, Reading } from '../domain/planning/reading.ts';
import { describeAccess } from '../domain/seats/roster.ts';
import type { Preview } from './port.ts';

/** What a reading asks for, as the callers of a dry run see it. `crm` is the CRM's name for people. */
export function toPreview(ref: DealRef, reading: Reading, crm: string): Preview {
  const nothing = {
    id: provisioningId(ref),
    hash: null,
    seats: 0,
    needsApproval: false,
    groups: [],
    problems: [],
    calls: [],
    skipped: null,
  };
  switch (reading.kind) {
    case 'more':
      return { ...nothing, ...planOf(reading, crm) };
    case 'swapping':
      return { ...nothing, needsApproval: reading.swap.rule === 'ask', problems: reading.question.problems };
    case 'fewer':
      return { ...nothing, problems: reading.question.problems };
    case 'blocked':
      return { ...nothing, problems: reading.problems };
    case 'same':
      return { ...nothing, skipped: 'The deal was delivered by an earlier run; nothing would be done' };
    case 'nothing':
    case 'merged':
      return { ...nothing, skipped: reading.reason.message };
  }
}

function planOf(reading: More, crm: string): Omit<Preview, 'id' | 'problems' | 'skipped'> {
  const { plan, question } = reading;
  return {
    hash: plan.hash,
    seats: plan.seatCount,
    needsApproval: question !== null,
    groups: plan.groups
      .filter(({ existing }) => !existing)
      .map((group) => ({
        label: group.label,
        title: group.title,
        seats: group.seatCount,
        codesExpireAt: group.codesExpireAt,
        codesExpireOn: group.codesExpireOn,
        access: describeAccess(group) || null,
        client: group.client,
      })),
    calls: describeWrites(reading, crm),
  };
}
