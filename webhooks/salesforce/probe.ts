import type { CrmModule } from '../../src/clients/crm-module.ts';
import type { SalesforceSettings } from '../../src/clients/salesforce/module.ts';
import type { WebhookProbe } from '../server/probe.ts';

/** An outbound message about an account that cannot exist. */
const ACCOUNT_ID = '001000000000000AAA';

export function salesforceProbe({
  crm,
  settings,
  publicUrl,
}: {
  readonly crm: CrmModule<SalesforceSettings>;
  readonly settings: SalesforceSettings;
  readonly publicUrl: string;
}): WebhookProbe | null {
  const [secret] = settings.webhookSecrets;
  if (secret === undefined) return null;
  return {
    shownPath: '/webhooks/salesforce/***',
    url: `${publicUrl}/webhooks/salesforce/${secret.reveal()}`,
    headers: { 'content-type': 'text/xml; charset=utf-8', soapaction: '""' },
    body: [
      '<?xml version="1.0" encoding="UTF-8"?>',
      '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>',
      '<notifications xmlns="http://soap.sforce.com/2005/09/outbound">',
      `<OrganizationId>${crm.accountOf(settings)}</OrganizationId>`,
      '<Notification><Id>04l000000000000AAA</Id>',
      '<sObject xsi:type="sf:Account" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">',
      `<sf:Id>${ACCOUNT_ID}</sf:Id></sObject></Notification></notifications></soapenv:Body></soapenv:Envelope>`,
    ].join(''),
    isTaken: ({ status, text }) => status === 200 && text.includes('<Ack>true</Ack>'),
    whenRefused:
      'The server has another SALESFORCE_WEBHOOK_SECRET or SALESFORCE_ORG_ID than this command, or a proxy changes the path.',
  };
}
