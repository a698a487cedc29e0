/**
 * Writes the golden histories: `node test/replay/record.ts`, or into another folder that it is given. They are made
 * anew only for a release, from real runs on the sandbox; in between they stay, because they stand for the open runs
 * that the next release must be able to continue.
 */

import { SEARCH_ATTRIBUTES } from '../../src/contracts/search-attributes.ts';
import { startDevServer } from '../../src/temporal/dev-server/dev-server.ts';
import { chainOf, type History } from '../support/replay.ts';
import { openRigWorld, type RigWorld } from '../support/rig-world.ts';
import { startSandboxTenant } from '../support/sandbox-tenant.ts';
import { FOLDER, writeHistories } from './histories.ts';
import { SCENES, type Scene } from './scenes.ts';

const [folder = FOLDER] = process.argv.slice(2);
const server = await startDevServer({ ui: false, searchAttributes: SEARCH_ATTRIBUTES, report: console.log });
const world = await openRigWorld(server.address);
try {
  const recorded = new Map<string, History>();
  for (const [name, scene] of Object.entries(SCENES)) {
    const chain = await record(world, scene);
    for (const [index, history] of chain.entries()) {
      const title = chain.length === 1 ? name : `${name}-${index + 1}`;
      recorded.set(title, history);
      console.log(`${title}: ${history.events?.length} events`);
    }
  }
  writeHistories(folder, recorded);
} finally {
  await world.close();
  await server.stop();
}

/** The history of each execution of the run, oldest first. */
async function record({ deps }: RigWorld, { options = {}, keepsLast, play }: Scene): Promise<History[]> {
  const tenant = await startSandboxTenant(deps, options);
  try {
    const { id } = await play(tenant);
    await tenant.replayAll();
    const [last, ...earlier] = await chainOf(deps.client, id, []);
    if (last === undefined) throw new Error(`Run ${id} has no history`);
    return keepsLast ? [last] : [...earlier.reverse(), last];
  } finally {
    await tenant.close();
  }
}
