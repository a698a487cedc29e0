import type { HubSpotRecord } from '../hubspot/records.ts';
import type { HubSpotState } from '../hubspot/state.ts';
import { type DealRecord, type DealSummary, type Desk, readableLabel } from './desk.ts';

const OPEN_STAGE = 'contractsent';
const LOST_STAGE = 'closedlost';
const OWNER_ID = '8001';

/** HubSpot as the people of a sales team use it. */
export function createHubSpotDesk(state: HubSpotState): Desk {
  const refOf = (id: string) => ({ object: 'deals', id }) as const;
  return {
    system: 'hubspot',
    dealWord: 'deal',
    deals: () =>
      state.records
        .list('deals')
        .map((record) => summaryOf(state, record))
        .reverse(),
    record(dealId) {
      const record = state.records.findLive('deals', dealId);
      // The id of a merged deal leads to the surviving one.
      return record?.id === dealId ? recordOf(state, record) : undefined;
    },
    file(fileId) {
      const file = state.files.find(fileId);
      return file && { name: fullName(file), bytes: file.bytes };
    },
    sell({ company, sku, product, seats, buyer, learner }) {
      const known = state.records.findByValue('companies', 'name', company);
      return state.createDeal({
        name: `${company} rollout`,
        stage: OPEN_STAGE,
        companyId: known?.id ?? state.create('companies', { name: company }),
        lineItems: [{ sku, name: product, quantity: seats }],
        contacts: [
          { ...contactIn(state, buyer), labels: ['Buyer'] },
          { ...contactIn(state, learner), labels: ['Learner'] },
        ],
        ...(state.owners.find(OWNER_ID) && { ownerId: OWNER_ID }),
      });
    },
    win(dealId) {
      const { pipeline = '' } = state.valuesOf('deals', dealId);
      state.edit('deals', dealId, {
        dealstage: state.pipelines.wonStage(pipeline).id,
        closedate: state.now(),
      });
    },
    lose: (dealId) => state.edit('deals', dealId, { dealstage: LOST_STAGE }),
    reopen: (dealId) => state.edit('deals', dealId, { dealstage: OPEN_STAGE }),
    setQuantity: (_, lineId, quantity) => state.edit('line_items', lineId, { quantity }),
    addLearner(dealId, learner) {
      const contact = contactIn(state, learner);
      state.addContact(dealId, 'id' in contact ? contact.id : state.createContact(contact), ['Learner']);
    },
    removePerson: (dealId, id) => state.associations.unlink(refOf(dealId), { object: 'contacts', id }),
    setField: (dealId, name, value) => state.edit('deals', dealId, { [name]: value || null }),
    merge(survivingId, mergedId) {
      const [from, to] = [refOf(mergedId), refOf(survivingId)];
      state.merge('deals', survivingId, mergedId);
      state.associations.move(from, to, ['line_items', 'contacts']);
    },
  };
}

function summaryOf(state: HubSpotState, { id, properties }: HubSpotRecord): DealSummary {
  const { dealname = id, pipeline, dealstage = '', hs_is_closed, hs_is_closed_won } = properties;
  return {
    id,
    name: dealname,
    stage: state.pipelines.stage(pipeline, dealstage)?.label ?? dealstage,
    standing: hs_is_closed_won === 'true' ? 'won' : hs_is_closed === 'true' ? 'lost' : 'open',
    status: properties.dealseat_status ?? null,
  };
}

function recordOf(state: HubSpotState, record: HubSpotRecord): DealRecord {
  const { id, properties } = record;
  const deal = { object: 'deals', id } as const;
  const [company] = state.associations.linked(deal, 'companies');
  const owner = state.owners.find(properties.hubspot_owner_id ?? '');
  return {
    ...summaryOf(state, record),
    amount: properties.amount ?? null,
    closesOn: properties.closedate?.slice(0, 10) ?? null,
    owner: owner ? `${owner.firstName} ${owner.lastName}` : null,
    company: (company && state.records.find('companies', company.id)?.properties.name) ?? null,
    fields: state.properties
      .list('deals')
      .filter(({ name }) => name.startsWith('dealseat_'))
      .map(({ name, label, options }) => ({
        name,
        label: readableLabel(label, name),
        value: properties[name] ?? '',
        options: options.filter(({ hidden }) => !hidden),
      })),
    lines: state.associations.linked(deal, 'line_items').map((line) => {
      const { name, hs_sku, quantity, hs_recurring_billing_start_date } =
        state.records.find('line_items', line.id)?.properties ?? {};
      return {
        id: line.id,
        product: [name, hs_sku && `(${hs_sku})`].filter(Boolean).join(' '),
        quantity: quantity ?? '',
        startsOn: hs_recurring_billing_start_date ?? null,
      };
    }),
    people: state.associations.linked(deal, 'contacts').map((contact) => {
      const found = state.records.findLive('contacts', contact.id);
      const { firstname, lastname, email = null, dealseat_redeem_link = '' } = found?.properties ?? {};
      const labels = contact.types.flatMap(({ label }) => label ?? []);
      return {
        id: contact.id,
        name: [firstname, lastname].filter(Boolean).join(' ') || contact.id,
        email,
        roles: found ? labels : [...labels, 'no longer in the CRM'],
        links: dealseat_redeem_link.split('\n').filter(Boolean),
      };
    }),
    tasks: state.engagementsOf('tasks', deal).map((task) => ({
      subject: task.properties.hs_task_subject ?? '',
      body: { html: task.properties.hs_task_body ?? '' },
      isDone: task.properties.hs_task_status === 'COMPLETED',
      priority: task.properties.hs_task_priority ?? null,
      dueOn: task.properties.hs_timestamp?.slice(0, 10) ?? null,
    })),
    notes: state.engagementsOf('notes', deal).map((note) => note.properties.hs_note_body ?? ''),
    files: state
      .attachmentsOf(deal)
      .map((file) => ({ id: file.id, name: fullName(file), byteCount: file.bytes.length })),
  };
}

function contactIn(state: HubSpotState, person: { firstName: string; lastName: string; email: string }) {
  const known = state.records.findByValue('contacts', 'email', person.email);
  return known ? { id: known.id } : person;
}

function fullName({ name, extension }: { readonly name: string; readonly extension: string }): string {
  return extension === '' ? name : `${name}.${extension}`;
}
