import type { Outbox } from '../outbox.ts';
import { AccessTokens } from './access-tokens.ts';
import { mustBeId } from './ids.ts';
import { OBJECTS, STAGES } from './objects.ts';
import { QueryCursors } from './query-cursors.ts';
import { Records } from './records.ts';
import { Schema } from './schema.ts';
import { type SalesforceSandboxOptions, type Settings, settingsFrom } from './settings.ts';
import { type Fields, idOf, type Row, Store, text } from './store.ts';

export interface NewOpportunity {
  readonly id?: string;
  readonly name: string;
  readonly stageName: string;
  readonly closeDate: string;
  /** Made if there is none of this name. */
  readonly recordType?: string;
  readonly account?: { readonly name: string; readonly website?: string };
  /** `productCode: null` for a product without one. An equal code means the same product. */
  readonly lineItems?: readonly NewLine[];
  readonly contacts?: readonly NewContact[];
  readonly owner?: { readonly firstName?: string; readonly lastName?: string; readonly email: string };
}

export interface NewLine {
  readonly productCode: string | null;
  readonly name: string;
  readonly quantity: number;
  readonly unitPrice?: number;
  /** `YYYY-MM-DD`. */
  readonly serviceDate?: string;
}

export interface NewContact {
  readonly firstName?: string;
  readonly lastName: string;
  readonly email: string | null;
  readonly role?: string;
  readonly isPrimary?: boolean;
}

export interface PersonsFile {
  /** E-mail address of the person. */
  readonly by: string;
  readonly title: string;
  readonly content: string;
  /** Absent: a file of its own. */
  readonly documentId?: string;
}

export interface StoredFile {
  readonly versionId: string;
  readonly documentId: string;
  readonly title: string;
  readonly fileName: string;
  readonly bytes: Buffer;
}

const DAY_MS = 24 * 60 * 60 * 1_000;

/** One org: its records, sessions and switches. Tests and the state page read and change it directly. */
export class SalesforceState {
  /** 18 characters. */
  readonly orgId: string;
  readonly userId: string;
  readonly settings: Settings;
  readonly schema: Schema;
  readonly store = new Store();
  readonly records: Records;
  readonly tokens: AccessTokens;
  readonly cursors = new QueryCursors();
  readonly outbox: Outbox;
  readonly now: () => number;
  /** REST calls of today. */
  apiCalls = 0;
  /** Told of every opportunity that enters a won stage, or on which somebody acts. */
  readonly reportListeners: ((opportunityId: string) => void)[] = [];

  constructor(options: SalesforceSandboxOptions) {
    this.orgId = mustBeId(options.orgId);
    this.now = options.now ?? Date.now;
    this.outbox = options.outbox;
    this.settings = settingsFrom(options);
    this.schema = new Schema(OBJECTS, this.settings);
    this.tokens = new AccessTokens(this.orgId, this.settings, this.now);
    this.userId = this.store.nextId('005');
    this.records = new Records({
      schema: this.schema,
      store: this.store,
      now: this.now,
      userId: this.userId,
      onReported: (id) => {
        for (const listener of this.reportListeners) listener(id);
      },
    });
    this.records.insert('Organization', { Name: 'Sandbox Org' }, this.orgId);
    this.records.insert(
      'User',
      userFields({ firstName: 'Dealseat', lastName: 'Integration', email: 'integration@vendor.example' }),
      this.userId,
    );
    for (const [index, { name, isClosed, isWon, probability }] of STAGES.entries()) {
      this.records.insert('OpportunityStage', {
        ApiName: name,
        MasterLabel: name,
        IsActive: true,
        IsClosed: isClosed,
        IsWon: isWon,
        DefaultProbability: probability,
        SortOrder: index + 1,
      });
    }
  }

  /** Returns the 18-character id. */
  createOpportunity(deal: NewOpportunity): string {
    const accountId = deal.account ? this.#account(deal.account) : null;
    const opportunityId = this.records.insert(
      'Opportunity',
      {
        Name: deal.name,
        StageName: deal.stageName,
        CloseDate: deal.closeDate,
        AccountId: accountId,
        ...(deal.recordType ? { RecordTypeId: this.recordType(deal.recordType) } : {}),
        ...(deal.owner ? { OwnerId: this.createUser(deal.owner) } : {}),
      },
      deal.id,
    );
    for (const line of deal.lineItems ?? []) this.addLineItem(opportunityId, line);
    for (const contact of deal.contacts ?? []) this.addContact(opportunityId, contact, accountId);
    // Lines and people stand on a deal for days before it is won.
    for (const object of ['OpportunityLineItem', 'OpportunityContactRole']) {
      for (const row of this.store.rows(object)) {
        if (row.OpportunityId === opportunityId) this.records.age(row, DAY_MS);
      }
    }
    return opportunityId;
  }

  /** Returns the id of the record type of opportunities with this name, made if there is none. */
  recordType(name: string): string {
    const known = this.store.rows('RecordType').find((row) => row.Name === name);
    if (known) return idOf(known);
    const DeveloperName = name.replace(/\W+/g, '_');
    return this.records.insert('RecordType', { Name: name, DeveloperName, SobjectType: 'Opportunity' });
  }

  addLineItem(opportunityId: string, line: NewLine): string {
    return this.records.insert('OpportunityLineItem', {
      OpportunityId: opportunityId,
      Product2Id: this.#product(line.productCode, line.name),
      Quantity: line.quantity,
      UnitPrice: line.unitPrice ?? 100,
      ServiceDate: line.serviceDate ?? null,
    });
  }

  /** Makes the contact and its role on the opportunity; returns the contact's id. */
  addContact(opportunityId: string, contact: NewContact, accountId: string | null = null): string {
    const contactId = this.records.insert('Contact', {
      FirstName: contact.firstName ?? null,
      LastName: contact.lastName,
      Email: contact.email,
      AccountId: accountId,
    });
    this.records.insert('OpportunityContactRole', {
      OpportunityId: opportunityId,
      ContactId: contactId,
      Role: contact.role ?? null,
      IsPrimary: contact.isPrimary ?? false,
    });
    return contactId;
  }

  /** Its roles go over to the surviving contact, whose fields stay as they are; it goes into the recycle bin. */
  mergeContacts(survivingId: string, mergedId: string): void {
    for (const role of this.store.rows('OpportunityContactRole')) {
      if (role.ContactId === mergedId) {
        this.records.update('OpportunityContactRole', idOf(role), { ContactId: survivingId });
      }
    }
    this.records.update('Contact', mergedId, { MasterRecordId: survivingId });
    this.records.remove('Contact', mergedId);
  }

  /** Returns the id of the active user with this address, made if there is none. */
  createUser(user: NonNullable<NewOpportunity['owner']>): string {
    const known = this.store.rows('User').find((row) => row.Email === user.email);
    return known ? idOf(known) : this.records.insert('User', userFields(user));
  }

  /** The owner of the deal leaves the company. */
  deactivateOwner(opportunityId: string): void {
    this.records.update('User', text(this.opportunity(opportunityId), 'OwnerId'), { IsActive: false });
  }

  /** A mail that a person exchanged about the deal; a draft may have no body. Returns its id. */
  logMail(
    opportunityId: string,
    { by, body }: { readonly by: string; readonly body: string | null },
  ): string {
    return this.records.insert('EmailMessage', {
      RelatedToId: opportunityId,
      Subject: 'About the seats',
      HtmlBody: body,
      TextBody: body,
      FromAddress: by,
      CreatedById: this.createUser({ email: by }),
    });
  }

  /** A task that a person made for the deal. Returns its id. */
  addTask(opportunityId: string, { by, description }: { readonly by: string; readonly description: string }) {
    return this.records.insert('Task', {
      WhatId: opportunityId,
      Subject: 'Call them back',
      Description: description,
      CreatedById: this.createUser({ email: by }),
    });
  }

  /** A file that a person uploads to the deal, or as a new version of a file that is there. Returns the version's id. */
  addFile(opportunityId: string, { by, title, content, documentId }: PersonsFile): string {
    const person = this.createUser({ email: by });
    return this.records.insert('ContentVersion', {
      Title: title,
      PathOnClient: title,
      VersionData: Buffer.from(content).toString('base64'),
      ...(documentId === undefined
        ? { FirstPublishLocationId: mustBeId(opportunityId) }
        : { ContentDocumentId: documentId }),
      CreatedById: person,
      OwnerId: person,
    });
  }

  /** A person shows a file on another record as well. */
  linkFile(documentId: string, linkedEntityId: string): void {
    this.records.insert('ContentDocumentLink', {
      ContentDocumentId: documentId,
      LinkedEntityId: mustBeId(linkedEntityId),
    });
  }

  /** As a person in the CRM would do it, or the integration user; entering a won stage fires the outbound message. */
  setStage(opportunityId: string, stageName: string, { by }: { readonly by?: string } = {}): void {
    this.records.update('Opportunity', opportunityId, {
      StageName: stageName,
      ...(by !== undefined && { LastModifiedById: this.createUser({ email: by }) }),
    });
  }

  /** A person sets the action field; `role` is made where the org has none of that name. */
  act(
    opportunityId: string,
    action: string | null,
    by: {
      readonly email: string;
      readonly firstName?: string;
      readonly lastName?: string;
      readonly role?: string;
    },
  ): void {
    const { role, ...user } = by;
    const userId = this.createUser(user);
    if (role !== undefined) {
      const known = this.store.rows('UserRole').find((row) => row.Name === role);
      const UserRoleId = known ? idOf(known) : this.records.insert('UserRole', { Name: role });
      this.records.update('User', userId, { UserRoleId });
    }
    this.records.update('Opportunity', opportunityId, {
      Dealseat_Action__c: action,
      LastModifiedById: userId,
    });
  }

  /** As an admin would do it in the setup of the stages; what an API calls the stage stays. */
  updateStage(apiName: string, fields: Fields): void {
    const stage = this.store.rows('OpportunityStage').find((row) => row.ApiName === apiName);
    if (!stage) throw new RangeError(`the sandbox has no stage ${apiName}`);
    this.records.update('OpportunityStage', idOf(stage), fields);
  }

  updateOpportunity(opportunityId: string, fields: Fields): void {
    this.records.update('Opportunity', opportunityId, fields);
  }

  /** A copy of the record's fields. */
  opportunity(opportunityId: string): Row {
    return { ...this.records.existing(this.schema.object('Opportunity'), opportunityId) };
  }

  /** Copies of all records of an object, in the order of their creation. */
  rows(objectName: string): Row[] {
    return this.store.rows(this.schema.object(objectName).name).map((row) => ({ ...row }));
  }

  /** The latest versions of the files that are linked to a record. */
  files(linkedEntityId: string): StoredFile[] {
    const entity = mustBeId(linkedEntityId);
    const documents = new Set(
      this.rows('ContentDocumentLink')
        .filter((link) => link.LinkedEntityId === entity)
        .map((link) => link.ContentDocumentId),
    );
    return this.rows('ContentVersion')
      .filter((version) => version.IsLatest === true && documents.has(version.ContentDocumentId ?? null))
      .map((version) => ({
        versionId: idOf(version),
        documentId: text(version, 'ContentDocumentId'),
        title: text(version, 'Title'),
        fileName: text(version, 'PathOnClient'),
        bytes: this.store.file(idOf(version)) ?? Buffer.alloc(0),
      }));
  }

  /** Sharing hides the record from the integration user: queries leave it out, and a lookup shows its id alone. */
  hide(id: string): void {
    this.store.hide(mustBeId(id));
  }

  show(id: string): void {
    this.store.show(mustBeId(id));
  }

  /** Every session ends now: the next call of each holder meets 401. */
  expireTokens(): void {
    this.tokens.revokeAll();
  }

  #account({ name, website }: NonNullable<NewOpportunity['account']>): string {
    const known = this.store.rows('Account').find((row) => row.Name === name);
    if (known) return idOf(known);
    return this.records.insert('Account', { Name: name, Website: website ?? null });
  }

  #product(productCode: string | null, name: string): string {
    const known = this.store
      .rows('Product2')
      .find((row) => (productCode === null ? row.Name === name : row.ProductCode === productCode));
    if (known) return idOf(known);
    return this.records.insert('Product2', { Name: name, ProductCode: productCode, IsActive: true });
  }
}

function userFields({ firstName, lastName, email }: NonNullable<NewOpportunity['owner']>): Fields {
  const [local = ''] = email.split('@');
  const last = lastName ?? local;
  return {
    FirstName: firstName ?? null,
    LastName: last,
    Name: [firstName, last].filter(Boolean).join(' '),
    Username: email,
    Email: email,
    IsActive: true,
  };
}
