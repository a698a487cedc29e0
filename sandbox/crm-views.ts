import type { HubSpotState } from './hubspot/state.ts';
import type { SalesforceState } from './salesforce/state.ts';
import type { DealView, FileView } from './state-view.ts';

export function hubspotDeals(state: HubSpotState): DealView[] {
  return state.records.list('deals').map(({ id, properties }) => ({
    system: 'hubspot',
    id,
    name: properties.dealname ?? '',
    stage: properties.dealstage ?? '',
    fields: dealseatFields(properties),
  }));
}

export function hubspotFiles(state: HubSpotState): FileView[] {
  return state.files.list().map(({ id, name, extension, bytes }) => ({
    system: 'hubspot',
    id,
    name: extension === '' ? name : `${name}.${extension}`,
    byteCount: bytes.length,
  }));
}

export function salesforceDeals(state: SalesforceState): DealView[] {
  return state.rows('Opportunity').map((row) => ({
    system: 'salesforce',
    id: String(row.Id),
    name: String(row.Name),
    stage: String(row.StageName),
    fields: dealseatFields(row),
  }));
}

export function salesforceFiles(state: SalesforceState): FileView[] {
  return state
    .rows('ContentVersion')
    .filter(({ IsLatest }) => IsLatest === true)
    .map((row) => ({
      system: 'salesforce',
      id: String(row.Id),
      name: String(row.PathOnClient),
      byteCount: Number(row.ContentSize),
    }));
}

function dealseatFields(values: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values)
      .filter(([name, value]) => /^dealseat_/i.test(name) && value !== null && value !== undefined)
      .map(([name, value]) => [name, String(value)]),
  );
}
