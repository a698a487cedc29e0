import { countOf } from '../words.ts';
import type { Plan, PlannedGroup } from './plan.ts';
import type { More } from './reading.ts';

/** Every call that a run of this plan would make to change something, in order, for people. */
export function describeWrites({ plan, question }: Pick<More, 'plan' | 'question'>, crm: string): string[] {
  const learners = plan.learnerContactIds.length;
  return [
    ...(question ? [describeApproval(plan, crm)] : []),
    `${crm}: set the status of deal ${plan.deal.dealId} to Provisioning`,
    ...plan.groups.filter(({ existing }) => !existing).map(describeCreate),
    ...(learners === 0 ? [] : [`${crm}: write a redeem link to ${countOf(learners, 'learner contact')}`]),
    `${crm}: attach the private file ${plan.rosterFileName}${plan.hasWorkbook ? ', and the same as .xlsx,' : ''} to the deal`,
    ...plan.messages.map(
      ({ contactId, audience }) =>
        `${crm}: ${plan.mailTool.description} for ${audience} contact ${contactId}`,
    ),
    `${crm}: mark the deal as Delivered with ${countOf(plan.seatCount, 'seat')}`,
    `${crm}: create a task for the owner ${plan.ownerId ?? '(none; a note instead)'}, unless the note with the roster says all of it`,
  ];
}

/** Whoever runs this plan must know that all the rest waits. */
function describeApproval({ addedSeats, deal }: Plan, crm: string): string {
  const approve = `\`dealseat approve ${deal.crm} ${deal.dealId}\``;
  return `${crm}: say on the deal that ${countOf(addedSeats, 'seat')} ${addedSeats === 1 ? 'needs' : 'need'} approval, and wait for ${approve} before all that follows`;
}

function describeCreate(group: PlannedGroup): string {
  const client = group.client === null ? '' : ` for client ${group.client}`;
  return `Thought Industries: create group ${group.label} with ${countOf(group.seatCount, 'code')}${client}, unless it exists`;
}
