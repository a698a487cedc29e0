/** Known to everybody who reads this: what the sandbox holds needs no protection. */
const SANDBOX_KEY = Buffer.from('no secret, and for the sandbox only.').toString('base64');

/** Keys of the HTTP interface: of a partner, and of the page of the sandbox. */
const PARTNER_KEY = 'sandbox-partner-key-0123456789';
const PAGE_PARTNER = 'sandbox-page';
export const PAGE_KEY = 'sandbox-page-key-0123456789';

/** The environment variables that point Dealseat at a running sandbox. All values are fictional. */
export interface SandboxUrls {
  readonly ti: { readonly url: string };
  readonly hubspot: { readonly url: string };
  readonly salesforce: { readonly url: string };
}

export function sandboxEnvironment(sandbox: SandboxUrls): Record<string, string> {
  return {
    DEALSEAT_SECRET_KEYS: `sandbox:${SANDBOX_KEY}`,
    TI_BASE_URL: sandbox.ti.url,
    TI_API_KEY: 'sandbox-ti-key',
    TI_REQUESTS_PER_MINUTE: '6000',
    TI_WEBHOOK_SECRET: 'sandbox-ti-webhook-secret-0123456789',
    TI_WEBHOOK_SIGNING_SECRET: 'sandbox-ti-signing-secret-0123456789',
    HUBSPOT_BASE_URL: sandbox.hubspot.url,
    HUBSPOT_ACCESS_TOKEN: 'sandbox-hubspot-token',
    HUBSPOT_PORTAL_ID: '62515',
    HUBSPOT_CLIENT_SECRET: 'sandbox-hubspot-secret',
    SALESFORCE_LOGIN_URL: sandbox.salesforce.url,
    SALESFORCE_CLIENT_ID: 'sandbox-sf-client',
    SALESFORCE_CLIENT_SECRET: 'sandbox-sf-secret',
    SALESFORCE_ORG_ID: '00D5Y000001MPM7',
    SALESFORCE_WEBHOOK_SECRET: 'sandbox-sf-webhook-secret-0123456789',
    MANUAL_API_KEYS: `demo-partner:${PARTNER_KEY}:provision+seats+codes,${PAGE_PARTNER}:${PAGE_KEY}:seats`,
  };
}
