import type { OutboxMail } from '../../../sandbox/outbox.ts';
import { requireSecretKeys, requireTi } from '../../config/config.ts';
import { createSealer } from '../../config/secret-keys.ts';
import { createCrms, createPlatforms } from '../../processes/clients.ts';
import { proveHandOver } from '../../runs/prove-hand-over.ts';
import type { SandboxStack } from '../sandbox/stack.ts';
import type { Delivery } from './deliver.ts';

/** What the stand-ins themselves have of a delivered deal, compared with what its run says. */
export interface DemoProof {
  readonly faults: readonly string[];
  readonly checkCount: number;
  /** Counted from 1, as the page does. */
  readonly mails: readonly { readonly mail: OutboxMail; readonly number: number }[];
  readonly rosterUrl: string | null;
}

/** The checks of `dealseat verify`, and one mail a message to people of the deal. */
export async function proveDelivery(
  { deal, result }: Delivery,
  { config, sandbox }: SandboxStack,
  signal: AbortSignal,
): Promise<DemoProof> {
  const { crm: name, example } = deal.standIn;
  const crm = (await createCrms(config))[name];
  if (crm === undefined) throw new Error(`${deal.actor} is off`);
  const { dealId } = example;
  const { checks, status } = await proveHandOver({
    crm,
    platforms: createPlatforms(requireTi(config)),
    sealer: createSealer(requireSecretKeys(config)),
    dealId,
    signal,
  });
  const { contacts } = await crm.readDeal(dealId, signal);
  const addresses = new Set(contacts.map(({ email }) => email));
  const mails = sandbox.outbox.mails
    .map((mail, index) => ({ mail, number: index + 1 }))
    .filter(({ mail }) => mail.system === name && addresses.has(mail.to));
  const sent = result.messages.filter(({ state }) => state !== 'none').length;
  const faults = checks.filter((check) => !check.isProven).map((check) => `${check.name}: ${check.found}`);
  if (checks.length === 0) faults.push('nothing was delivered');
  if (status !== 'Delivered') faults.push(`the deal says ${status ?? 'nothing'}`);
  if (mails.length !== sent) faults.push(`${mails.length} mails are in the outbox, ${sent} were sent`);
  return {
    faults,
    checkCount: checks.length + 2,
    mails,
    rosterUrl: rosterUrlIn(deal.standIn.dealFields(sandbox)),
  };
}

function rosterUrlIn(fields: Readonly<Record<string, unknown>>): string | null {
  const [, url] = Object.entries(fields).find(([name]) => /^dealseat_roster_file(__c)?$/i.test(name)) ?? [];
  return typeof url === 'string' ? url : null;
}
