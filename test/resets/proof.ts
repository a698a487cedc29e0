import type { Crm } from '../../src/clients/crm.ts';
import { createHubSpotCrm } from '../../src/clients/hubspot/crm.ts';
import { createSalesforceCrm } from '../../src/clients/salesforce/crm.ts';
import { createThoughtIndustriesLms } from '../../src/clients/thought-industries/lms.ts';
import type { ProofCheck } from '../../src/runs/proof-check.ts';
import { proveHandOver } from '../../src/runs/prove-hand-over.ts';
import { testSealer } from '../support/sandbox-activities.ts';
import type { SandboxTenant } from '../support/sandbox-tenant.ts';
import type { DealIn } from './sales.ts';

const TIMEOUT_MS = 20_000;

/** What `dealseat verify` finds; null while the deal says that nothing was delivered. */
export async function prove(tenant: SandboxTenant, at: DealIn): Promise<readonly ProofCheck[] | null> {
  const { sandbox } = tenant;
  const { checks } = await proveHandOver({
    crm: crmOf(tenant, at),
    platforms: {
      ti: createThoughtIndustriesLms({
        baseUrl: sandbox.ti.url,
        apiKey: 'sandbox-ti-key',
        codesPath: '/redemptionCodes/{groupId}/codes',
        requestsPerMinute: 1_000_000,
        timeoutMs: TIMEOUT_MS,
      }),
    },
    sealer: testSealer,
    dealId: at.deal.dealId,
    signal: AbortSignal.timeout(60_000),
  });
  return checks.length === 0 ? null : checks;
}

function crmOf({ sandbox, ref }: SandboxTenant, { crm, deal }: DealIn): Crm {
  const { account } = ref(crm, deal.dealId);
  if (crm === 'hubspot') {
    return createHubSpotCrm({
      accessToken: 'sandbox-hubspot-token',
      portalId: account,
      baseUrl: sandbox.hubspot.url,
      timeoutMs: TIMEOUT_MS,
    });
  }
  return createSalesforceCrm({
    loginUrl: sandbox.salesforce.url,
    clientId: 'sandbox-sf-client',
    clientSecret: 'sandbox-sf-secret',
    orgId: account,
    apiVersion: '66.0',
    timeoutMs: TIMEOUT_MS,
  });
}
