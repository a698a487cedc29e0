import type { SalesforceState } from '../salesforce/state.ts';
import {
  type CrmUser,
  createNames,
  IN_ORDER,
  type SceneLine,
  type ScenePerson,
  skuAndTitle,
} from './crm-user.ts';

const ROLES: Readonly<Record<string, string>> = { buyer: 'Economic Buyer', learner: 'Learner' };
const OWNER = { firstName: 'Kim', lastName: 'Ops', email: 'kim.ops@vendor.example' };
const OPEN_STAGE = 'Negotiation/Review';

export const SEATS_FIELD = 'Seats_Sold__c';

export function createSalesforceUser(state: SalesforceState): CrmUser {
  const names = createNames();
  const rowsOf = (object: string, dealId: string) =>
    state.rows(object).filter(({ OpportunityId }) => OpportunityId === dealId);
  const contact = (id: string) => state.rows('Contact').find(({ Id }) => Id === id);
  const contactOf = ({ lastName, role, isPrimary = false, hasEmail = true, mailbox }: ScenePerson) => ({
    lastName,
    isPrimary,
    email: hasEmail ? names.email({ lastName, ...(mailbox && { mailbox }) }) : null,
    ...(role === undefined ? {} : { role: ROLES[role] ?? role }),
  });
  return {
    createDeal(deal) {
      const { company = names.company(), lines, people, stage, closeDate } = { ...IN_ORDER, ...deal };
      const { name, domain } = company;
      return state.createOpportunity({
        name: `${name} rollout`,
        stageName: stage === 'open' ? OPEN_STAGE : 'Closed Won',
        closeDate: (closeDate ?? new Date(state.now()).toISOString()).slice(0, 10),
        account: { name, ...(domain === undefined ? {} : { website: `https://${domain}` }) },
        lineItems: lines.map(lineOf),
        contacts: people.map(contactOf),
        owner: OWNER,
      });
    },
    addLine: (dealId, line) => void state.addLineItem(dealId, lineOf(line)),
    setSeats(dealId, seats) {
      const [line] = rowsOf('OpportunityLineItem', dealId);
      state.records.update('OpportunityLineItem', String(line?.Id), { Quantity: seats });
    },
    setSeatsField: (dealId, seats) => state.updateOpportunity(dealId, { [SEATS_FIELD]: seats }),
    addPerson: (dealId, person) => state.addContact(dealId, contactOf(person)),
    removePerson(dealId, contactId) {
      const role = rowsOf('OpportunityContactRole', dealId).find(({ ContactId }) => ContactId === contactId);
      state.records.remove('OpportunityContactRole', String(role?.Id));
    },
    linkOf: (contactId) => String(contact(contactId)?.Dealseat_Redeem_Link__c ?? ''),
    setLink: (contactId, link) =>
      state.records.update('Contact', contactId, { Dealseat_Redeem_Link__c: link }),
    peopleOf: (dealId) => rowsOf('OpportunityContactRole', dealId).map(({ ContactId }) => String(ContactId)),
    emailOf: (contactId) => String(contact(contactId)?.Email ?? ''),
    merge(survivingId, mergedId, { link } = { link: false }) {
      const { Dealseat_Redeem_Link__c = null } = contact(mergedId) ?? {};
      state.mergeContacts(survivingId, mergedId);
      if (link) state.records.update('Contact', survivingId, { Dealseat_Redeem_Link__c });
    },
    giveEveryoneAnEmail(dealId) {
      for (const { ContactId } of rowsOf('OpportunityContactRole', dealId)) {
        state.records.update('Contact', String(ContactId), { Email: names.email({ lastName: 'someone' }) });
      }
    },
    act: (dealId, action) => state.act(dealId, action, OWNER),
    reopen: (dealId) => state.setStage(dealId, OPEN_STAGE),
    statusOf(dealId) {
      const { Dealseat_Status__c: status } = state.opportunity(dealId);
      return typeof status === 'string' ? status : null;
    },
    taskCountOf: (dealId) => state.rows('Task').filter(({ WhatId }) => WhatId === dealId).length,
  };
}

function lineOf(line: SceneLine) {
  const { sku, title } = skuAndTitle(line);
  const { seats, startsOn } = line;
  return {
    productCode: sku,
    name: title,
    quantity: seats,
    ...(startsOn === undefined ? {} : { serviceDate: startsOn }),
  };
}
