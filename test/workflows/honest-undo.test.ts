import { describe, expect, test } from '@jest/globals';
import { toLearners } from '../support/delivered-deals.ts';
import { codesMade, hubspotEvidence, isRoster, salesforceEvidence } from '../support/evidence.ts';
import { EVERY_MAIL_REFUSED } from '../support/refused-mails.ts';
import { openRig } from '../support/rig.ts';
import type { SandboxTenant, StartedDeal } from '../support/sandbox-tenant.ts';

const rig = openRig();

const ADMIN = { by: 'admin', reason: 'looked at it' };
const NO_UPLOAD = {
  system: 'hubspot',
  method: 'POST',
  path: /\/files\/v3\/files$/,
  kind: 'status',
  status: 403,
  times: Number.POSITIVE_INFINITY,
} as const;

async function retry(tenant: SandboxTenant, { id }: StartedDeal): Promise<void> {
  const { question } = await tenant.waitForProgress(id, (progress) => progress.question !== null);
  await tenant.console.retry(id, { ...ADMIN, question: question?.id ?? '' });
}

describe('An undo', () => {
  test.concurrent('takes the links of every learner back, those who came while the run waited too', () =>
    rig.withSandbox({ catalog: toLearners }, async (tenant) => {
      tenant.sandbox.faults.add(NO_UPLOAD);
      const deal = await tenant.startHubSpot();
      await tenant.waitForStatus(deal.id, 'NeedsAttention');
      const { state } = tenant.sandbox.hubspot;
      const late = state.createContact({ email: 'late@acme.example', firstName: 'Late' });
      state.addContact(deal.dealId, late, ['Learner']);
      await retry(tenant, deal);
      await tenant.waitForEvidence(
        () => (state.valuesOf('contacts', late).dealseat_redeem_link ?? '') !== '',
      );
      await tenant.waitForStatus(deal.id, 'NeedsAttention');
      await tenant.console.cancel(deal.id, ADMIN);
      await tenant.resultOf(deal.id);
      for (const contact of ['6002', late]) {
        expect(state.valuesOf('contacts', contact).dealseat_redeem_link ?? '').toBe('');
      }
    }));

  test.concurrent('after mails that were all refused undoes everything, and says nothing else', () =>
    rig.withSandbox({ policy: { attentionDeadlineMs: 4_000 } }, async (tenant) => {
      tenant.sandbox.faults.add(EVERY_MAIL_REFUSED);
      const deal = await tenant.startSalesforce();
      const failure = await tenant.failureOf(deal.id);
      const { fields, rosters } = salesforceEvidence(tenant.sandbox, deal);
      expect(rosters).toEqual([]);
      expect(fields.detail).not.toContain('with people');
      expect(failure.undone.map(({ outcome }) => outcome).sort()).toEqual(['quarantined', 'undone']);
      expect(JSON.parse(fields.ledger ?? '{}').groups ?? []).toEqual([]);
    }));

  test.concurrent('leaves what people attached to the note of the roster', () =>
    rig.withSandbox(async (tenant) => {
      const deal = await tenant.startHubSpot();
      await tenant.resultOf(deal.id);
      const { state } = tenant.sandbox.hubspot;
      const [note] = state.engagementsOf('notes', { object: 'deals', id: deal.dealId });
      const contract = state.files.upload({
        fileName: 'contract.pdf',
        folderPath: '/contracts',
        access: 'PRIVATE',
        bytes: Buffer.from('signed'),
        overwrite: false,
        expiresAt: null,
        duplicates: { strategy: 'NONE', scope: 'ENTIRE_PORTAL' },
      });
      const ids = `${note?.properties.hs_attachment_ids};${contract.id}`;
      state.edit('notes', note?.id ?? '', { hs_attachment_ids: ids });
      state.edit('deals', deal.dealId, { dealstage: 'appointmentscheduled' });
      await tenant.provision(tenant.ref('hubspot', deal.dealId));
      const { question } = await tenant.waitForProgress(deal.id, (progress) => progress.question !== null);
      await tenant.console.withdraw(deal.id, { ...ADMIN, question: question?.id ?? '' });
      await tenant.resultOf(deal.id);
      expect(state.files.find(contract.id)).toBeDefined();
      const attached = state.attachmentsOf({ object: 'deals', id: deal.dealId });
      expect(attached.filter(({ name }) => isRoster(name)).map(({ id }) => id)).toEqual([contract.id]);
    }));
});

describe('A group that was chosen for a deal', () => {
  test.concurrent('is handed over whatever else shows up under its token', () =>
    rig.withSandbox(async (tenant) => {
      tenant.sandbox.faults.add(NO_UPLOAD);
      const deal = await tenant.startHubSpot();
      await tenant.waitForStatus(deal.id, 'NeedsAttention');
      const [made] = tenant.sandbox.ti.state.groups;
      if (made === undefined) throw new Error('No group was made');
      const codes = codesMade(tenant.sandbox);
      const { id: _, ...fields } = made;
      const second = tenant.sandbox.ti.state.addGroup({ ...fields });
      // It would be chosen among the two: somebody has redeemed a code of it.
      tenant.sandbox.ti.state.redeem(tenant.sandbox.ti.state.codesOf(second.id)[0]?.code ?? '');
      tenant.sandbox.faults.clear();
      await retry(tenant, deal);
      const result = await tenant.resultOf(deal.id);
      expect(result.groupIds).toEqual([made.id]);
      expect(hubspotEvidence(tenant.sandbox, deal).rosters).toEqual([codes]);
      expect(result.warnings.join()).toContain(second.id);
    }));
});
