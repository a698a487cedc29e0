import type { CodeGroup, CreateGroupRequest } from '../../domain/seats/code-group.ts';
import { encodeSegment, type TiCall } from './call.ts';
import { unreadable } from './failures.ts';
import { createBody, groupRows, parseGroup, parseGroupAnswer } from './group-record.ts';
import { isJsonObject } from './layers.ts';
import { type PageLink, readPages, withPage } from './pages.ts';
import type { Sender } from './send.ts';

/** 50 groups a page. The search finds one or none, but a tenant may ignore it and list everything. */
const MAX_PAGES = 200;

export async function createGroup(
  sender: Sender,
  request: CreateGroupRequest,
  signal?: AbortSignal,
): Promise<CodeGroup> {
  const call: TiCall = {
    name: `create group ${request.label}`,
    effect: 'create',
    method: 'POST',
    target: '/redemptionCodes',
    body: createBody(request),
  };
  return groupFrom(call, await sender.send(call, { signal }));
}

export async function getGroup(sender: Sender, groupId: string, signal?: AbortSignal): Promise<CodeGroup> {
  const call: TiCall = {
    name: `read group ${groupId}`,
    effect: 'read',
    method: 'GET',
    target: `/redemptionCodes/${encodeSegment(groupId)}`,
  };
  return groupFrom(call, await sender.send(call, { signal }));
}

/** The groups of the first page, whosever they are. */
export async function listGroups(sender: Sender, signal?: AbortSignal): Promise<CodeGroup[]> {
  const call: TiCall = { name: 'list groups', effect: 'read', method: 'GET', target: '/redemptionCodes' };
  const rows = groupRows(await sender.send(call, { signal }));
  if (rows === null) throw unreadable(call, 'the answer has no list redemptionCodeGroups');
  // Those of others may have forms that ours do not have.
  return rows.flatMap((row) => {
    const group = parseGroup(row);
    return 'value' in group ? group.value : [];
  });
}

export function findGroupsByToken(sender: Sender, token: string, signal?: AbortSignal): Promise<CodeGroup[]> {
  return findGroups(sender, token, (label) => label === token || label.endsWith(`-${token}`), signal);
}

export function findGroupsNaming(sender: Sender, token: string, signal?: AbortSignal): Promise<CodeGroup[]> {
  return findGroups(sender, token, (label) => label.split('-').includes(token), signal);
}

/** Searches for the token and then compares exactly: the platform's search is free text. */
async function findGroups(
  sender: Sender,
  token: string,
  isWanted: (label: string) => boolean,
  signal: AbortSignal | undefined,
): Promise<CodeGroup[]> {
  const search: TiCall = {
    name: `find the groups of token ${token}`,
    effect: 'read',
    method: 'GET',
    target: `/redemptionCodes?query=${encodeURIComponent(token)}`,
  };
  const readPage = (link: PageLink | null) =>
    sender.send({ ...search, target: withPage(search.target, link) }, { signal });

  // By id: offset-like cursors repeat rows while groups are being made.
  const found = new Map<string, CodeGroup>();
  for await (const page of readPages(readPage, MAX_PAGES)) {
    const rows = groupRows(page.body);
    if (rows === null) throw unreadable(search, 'the answer has no list redemptionCodeGroups');
    for (const row of rows) {
      if (!isJsonObject(row) || typeof row.label !== 'string' || !isWanted(row.label)) continue;
      const group = groupOf(search, parseGroup(row));
      found.set(group.id, group);
    }
    // "None" permits a create, so it takes a list read to its end; a page without rows is an end too.
    if (page.end === 'broken' && found.size === 0 && rows.length > 0) {
      throw unreadable(search, 'the list says that it goes on but not how, so the group may exist');
    }
  }
  return [...found.values()];
}

function groupFrom(call: TiCall, body: unknown): CodeGroup {
  return groupOf(call, parseGroupAnswer(body));
}

function groupOf(call: TiCall, parsed: ReturnType<typeof parseGroup>): CodeGroup {
  if ('problem' in parsed) throw unreadable(call, parsed.problem);
  return parsed.value;
}
