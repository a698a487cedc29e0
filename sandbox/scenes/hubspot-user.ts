import type { HubSpotState } from '../hubspot/state.ts';
import {
  type CrmUser,
  createNames,
  IN_ORDER,
  type SceneLine,
  type ScenePerson,
  skuAndTitle,
} from './crm-user.ts';

const LABELS: Readonly<Record<string, string>> = { buyer: 'Buyer', learner: 'Learner' };
const OWNER_ID = '8001';
const OPEN_STAGE = 'contractsent';

/** A property that an admin made. */
export const SEATS_PROPERTY = {
  name: 'seats_sold',
  label: 'Seats sold',
  type: 'number',
  fieldType: 'number',
  groupName: 'dealinformation',
} as const;

export function createHubSpotUser(state: HubSpotState): CrmUser {
  const names = createNames();
  // A catalog that names it needs it on every deal.
  state.properties.create('deals', SEATS_PROPERTY);
  const contactIds = (dealId: string) =>
    state.associations.linked({ object: 'deals', id: dealId }, 'contacts').map(({ id }) => id);
  const contactOf = ({ lastName, role, hasEmail = true, mailbox }: ScenePerson) => ({
    lastName,
    email: hasEmail ? names.email({ lastName, ...(mailbox && { mailbox }) }) : null,
    labels: role === undefined ? [] : [LABELS[role] ?? role],
  });
  return {
    createDeal(deal) {
      const { company = names.company(), lines, people, stage, closeDate } = { ...IN_ORDER, ...deal };
      const { name, domain = null } = company;
      return state.createDeal({
        name: `${name} rollout`,
        companyId: state.create('companies', { name, domain }),
        lineItems: lines.map(lineItemOf),
        contacts: people.map(contactOf),
        ...(state.owners.find(OWNER_ID) && { ownerId: OWNER_ID }),
        ...(closeDate === undefined ? {} : { closeDate }),
        ...(stage === 'open' && { stage: OPEN_STAGE }),
      });
    },
    addLine: (dealId, line) => void state.addLineItem(dealId, lineItemOf(line)),
    setSeats(dealId, seats) {
      const [line] = state.associations.linked({ object: 'deals', id: dealId }, 'line_items');
      state.edit('line_items', line?.id ?? '', { quantity: seats });
    },
    setSeatsField: (dealId, seats) => state.edit('deals', dealId, { [SEATS_PROPERTY.name]: seats }),
    addPerson(dealId, person) {
      const { labels, ...contact } = contactOf(person);
      const contactId = state.createContact(contact);
      state.addContact(dealId, contactId, labels);
      return contactId;
    },
    removePerson: (dealId, id) =>
      state.associations.unlink({ object: 'deals', id: dealId }, { object: 'contacts', id }),
    linkOf: (contactId) => state.valuesOf('contacts', contactId).dealseat_redeem_link ?? '',
    setLink: (contactId, link) => state.edit('contacts', contactId, { dealseat_redeem_link: link }),
    peopleOf: contactIds,
    emailOf: (contactId) => state.valuesOf('contacts', contactId).email ?? '',
    merge(survivingId, mergedId, { link } = { link: false }) {
      const { dealseat_redeem_link = '' } = state.valuesOf('contacts', mergedId);
      state.merge('contacts', survivingId, mergedId);
      if (link) state.edit('contacts', survivingId, { dealseat_redeem_link });
    },
    giveEveryoneAnEmail(dealId) {
      for (const id of contactIds(dealId)) {
        const { lastname = '' } = state.valuesOf('contacts', id);
        state.edit('contacts', id, { email: names.email({ lastName: lastname }) });
      }
    },
    act: (dealId, action) => state.edit('deals', dealId, { dealseat_action: action }),
    reopen: (dealId) => state.edit('deals', dealId, { dealstage: OPEN_STAGE }),
    statusOf: (dealId) => state.valuesOf('deals', dealId).dealseat_status ?? null,
    taskCountOf: (dealId) => state.engagementsOf('tasks', { object: 'deals', id: dealId }).length,
  };
}

function lineItemOf(line: SceneLine) {
  const { sku, title } = skuAndTitle(line);
  const { seats, startsOn } = line;
  return { sku, name: title, quantity: seats, ...(startsOn === undefined ? {} : { startsOn }) };
}
