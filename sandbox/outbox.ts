/** E-mail that a CRM stand-in would have sent. Nothing ever leaves the machine. */
export interface OutboxMail {
  readonly system: 'hubspot' | 'salesforce';
  readonly to: string;
  readonly subject: string;
  readonly html: string;
  /** What the caller gave the template to merge. */
  readonly properties: Readonly<Record<string, string>>;
  readonly attachments: readonly { readonly name: string; readonly bytes: Buffer }[];
  readonly sentAt: string;
  /** HubSpot `sendId`, or null where the tool has no such key. */
  readonly key: string | null;
}

export class Outbox {
  readonly mails: OutboxMail[] = [];

  add(mail: OutboxMail): void {
    this.mails.push(mail);
  }
}
