import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { FAULT_KINDS, type Fault } from '../../sandbox/faults.ts';
import { type Sandbox, startSandbox } from '../../sandbox/index.ts';
import { createDisplay } from '../../src/commands/demo/display.ts';
import { faultProof } from '../../src/commands/demo/fault-proof.ts';

function displayTo(lines: string[], interrupted = new AbortController().signal) {
  return createDisplay({ write: (text) => void lines.push(text), interrupted }, () => 0);
}

describe('the display of the demo', () => {
  test('keeps the title of what failed and of what was interrupted, and says no reason twice', async () => {
    const lines: string[] = [];
    const aborting = new AbortController();
    const display = displayTo(lines, aborting.signal);
    const fail = async () => {
      throw new Error('the reason');
    };
    await display.sideBySide('Both', [{ actor: 'HubSpot', title: 'deal A', run: fail }]);
    aborting.abort();
    await display.sideBySide('Both', [{ actor: 'HubSpot', title: 'deal B', run: fail }]);
    const text = lines.join('');
    expect(text).toContain('deal A: FAILED\n');
    expect(text).toContain('deal B: interrupted\n');
    expect(text).not.toContain('the reason');
  });

  test('leaves every step where it is', async () => {
    const lines: string[] = [];
    const run = async (report: (line: string) => void) => {
      report('Planning');
      report('Delivered');
    };
    await displayTo(lines).inOrder([{ actor: 'HubSpot', title: 'deal', run }]);
    expect(lines).toEqual([
      'HubSpot       0.0 s  deal …\n',
      'HubSpot       0.0 s  Planning\n',
      'HubSpot       0.0 s  Delivered\n',
      'HubSpot       0.0 s  deal: done\n',
    ]);
  });
});

describe('the proof of a fault', () => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await startSandbox();
  });
  afterAll(() => sandbox.close());

  const nameOf = (system: string) => `the ${system}`;
  const COURSE = '8f2a1c34-5b6d-4e7f-9a01-2b3c4d5e6f70';

  function create(label: string): Promise<unknown> {
    const body = { label, totalCodesCount: 1, codeLength: 12, courses: [COURSE] };
    return fetch(`${sandbox.ti.url}/incoming/v2/redemptionCodes`, {
      method: 'POST',
      headers: { authorization: 'Bearer sandbox-ti-key', 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }).catch(() => undefined);
  }

  async function lookUp(token: string): Promise<void> {
    await fetch(`${sandbox.ti.url}/incoming/v2/redemptionCodes?query=${token}`, {
      headers: { authorization: 'Bearer sandbox-ti-key' },
    });
  }

  test('of a lost answer tells the look-up and that there is one group', async () => {
    const fault: Fault = { system: 'ti', kind: 'dropAfterCommit', method: 'POST' };
    sandbox.faults.add(fault);
    await create('acme-lead-dc66aa');
    const before = faultProof(fault, sandbox, nameOf);
    expect(before).toMatch(/^the answer of POST \/redemptionCodes was lost → \d groups?, 0 duplicates$/);
    await lookUp('dc66aa');
    expect(faultProof(fault, sandbox, nameOf)).toContain('→ token dc66aa was looked up →');
  });

  test('tells of a group that was made twice', async () => {
    const { ti } = sandbox;
    const group = ti.state.groups.at(-1);
    const fault: Fault = { system: 'ti', kind: 'dropAfterCommit', method: 'POST' };
    sandbox.faults.add(fault);
    await create('acme-lead-twice1');
    if (group) for (let n = 0; n < 2; n += 1) ti.state.addGroup({ ...group, label: 'acme-lead-twice1' });
    expect(faultProof(fault, sandbox, nameOf)).toMatch(/→ [23] groups, [12] duplicates?$/);
  });

  test('that struck nothing says so', () => {
    expect(faultProof({ system: 'hubspot', kind: 'html' }, sandbox, nameOf)).toBe(
      'no request to the hubspot met it',
    );
  });

  test.each(FAULT_KINDS)('%s has words of its own', async (kind) => {
    const fault: Fault = { system: 'ti', kind, path: new RegExp(`/x-${kind}$`), delayMs: 1, status: 503 };
    sandbox.faults.add(fault);
    const url = `${sandbox.ti.url}/incoming/v2/x-${kind}`;
    for (const _ of ['struck', 'again']) {
      await fetch(url, { signal: AbortSignal.timeout(500) })
        .then((answer) => answer.text())
        .catch(() => undefined);
    }
    expect(faultProof(fault, sandbox, nameOf)).toMatch(
      new RegExp(
        `GET /x-${kind} .*→ 1 such request later, the last answered 401 → \\d+ groups?, \\d+ duplicates?$`,
      ),
    );
  });
});
