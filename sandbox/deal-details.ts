import { textOf } from './html.ts';
import type { HubSpotState } from './hubspot/state.ts';
import type { SalesforceState } from './salesforce/state.ts';
import type { DealView } from './state-view.ts';

/** What hangs on one deal, for its own page. */
export interface DealDetails {
  readonly lines: readonly LineView[];
  readonly people: readonly PersonView[];
  /** Tasks and notes, in the order of their creation. */
  readonly notices: readonly NoticeView[];
}

interface LineView {
  readonly product: string;
  readonly quantity: string;
  readonly startsOn: string | null;
}

interface PersonView {
  readonly name: string;
  readonly email: string | null;
  readonly roles: readonly string[];
}

interface NoticeView {
  readonly kind: 'task' | 'note';
  readonly subject: string;
  readonly text: string;
  readonly isDone: boolean;
}

interface CrmStates {
  readonly hubspot: { readonly state: HubSpotState };
  readonly salesforce: { readonly state: SalesforceState };
}

export function dealDetails({ hubspot, salesforce }: CrmStates, { system, id }: DealView): DealDetails {
  return system === 'hubspot' ? inHubSpot(hubspot.state, id) : inSalesforce(salesforce.state, id);
}

function inHubSpot(state: HubSpotState, id: string): DealDetails {
  const deal = { object: 'deals', id } as const;
  const lines = state.associations.linked(deal, 'line_items').map((line) => {
    const { name, hs_sku, quantity, hs_recurring_billing_start_date } =
      state.records.find('line_items', line.id)?.properties ?? {};
    return {
      product: [hs_sku, name].filter(Boolean).join(' '),
      quantity: quantity ?? 'none',
      startsOn: hs_recurring_billing_start_date ?? null,
    };
  });
  const people = state.associations.linked(deal, 'contacts').map((contact) => {
    const record = state.records.findLive('contacts', contact.id);
    const { firstname, lastname, email = null } = record?.properties ?? {};
    const labels = contact.types.flatMap(({ label }) => label ?? []);
    return {
      name: [firstname, lastname].filter(Boolean).join(' ') || contact.id,
      email,
      roles: record ? labels : [...labels, 'no longer in the CRM'],
    };
  });
  const notices = (['tasks', 'notes'] as const).flatMap((object) =>
    state.engagementsOf(object, deal).map(({ properties }) => ({
      kind: object === 'tasks' ? ('task' as const) : ('note' as const),
      subject: properties.hs_task_subject ?? '',
      text: textOf(properties.hs_task_body ?? properties.hs_note_body ?? ''),
      isDone: properties.hs_task_status === 'COMPLETED',
    })),
  );
  return { lines, people, notices };
}

function inSalesforce(state: SalesforceState, id: string): DealDetails {
  const rowOf = (object: string, rowId: unknown) => state.rows(object).find(({ Id }) => Id === rowId);
  const ofDeal = (object: string) => state.rows(object).filter(({ OpportunityId }) => OpportunityId === id);
  const lines = ofDeal('OpportunityLineItem').map(({ Product2Id, Quantity, ServiceDate }) => {
    const { ProductCode, Name } = rowOf('Product2', Product2Id) ?? {};
    return {
      product: [ProductCode, Name].filter(Boolean).join(' '),
      quantity: String(Quantity),
      startsOn: ServiceDate ? String(ServiceDate) : null,
    };
  });
  const people = ofDeal('OpportunityContactRole').map(({ ContactId, Role, IsPrimary }) => {
    const { FirstName, LastName, Email } = rowOf('Contact', ContactId) ?? {};
    const isHidden = !state.store.findVisible('Contact', String(ContactId));
    return {
      name: [FirstName, LastName].filter(Boolean).join(' '),
      email: Email ? String(Email) : null,
      roles: [Role, IsPrimary && 'primary', isHidden && 'hidden from Dealseat'].filter(Boolean).map(String),
    };
  });
  const notices = state
    .rows('Task')
    .filter(({ WhatId }) => WhatId === id)
    .map(({ Subject, Description, Status }) => ({
      kind: 'task' as const,
      subject: String(Subject ?? ''),
      text: String(Description ?? ''),
      isDone: Status === 'Completed',
    }));
  return { lines, people, notices };
}
