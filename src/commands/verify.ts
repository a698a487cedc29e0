import type { Command } from 'commander';
import { loadConfig, requireTi } from '../config/config.ts';
import { provisioningId } from '../domain/deal/ids.ts';
import { countOf } from '../domain/words.ts';
import { createCrms, createPlatforms } from '../processes/clients.ts';
import { type Proof, proveHandOver } from '../runs/prove-hand-over.ts';
import { CRM_ARGUMENT_HELP, DEAL_ID_ARGUMENT_HELP, dealOfCrm } from './terminal/deal-argument.ts';
import { EXIT } from './terminal/exit-code.ts';
import { jsonOption, printData, table } from './terminal/print.ts';
import { readSealer } from './terminal/sealer.ts';
import type { CommandContext } from './terminal/terminal.ts';

export function define(command: Command, { terminal, exit }: CommandContext): void {
  command
    .argument('<crm>', CRM_ARGUMENT_HELP)
    .argument('<dealId>', DEAL_ID_ARGUMENT_HELP)
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Reads both systems anew and checks that

- this deployment sealed the ledger on the deal
- each code group exists once, and has as many codes as seats
- the roster file has the SHA-256 that stands in the ledger, and people can find it on the deal
- every code is in the roster, with one learner, or withdrawn

Shows no code. Works without Temporal. Exit code 0: proven; 1: something differs; 3: nothing was delivered yet.`,
    )
    .action(async (crmName: string, dealId: string, options: { json?: boolean }) => {
      const config = loadConfig(terminal.env);
      const deal = dealOfCrm(config, crmName, dealId);
      const ti = requireTi(config);
      const sealer = await readSealer(config);
      const crm = (await createCrms(config))[deal.crm];
      if (crm === undefined) throw new Error(`${deal.crm} is off`);
      const proof = await proveHandOver({
        crm,
        platforms: createPlatforms(ti),
        sealer,
        dealId: deal.dealId,
        signal: terminal.interrupted,
      });
      const isDelivered = proof.checks.length > 0;
      const isProven = isDelivered && proof.checks.every((check) => check.isProven);
      printData(terminal, options, {
        document: { id: provisioningId(deal), isProven, ...proof },
        text: () => proofText(proof),
      });
      exit(isProven ? EXIT.ok : isDelivered ? EXIT.failed : EXIT.notDelivered);
    });
}

export function proofText({ status, checks }: Proof): string {
  if (checks.length === 0) {
    return `Nothing was delivered for this deal: its status is ${status ?? 'empty'}. So there is nothing to verify yet.\n`;
  }
  const rows = checks.map(({ name, isProven, found }) => [isProven ? 'ok' : 'DIFFERS', name, found]);
  const differing = checks.filter(({ isProven }) => !isProven).length;
  const verdict =
    differing === 0
      ? 'The hand-over is proven.'
      : `${differing} of ${countOf(checks.length, 'check')} ${differing === 1 ? 'differs' : 'differ'}.`;
  return `${table(['', 'check', 'found'], rows)}${verdict}\n`;
}
