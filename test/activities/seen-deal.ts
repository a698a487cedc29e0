import { parse } from 'csv-parse/sync';
import type { Sandbox } from '../../sandbox/index.ts';
import { DEALS, type SandboxCrm } from './world.ts';

/** The seeded deal of a stand-in as people see it there, and what they do to it. */
export interface SeenDeal {
  /** A Dealseat field of the deal, under its short name. */
  field(name: string): string | null;
  set(name: string, text: string): void;
  /** Bytes of the files on the deal, without workbooks, and those of workbooks. */
  files(): Buffer[];
  workbooks(): Buffer[];
  removeFiles(): void;
  /** Subjects of the tasks on the deal, and those of the tasks that are open. */
  tasks(): string[];
  openTasks(): string[];
  /** The redeem links of the people of the seeded deal, by contact; who has none is absent. */
  links(): Map<string, string>;
  setLink(contactId: string, link: string): void;
}

export function seenDeal(sandbox: Sandbox, crm: SandboxCrm): SeenDeal {
  return crm === 'hubspot' ? inHubSpot(sandbox) : inSalesforce(sandbox);
}

function inHubSpot({ hubspot: { state } }: Sandbox): SeenDeal {
  const { dealId } = DEALS.hubspot;
  const deal = { object: 'deals', id: dealId } as const;
  const tasks = () => state.engagementsOf('tasks', deal).map(({ properties }) => properties);
  const people = () => state.associations.linked(deal, 'contacts').map(({ id }) => id);
  return {
    field: (name) => state.valuesOf('deals', dealId)[`dealseat_${name}`] || null,
    set: (name, text) => state.edit('deals', dealId, { [`dealseat_${name}`]: text }),
    files: () =>
      state.attachmentsOf(deal).flatMap(({ extension, bytes }) => (extension === 'xlsx' ? [] : [bytes])),
    workbooks: () =>
      state.attachmentsOf(deal).flatMap(({ extension, bytes }) => (extension === 'xlsx' ? [bytes] : [])),
    removeFiles: () => {
      for (const { id } of state.attachmentsOf(deal)) state.files.remove(id);
    },
    tasks: () => tasks().map((task) => task.hs_task_subject ?? ''),
    openTasks: () =>
      tasks()
        .filter((task) => task.hs_task_status !== 'COMPLETED')
        .map((task) => task.hs_task_subject ?? ''),
    links: () =>
      new Map(
        people()
          .map((id) => [id, state.valuesOf('contacts', id).dealseat_redeem_link ?? ''] as const)
          .filter(([, link]) => link !== ''),
      ),
    setLink: (contactId, link) => state.edit('contacts', contactId, { dealseat_redeem_link: link }),
  };
}

function inSalesforce({ salesforce: { state } }: Sandbox): SeenDeal {
  const { dealId } = DEALS.salesforce;
  const tasks = () => state.rows('Task').filter(({ WhatId }) => WhatId === dealId);
  const apiName = (name: string) =>
    Object.keys(state.opportunity(dealId)).find((key) => key.toLowerCase() === `dealseat_${name}__c`) ??
    `Dealseat_${name.replace(/^./, (letter) => letter.toUpperCase())}__c`;
  return {
    field: (name) => {
      const value = state.opportunity(dealId)[apiName(name)] ?? '';
      return value === '' ? null : String(value);
    },
    set: (name, text) => state.updateOpportunity(dealId, { [apiName(name)]: text }),
    files: () =>
      state.files(dealId).flatMap(({ fileName, bytes }) => (fileName.endsWith('.xlsx') ? [] : [bytes])),
    workbooks: () =>
      state.files(dealId).flatMap(({ fileName, bytes }) => (fileName.endsWith('.xlsx') ? [bytes] : [])),
    removeFiles: () => {
      for (const { documentId } of state.files(dealId)) state.records.remove('ContentDocument', documentId);
    },
    tasks: () => tasks().map(({ Subject }) => String(Subject)),
    openTasks: () =>
      tasks()
        .filter(({ Status }) => Status !== 'Completed')
        .map(({ Subject }) => String(Subject)),
    links: () =>
      new Map(
        state
          .rows('Contact')
          .filter((row) => row.Dealseat_Redeem_Link__c)
          .map((row) => [String(row.Id), String(row.Dealseat_Redeem_Link__c)]),
      ),
    setLink: (contactId, link) =>
      state.records.update('Contact', contactId, { Dealseat_Redeem_Link__c: link }),
  };
}

export function codesInFile(file: Buffer | undefined): string[] {
  const rows: { code: string }[] = parse(file ?? '', { columns: true, bom: true });
  return rows.map(({ code }) => code).sort();
}
