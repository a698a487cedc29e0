import { afterEach, describe, expect, test } from '@jest/globals';
import { unknownPortal } from '../../sandbox/hubspot/refusals.ts';
import { createLogger } from '../../src/observability/logging.ts';
import { proveAccounts } from '../../src/processes/prove-accounts.ts';
import { failureOf, type HubSpotAccount, openHubSpotAccount } from '../clients/hubspot-account.ts';

let account: HubSpotAccount;
afterEach(() => account.close());

function logged() {
  const lines: string[] = [];
  const logger = createLogger({ level: 'info' }, { write: (line: string) => void lines.push(line) });
  return { lines, logger };
}

describe('HubSpot portals and data centres', () => {
  test('The access token belongs to another portal than HUBSPOT_PORTAL_ID -> the worker does not start, and says both portals', async () => {
    account = await openHubSpotAccount();
    const { logger } = logged();
    const hubspot = account.connect({ portalId: '424242' });
    expect(await failureOf(proveAccounts({ hubspot }, logger))).toMatchObject({
      code: 'crm.account_mismatch',
      message: 'HubSpot: the token belongs to portal 62515, but HUBSPOT_PORTAL_ID is 424242.',
    });
  });

  test('HubSpot is down while the worker starts -> the worker starts, says so in its log, and goes on when HubSpot is back', async () => {
    account = await openHubSpotAccount();
    account.fail({ kind: 'status', status: 503 });
    const { lines, logger } = logged();
    await proveAccounts({ hubspot: account.crm }, logger);
    expect(lines.join('')).toContain('crm.unavailable');
    expect(await account.crm.readContact('6001')).toMatchObject({ id: '6001' });
  });

  test('The portal is hosted in Europe -> the links in notes, tasks and answers lead to app-eu1.hubspot.com', async () => {
    account = await openHubSpotAccount({ dataCenter: 'eu1' });
    const { url } = await account.crm.readDeal('9001');
    expect(url).toBe('https://app-eu1.hubspot.com/contacts/62515/record/0-3/9001');
  });

  test('HubSpot sends a call to a data centre that does not know the portal -> the call is repeated, and the message names the right data centre and the cure', async () => {
    account = await openHubSpotAccount();
    account.fail({
      path: /contacts/,
      ...unknownPortal(62515),
    });
    const failure = await failureOf(account.crm.readContact('6001'));
    expect(failure).toMatchObject({ code: 'crm.unavailable', class: 'retry' });
    expect(failure.message).toMatch(
      /lives in data centre eu1.*HUBSPOT_BASE_URL to https:\/\/api-eu1\.hubapi\.com/,
    );
    expect(await account.crm.readContact('6001')).toMatchObject({ id: '6001' });
  });

  test('HubSpot moves the portal to another data centre and asks to wait for a day -> the call is repeated every hour, because it would otherwise not be repeated at all', async () => {
    account = await openHubSpotAccount();
    account.fail({ path: /contacts/, kind: 'status', status: 477, headers: { 'retry-after': '86400' } });
    const failure = await failureOf(account.crm.readContact('6001'));
    expect(failure).toMatchObject({ code: 'crm.unavailable', retryAfterMs: 3_600_000 });
  });
});
