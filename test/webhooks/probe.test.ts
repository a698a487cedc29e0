import { describe, expect, test } from '@jest/globals';
import { loadConfig } from '../../src/config/config.ts';
import { WEBHOOK_MODULES } from '../../src/processes/webhook-modules.ts';
import { createRig, ENV, NOW, PUBLIC_URL } from './fixture.ts';

function probeOf(crm: string, changes: Readonly<Record<string, string>> = {}) {
  const module = WEBHOOK_MODULES.find((candidate) => candidate.crm.name === crm);
  const probe = module?.probe(loadConfig({ ...ENV, ...changes }), PUBLIC_URL, NOW);
  if (!probe) throw new Error(`${crm} has no probe`);
  return probe;
}

async function send(crm: string, changes: Readonly<Record<string, string>> = {}) {
  const { app, provisioner, events } = createRig();
  const probe = probeOf(crm, changes);
  const { pathname } = new URL(probe.url);
  const { headers, body } = probe;
  const answer = await app.inject({ method: 'POST', url: pathname, headers, body });
  const isTaken = probe.isTaken({ status: answer.statusCode, text: answer.body });
  return { answer, isTaken, started: provisioner.started, events: await events() };
}

describe('the message by which doctor tries a route', () => {
  test.each(['hubspot', 'salesforce'])('of %s is proved as any other, and starts no run', async (crm) => {
    const { isTaken, started, events } = await send(crm);
    expect(isTaken).toBe(true);
    expect(started).toEqual([]);
    expect(events).toEqual({ [`${crm} other_object`]: 1 });
  });

  test.each([
    ['hubspot', { HUBSPOT_CLIENT_SECRET: 'another-client-secret' }],
    ['salesforce', { SALESFORCE_WEBHOOK_SECRET: 'another-long-enough-secret' }],
  ])('of %s is refused with another secret, which shows that the route looks', async (crm, changes) => {
    const { isTaken, answer } = await send(crm, changes);
    expect([isTaken, answer.statusCode]).toEqual([false, 401]);
  });

  test('is not taken by what answers anything with 200', () => {
    for (const crm of ['hubspot', 'salesforce']) {
      expect(probeOf(crm).isTaken({ status: 200, text: '<html>Welcome</html>' })).toBe(false);
    }
  });

  test('shows no secret in the path that people see', () => {
    expect(probeOf('salesforce').shownPath).not.toContain(ENV.SALESFORCE_WEBHOOK_SECRET);
  });
});
