import type { MailTool } from '../deal/catalog.ts';
import type { Plan, PlannedGroup } from './plan.ts';

/** Every call that a run of this plan would make to change something, in order, for people. */
export function describeWrites(plan: Plan): string[] {
  const crm = plan.deal.crm === 'hubspot' ? 'HubSpot' : 'Salesforce';
  const learners = plan.learnerContactIds.length;
  return [
    ...(plan.needsApproval ? [describeApproval(plan, crm)] : []),
    `${crm}: set the status of deal ${plan.deal.dealId} to Provisioning`,
    ...plan.groups.map(describeCreate),
    ...(learners === 0 ? [] : [`${crm}: write a redeem link to ${learners} learner contacts`]),
    `${crm}: attach the private file ${plan.rosterFileName} to the deal`,
    ...plan.messages.map(
      ({ contactId, audience }) =>
        `${crm}: ${describeTool(plan.mailTool)} for ${audience} contact ${contactId}`,
    ),
    `${crm}: mark the deal as Delivered with ${plan.seatCount} seats`,
    `${crm}: create a task for the owner ${plan.ownerId ?? '(none; a note instead)'}`,
  ];
}

/** Whoever runs this plan must know that all the rest waits. */
function describeApproval({ addedSeats, deal }: Plan, crm: string): string {
  const approve = `\`dealseat approve ${deal.crm} ${deal.dealId}\``;
  return `${crm}: say on the deal that ${addedSeats} seats need approval, and wait for ${approve} before all that follows`;
}

function describeCreate(group: PlannedGroup): string {
  const client = group.client === null ? '' : ` for client ${group.client}`;
  return `Thought Industries: create group ${group.label} with ${group.seatCount} codes${client}, unless it exists`;
}

function describeTool(tool: MailTool): string {
  switch (tool.via) {
    case 'singleSend':
      return `send transactional e-mail ${tool.emailId}`;
    case 'sequence':
      return `enrol in sequence ${tool.sequenceId}`;
    case 'list':
      return `add to list ${tool.listId}`;
    case 'emailSimple':
      return 'send an e-mail with the roster attached';
    case 'none':
      return 'no e-mail';
  }
}
