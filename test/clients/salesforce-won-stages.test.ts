import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Connection } from '../../src/clients/salesforce/connection.ts';
import { WonStages } from '../../src/clients/salesforce/won-stages.ts';
import { FakeClock } from './fake-clock.ts';
import { failureOf, ORG_ID, rows, type StubOrg, startStubOrg } from './salesforce-stub.ts';

const QUERY = /^GET \/services\/data\/v66\.0\/query$/;
const stage = (ApiName: string, MasterLabel: string, IsWon: boolean) => ({ ApiName, MasterLabel, IsWon });

describe('the names of the won stages', () => {
  let org: StubOrg;
  let clock: FakeClock;
  let wonStages: WonStages;

  beforeEach(async () => {
    org = await startStubOrg();
    clock = new FakeClock();
    const connection = new Connection({
      loginUrl: org.url,
      clientId: 'sandbox-sf-client',
      clientSecret: 'sandbox-sf-secret',
      orgId: ORG_ID,
      apiVersion: '66.0',
      timeoutMs: 10_000,
    });
    wonStages = new WonStages(connection, () => clock.now());
  });
  afterEach(() => org.close());

  const answer = (...stages: object[]) => org.answers.set(QUERY, rows(...stages));
  const queries = () => org.calls.filter((call) => QUERY.test(call)).length;

  test('are those of every won stage, by API name and by label', async () => {
    answer(stage('Won_1', 'Sold', true), stage('Won_2', 'Renewed', true), stage('Open', 'Open', false));
    expect([...(await wonStages.names())].sort()).toEqual(['Renewed', 'Sold', 'Won_1', 'Won_2']);
  });

  test('leave out the label of a won stage that is the API name of another one', async () => {
    answer(stage('Open', 'Talking', false), stage('Won', 'Open', true));
    expect([...(await wonStages.names())]).toEqual(['Won']);
  });

  test('are read once in five minutes, however many deals are read', async () => {
    answer(stage('Won', 'Won', true));
    await wonStages.names();
    await clock.advance(5 * 60_000 - 1);
    answer(stage('Won', 'Won', true), stage('Renewed', 'Renewed', true));
    expect([...(await wonStages.names())]).toEqual(['Won']);
    expect(queries()).toBe(1);
    await clock.advance(1);
    expect([...(await wonStages.names())]).toEqual(['Won', 'Renewed']);
    expect(queries()).toBe(2);
  });

  test('that could not be read are asked for again by the next deal', async () => {
    org.answers.set(QUERY, { status: 503 });
    expect((await failureOf(wonStages.names())).code).toBe('crm.unavailable');
    answer(stage('Won', 'Won', true));
    expect([...(await wonStages.names())]).toEqual(['Won']);
  });
});
