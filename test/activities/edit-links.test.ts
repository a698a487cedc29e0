import { expect, test } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { editLinks } from '../../activities/edit-links.ts';
import type { Crm } from '../../src/clients/crm.ts';
import { createCodeFinder, withSeats } from '../../src/domain/seats/link-field.ts';

/** The link fields of a CRM, and what somebody else writes into them right after our writes. */
function crmWith(fields: Map<string, string>, interferences: ((fields: Map<string, string>) => void)[] = []) {
  const writes: ReadonlyMap<string, string | null>[] = [];
  const crm: Pick<Crm, 'readRedeemLinks' | 'writeRedeemLinks'> = {
    readRedeemLinks: async (ids) => ({
      links: new Map([...fields].filter(([id]) => ids.includes(id))),
      people: new Map(),
      unseen: new Map(),
    }),
    async writeRedeemLinks(links) {
      writes.push(links);
      for (const [id, link] of links) link === null ? fields.delete(id) : fields.set(id, link);
      interferences.shift()?.(fields);
    },
  };
  return { crm: crm as Crm, writes };
}

const findCode = createCodeFinder(new Set(['link-a']), []);
const add = (field: string) => withSeats(field, [{ code: 'link-a', template: '{code}' }], findCode);

function edit(...args: Parameters<typeof editLinks>): Promise<void> {
  return new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') }).run(editLinks, ...args);
}

test('a link that another run wrote over is written again, beside that of the other run', async () => {
  const fields = new Map<string, string>();
  const overwrite = () => fields.set('1', 'link-b');
  const { crm, writes } = crmWith(fields, [overwrite]);
  await edit(crm, { contactIds: ['1', '2'] }, add);
  expect(Object.fromEntries(fields)).toEqual({ 1: 'link-b\nlink-a', 2: 'link-a' });
  expect(writes.map((links) => [...links.keys()])).toEqual([['1', '2'], ['1']]);
});

test('a field that is right already is not written', async () => {
  const { crm, writes } = crmWith(new Map([['1', 'call first\nlink-a']]));
  await edit(crm, { contactIds: ['1'] }, add);
  expect(writes).toEqual([]);
});

test('a field that loses its last line is emptied', async () => {
  const { crm, writes } = crmWith(new Map([['1', 'link-a']]));
  await edit(crm, { contactIds: ['1'] }, (field) => withSeats(field, [], findCode));
  expect(writes).toEqual([new Map([['1', null]])]);
});

test('a field that never stays as written is a conflict that names the contact and no link', async () => {
  const fields = new Map<string, string>();
  const { crm, writes } = crmWith(
    fields,
    Array.from({ length: 20 }, () => () => fields.clear()),
  );
  const failure = await edit(crm, { contactIds: ['1'] }, add).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: 'crm.conflict', message: expect.stringContaining('contact 1 ') });
  expect((failure as Error).message).not.toContain('link-a');
  expect(writes.length).toBeLessThan(10);
});
