import type { Sandbox } from '../../../sandbox/index.ts';
import type { OutboxMail } from '../../../sandbox/outbox.ts';
import type { ProvisionResult } from '../../contracts/run.ts';
import type { DemoDeal } from './deals.ts';

/** What the sandbox itself knows of a delivered deal, compared with what the run says. */
export interface DemoCheck {
  readonly faults: readonly string[];
  readonly mail: OutboxMail | null;
  /** Counts from 1, as the state page does. */
  readonly mailNumber: number | null;
  readonly fields: Readonly<Record<string, string>>;
}

/**
 * Looks only at the state of the stand-ins, never at what the run reported: one group a label, as many codes as
 * seats, every code once in the roster, one mail to the buyer, the mark on the deal.
 */
export function checkDeal(sandbox: Sandbox, { standIn }: DemoDeal, result: ProvisionResult): DemoCheck {
  const { crm, example: deal } = standIn;
  const faults: string[] = [];
  const expect = (isTrue: boolean, fault: string) => {
    if (!isTrue) faults.push(fault);
  };
  const codes = result.groupIds.flatMap((id) => sandbox.ti.state.codesOf(id).map(({ code }) => code));
  const labels = sandbox.ti.state.groups.map(({ label }) => label);
  for (const label of result.groupLabels) {
    const count = labels.filter((other) => other === label).length;
    expect(count === 1, `the learning platform has ${count} groups ${label}, expected 1`);
  }
  expect(codes.length === deal.seatCount, `${codes.length} codes exist, expected ${deal.seatCount}`);

  const files = standIn.rosterFiles(sandbox);
  expect(files.length === 1, `the deal has ${files.length} roster files, expected 1`);
  const text = files[0]?.toString('utf8') ?? '';
  const rows = text.trim().split(/\r?\n/).slice(1);
  expect(rows.length === codes.length, `the roster has ${rows.length} rows, expected ${codes.length}`);
  const missing = codes.filter((code) => !rows.some((row) => row.startsWith(`${code},`)));
  expect(missing.length === 0, `${missing.length} codes are missing in the roster`);

  const mails = sandbox.outbox.mails.filter((mail) => mail.system === crm && mail.to === deal.buyerEmail);
  expect(mails.length === 1, `the outbox has ${mails.length} mails to the buyer, expected 1`);

  const fields = dealseatFields(standIn.dealFields(sandbox));
  const status = fields.status ?? 'nothing';
  expect(status === 'Delivered', `the deal says ${status}, expected Delivered`);
  expect(
    fields.seats === String(deal.seatCount),
    `the deal says ${fields.seats} seats, expected ${deal.seatCount}`,
  );
  const [mail = null] = mails;
  const mailNumber = mail && sandbox.outbox.mails.indexOf(mail) + 1;
  return { faults, mail, mailNumber, fields };
}

/** Dealseat's fields under one set of names, whatever the CRM: `status`, `seats`, `roster_file` and so on. */
function dealseatFields(values: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => {
      const short = /^dealseat_(.+?)(__c)?$/i.exec(name)?.[1];
      return short === undefined || value === null ? [] : [[short.toLowerCase(), String(value)]];
    }),
  );
}
