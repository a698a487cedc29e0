import type { Figures } from '../measures/all.ts';

/** What one delivered deal of a team takes of everything that is scarce. */
export interface DealCosts {
  readonly hubspotCalls: number;
  readonly hubspotSearches: number;
  readonly salesforceCalls: number;
  readonly platformRequests: number;
  readonly mails: number;
  /** Turns of the workflow code, and activities: what Temporal hands out as tasks. */
  readonly tasks: number;
  /** Calls to Temporal's frontend: each task is fetched and answered, and the run is started. */
  readonly frontendCalls: number;
  readonly historyEvents: number;
  readonly historyBytes: number;
}

export type CountedFigures = Pick<Figures, 'requests' | 'history'>;

const TEAM_SEATS = 25;
/** Scheduled, started, and completed. */
const EVENTS_A_TASK = 3;

/** Throws when the bench has not counted what a deal of a team asks for. */
export function costsOf({ requests, history }: CountedFigures): DealCosts {
  const requestsOf = (crm: 'hubspot' | 'salesforce') => {
    const found = requests.find(
      (count) => count.crm === crm && count.seats === TEAM_SEATS && count.to === 'buyer',
    );
    if (found === undefined)
      throw new Error(`There are no counted requests of ${crm} for ${TEAM_SEATS} seats`);
    return found;
  };
  const hubspot = requestsOf('hubspot');
  const salesforce = requestsOf('salesforce');
  const oneGroup = history.filter(({ groups }) => groups === 1);
  const events = Math.max(...oneGroup.map((size) => size.events));
  const tasks = Math.ceil(events / EVENTS_A_TASK);
  return {
    hubspotCalls: hubspot.toCrm,
    hubspotSearches: hubspot.searches,
    salesforceCalls: salesforce.toCrm,
    platformRequests: Math.max(hubspot.toLms, salesforce.toLms),
    mails: 1,
    tasks,
    frontendCalls: 2 * tasks + 1,
    historyEvents: events,
    historyBytes: Math.max(...oneGroup.map(({ bytes }) => bytes)),
  };
}
