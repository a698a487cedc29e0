import { askedIn } from '../../sandbox/http.ts';
import type { Sandbox } from '../../sandbox/index.ts';
import type { StartedDeal } from './sandbox-tenant.ts';

/** What the stand-ins know about a deal: never what the run says of itself. */
export interface Evidence {
  /** The deal's Dealseat fields under one set of names: `status`, `seats`, `roster_file` and so on. */
  readonly fields: Readonly<Record<string, string>>;
  /** Codes of each roster on the deal. */
  readonly rosters: readonly (readonly string[])[];
  /** Recipients of the mails of this CRM, in the order of sending. */
  readonly mailedTo: readonly string[];
  /** Subjects of the tasks on the deal, in the order of creation. */
  readonly tasks: readonly string[];
  /** Subjects of those that nobody has completed. */
  readonly openTasks: readonly string[];
  /** Texts of all tasks. */
  readonly taskTexts: readonly string[];
}

export function hubspotEvidence({ hubspot, outbox }: Sandbox, { dealId }: StartedDeal): Evidence {
  const deal = { object: 'deals', id: dealId } as const;
  const tasks = hubspot.state.engagementsOf('tasks', deal).map(({ properties }) => properties);
  return {
    fields: dealseatFields(hubspot.state.valuesOf('deals', dealId)),
    rosters: hubspot.state
      .attachmentsOf(deal)
      .flatMap(({ name, extension, bytes }) =>
        isRoster(name) && extension === 'csv' ? [codesIn(bytes)] : [],
      ),
    mailedTo: outbox.mails.filter(({ system }) => system === 'hubspot').map(({ to }) => to),
    tasks: tasks.map((task) => task.hs_task_subject ?? ''),
    openTasks: tasks
      .filter(({ hs_task_status: status }) => status !== 'COMPLETED')
      .map((task) => task.hs_task_subject ?? ''),
    taskTexts: tasks.map((task) => task.hs_task_body ?? ''),
  };
}

export function salesforceEvidence({ salesforce, outbox }: Sandbox, { dealId }: StartedDeal): Evidence {
  const tasks = salesforce.state.rows('Task').filter(({ WhatId }) => WhatId === dealId);
  return {
    fields: dealseatFields(salesforce.state.opportunity(dealId)),
    rosters: salesforce.state
      .files(dealId)
      .flatMap(({ fileName, bytes }) =>
        isRoster(fileName) && fileName.endsWith('.csv') ? [codesIn(bytes)] : [],
      ),
    mailedTo: outbox.mails.filter(({ system }) => system === 'salesforce').map(({ to }) => to),
    tasks: tasks.map(({ Subject }) => String(Subject)),
    openTasks: tasks.filter(({ Status }) => Status !== 'Completed').map(({ Subject }) => String(Subject)),
    taskTexts: tasks.map(({ Description }) => String(Description)),
  };
}

/** Not a file with the codes of a withdrawal, which stays for the admin of the learning platform. */
export function isRoster(fileName: string): boolean {
  return !fileName.startsWith('withdrawn-');
}

/** Every code that exists in the learning platform. */
export function codesMade({ ti }: Sandbox): string[] {
  return ti.state.codes.map(({ code }) => code).sort();
}

/** How many requests that change something reached any of the stand-ins. */
export function writeCount({ exchanges }: Sandbox): number {
  const reads = /\/(search|batch\/read|token|graphql)$/;
  return askedIn(exchanges).filter(({ method, path }) => method !== 'GET' && !reads.test(path)).length;
}

function codesIn(roster: Buffer): string[] {
  const [, ...rows] = roster.toString('utf8').trim().split('\r\n');
  return rows.map((row) => row.split(/[,;]/)[0] ?? '').sort();
}

function dealseatFields(values: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => {
      const short = /^dealseat_(.+?)(__c)?$/i.exec(name)?.[1];
      return short === undefined || value === null ? [] : [[short.toLowerCase(), String(value)]];
    }),
  );
}
