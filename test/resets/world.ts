import { createHash } from 'node:crypto';
import type { Sandbox } from '../../sandbox/index.ts';
import { hubspotEvidence, isRoster, salesforceEvidence } from '../support/evidence.ts';
import type { DealIn } from './sales.ts';

/** Everything that the outside world shows of a deal. Each test has stand-ins of its own, so all of it is the deal's. */
export interface World {
  /** The deal's own fields under one set of names: `status`, `detail`, `roster_file` and so on. */
  readonly fields: Readonly<Record<string, string>>;
  readonly ledger: LedgerText;
  readonly groups: readonly Group[];
  /** Roster files of the deal, also those that hang on nothing. */
  readonly files: readonly StoredFile[];
  /** HubSpot only: notes that carry a file. */
  readonly fileNotes: number;
  /** Every line of every link field of the deal's contacts: `<contact> <link>`. */
  readonly links: readonly string[];
  /** Contacts on the list that stands for a mail. */
  readonly listed: readonly string[];
  readonly mails: readonly Mail[];
  readonly tasks: readonly Task[];
}

interface Group {
  readonly id: string;
  readonly token: string;
  readonly label: string;
  readonly codes: number;
}

interface StoredFile {
  readonly name: string;
  readonly sha256: string;
  /** Every id by which a field of the deal may name it. */
  readonly ids: readonly string[];
}

interface Mail {
  readonly to: string;
  /** Equal for two mails that say the same. */
  readonly content: string;
}

interface Task {
  readonly subject: string;
  readonly text: string;
  readonly isOpen: boolean;
}

/** As far as this needs it; the whole of it is checked by the proof. */
interface LedgerText {
  readonly groups: readonly { readonly group: string; readonly issued: number; readonly active: number }[];
  readonly roster: unknown;
  readonly isPending: boolean;
}

export const LIST_ID = '2001';

export function worldOf(sandbox: Sandbox, at: DealIn): World {
  const { fields } = evidenceOf(sandbox, at);
  const { hubspot, outbox, ti } = sandbox;
  return {
    fields,
    ledger: ledgerIn(fields.ledger),
    groups: ti.state.groups.map(({ id, label, totalCodesCount: codes }) => ({
      id,
      label,
      token: label.slice(label.lastIndexOf('-') + 1),
      codes,
    })),
    files: filesOf(sandbox, at),
    fileNotes: fileNotesOf(sandbox, at),
    links: linksOf(sandbox, at).sort(),
    listed: [...hubspot.state.lists.get(LIST_ID).members.keys()].sort(),
    mails: outbox.mails.map(({ to, subject, html, properties }) => ({
      to,
      content: digest(JSON.stringify([subject, html, properties])),
    })),
    tasks: tasksOf(sandbox, at),
  };
}

export function openTasks(sandbox: Sandbox, at: DealIn): readonly Task[] {
  return tasksOf(sandbox, at).filter(({ isOpen }) => isOpen);
}

/** The customer may use seats, and the deal names them. */
export function hasSeats({ ledger }: World): boolean {
  return ledger.groups.some(({ active }) => active > 0);
}

function evidenceOf(sandbox: Sandbox, { crm, deal }: DealIn) {
  return crm === 'hubspot' ? hubspotEvidence(sandbox, deal) : salesforceEvidence(sandbox, deal);
}

function tasksOf({ hubspot, salesforce }: Sandbox, { crm, deal: { dealId } }: DealIn): Task[] {
  if (crm === 'hubspot') {
    const tasks = hubspot.state.engagementsOf('tasks', { object: 'deals', id: dealId });
    return tasks.map(({ properties }) => ({
      subject: properties.hs_task_subject ?? '',
      text: properties.hs_task_body ?? '',
      isOpen: properties.hs_task_status !== 'COMPLETED',
    }));
  }
  const tasks = salesforce.state.rows('Task').filter(({ WhatId }) => WhatId === dealId);
  return tasks.map(({ Subject, Description, Status }) => ({
    subject: String(Subject),
    text: String(Description),
    isOpen: Status !== 'Completed',
  }));
}

function filesOf({ hubspot, salesforce }: Sandbox, { crm, deal: { dealId } }: DealIn): StoredFile[] {
  if (crm === 'hubspot') {
    const files = hubspot.state.files.list().filter(({ folderPath }) => folderPath === '/dealseat/rosters');
    return files
      .filter(({ name, extension }) => isRoster(name) && extension === 'csv')
      .map(({ id, name, bytes }) => ({ name, sha256: digest(bytes), ids: [id] }));
  }
  const files = salesforce.state
    .files(dealId)
    .filter(({ fileName }) => isRoster(fileName) && fileName.endsWith('.csv'));
  return files.map(({ title, documentId, versionId, bytes }) => ({
    name: title,
    sha256: digest(bytes),
    ids: [documentId, versionId],
  }));
}

function fileNotesOf({ hubspot }: Sandbox, { crm, deal: { dealId } }: DealIn): number {
  if (crm !== 'hubspot') return 0;
  const notes = hubspot.state.engagementsOf('notes', { object: 'deals', id: dealId });
  return notes.filter(
    ({ properties: { hs_attachment_ids: files = '', hs_note_body: body = '' } }) =>
      files !== '' && !body.includes('roster withdrawn-'),
  ).length;
}

function linksOf({ hubspot, salesforce }: Sandbox, { crm }: DealIn): string[] {
  const fields =
    crm === 'hubspot'
      ? ['6001', '6002'].map((id) => [id, hubspot.state.valuesOf('contacts', id).dealseat_redeem_link])
      : salesforce.state.rows('Contact').map((row) => [row.Id, row.Dealseat_Redeem_Link__c]);
  return fields.flatMap(([id, text]) =>
    typeof text === 'string' && text !== '' ? text.split('\n').map((line) => `${id} ${line}`) : [],
  );
}

function ledgerIn(text: string | undefined): LedgerText {
  const ledger = text ? JSON.parse(text) : {};
  return { groups: ledger.groups ?? [], roster: ledger.roster ?? null, isPending: ledger.pending === true };
}

function digest(bytes: Buffer | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}
