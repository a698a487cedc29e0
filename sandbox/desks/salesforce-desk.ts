import type { SalesforceState } from '../salesforce/state.ts';
import type { Row } from '../salesforce/store.ts';
import { type DealRecord, type DealSummary, type Desk, readableLabel } from './desk.ts';

const WON_STAGE = 'Closed Won';
const LOST_STAGE = 'Closed Lost';
const OPEN_STAGE = 'Negotiation/Review';
const OWNER = { firstName: 'Kim', lastName: 'Ops', email: 'kim.ops@vendor.example' };

/** Salesforce as the people of a sales team use it. It merges no opportunities. */
export function createSalesforceDesk(state: SalesforceState): Desk {
  const setStage = (dealId: string, stage: string) => state.setStage(dealId, stage, { by: OWNER.email });
  const known = (dealId: string) => state.rows('Opportunity').find(({ Id }) => Id === dealId);
  return {
    system: 'salesforce',
    dealWord: 'opportunity',
    deals: () => state.rows('Opportunity').map(summaryOf).reverse(),
    record(dealId) {
      const row = known(dealId);
      return row && recordOf(state, row);
    },
    file(fileId) {
      const version = state.rows('ContentVersion').find(({ Id }) => Id === fileId);
      const bytes = state.store.file(fileId);
      return version && bytes && { name: String(version.PathOnClient), bytes };
    },
    sell({ company, sku, product, seats, buyer, learner }) {
      return state.createOpportunity({
        name: `${company} rollout`,
        stageName: OPEN_STAGE,
        closeDate: new Date(state.now()).toISOString().slice(0, 10),
        account: { name: company },
        lineItems: [{ productCode: sku, name: product, quantity: seats }],
        contacts: [
          { ...buyer, role: 'Economic Buyer', isPrimary: true },
          { ...learner, role: 'Learner' },
        ],
        owner: OWNER,
      });
    },
    win(dealId) {
      const CloseDate = new Date(state.now()).toISOString().slice(0, 10);
      state.updateOpportunity(dealId, { CloseDate, LastModifiedById: state.createUser(OWNER) });
      setStage(dealId, WON_STAGE);
    },
    lose: (dealId) => setStage(dealId, LOST_STAGE),
    reopen: (dealId) => setStage(dealId, OPEN_STAGE),
    setQuantity: (_, lineId, quantity) =>
      state.records.update('OpportunityLineItem', lineId, { Quantity: quantity }),
    addLearner: (dealId, learner) => void state.addContact(dealId, { ...learner, role: 'Learner' }),
    removePerson(dealId, contactId) {
      const role = state
        .rows('OpportunityContactRole')
        .find((row) => row.OpportunityId === dealId && row.ContactId === contactId);
      state.records.remove('OpportunityContactRole', String(role?.Id));
    },
    setField: (dealId, name, value) =>
      state.updateOpportunity(dealId, { [name]: value || null, LastModifiedById: state.createUser(OWNER) }),
    merge: null,
  };
}

function summaryOf(row: Row): DealSummary {
  return {
    id: String(row.Id),
    name: String(row.Name),
    stage: String(row.StageName),
    standing: row.IsWon === true ? 'won' : row.IsClosed === true ? 'lost' : 'open',
    status: textOrNull(row.Dealseat_Status__c),
  };
}

function recordOf(state: SalesforceState, row: Row): DealRecord {
  const id = String(row.Id);
  const byId = (object: string, rowId: unknown) => state.rows(object).find(({ Id }) => Id === rowId);
  const ofDeal = (object: string) => state.rows(object).filter(({ OpportunityId }) => OpportunityId === id);
  const fields = state.schema
    .fields(state.schema.object('Opportunity'))
    .filter(({ name }) => name.startsWith('Dealseat_'));
  return {
    ...summaryOf(row),
    amount: textOrNull(row.Amount),
    closesOn: textOrNull(row.CloseDate),
    owner: textOrNull(byId('User', row.OwnerId)?.Name),
    company: textOrNull(byId('Account', row.AccountId)?.Name),
    fields: fields.map(({ name, label, picklistValues }) => ({
      name,
      label: readableLabel(label, name),
      value: textOrNull(row[name]) ?? '',
      options: picklistValues.map((value) => ({ value, label: value })),
    })),
    lines: ofDeal('OpportunityLineItem').map((line) => {
      const { ProductCode, Name } = byId('Product2', line.Product2Id) ?? {};
      return {
        id: String(line.Id),
        product: [Name, ProductCode && `(${ProductCode})`].filter(Boolean).join(' '),
        quantity: textOrNull(line.Quantity) ?? '',
        startsOn: textOrNull(line.ServiceDate),
      };
    }),
    people: ofDeal('OpportunityContactRole').map(({ ContactId, Role, IsPrimary }) => {
      const contact = byId('Contact', ContactId) ?? {};
      const isHidden = !state.store.findVisible('Contact', String(ContactId));
      return {
        id: String(ContactId),
        name: [contact.FirstName, contact.LastName].filter(Boolean).join(' '),
        email: textOrNull(contact.Email),
        roles: [Role, IsPrimary && 'primary', isHidden && 'hidden from Dealseat'].filter(Boolean).map(String),
        links: (textOrNull(contact.Dealseat_Redeem_Link__c) ?? '').split('\n').filter(Boolean),
      };
    }),
    tasks: state
      .rows('Task')
      .filter(({ WhatId }) => WhatId === id)
      .map((task) => ({
        subject: textOrNull(task.Subject) ?? '',
        body: { text: textOrNull(task.Description) ?? '' },
        isDone: task.Status === 'Completed',
        priority: textOrNull(task.Priority),
        dueOn: textOrNull(task.ActivityDate),
      })),
    notes: [],
    files: state
      .files(id)
      .map(({ versionId, fileName, bytes }) => ({ id: versionId, name: fileName, byteCount: bytes.length })),
  };
}

function textOrNull(value: unknown): string | null {
  return value === null || value === undefined || value === '' ? null : String(value);
}
