import { DealseatError } from '../../domain/failure.ts';
import type { CodesLook, RedemptionCode } from '../../domain/seats/code-group.ts';
import type { TiCall } from './call.ts';
import { parseCodesPage } from './codes-page.ts';
import { noCodeList, unlisted, unreadable } from './failures.ts';
import { getGroup } from './groups.ts';
import { nextPage, type PageLink, readPages, totalOf, withPage } from './pages.ts';
import type { Sender } from './send.ts';

/** 10,000 codes at 25 a page are 400 pages; admins may have added more. */
const MAX_PAGES = 2_000;

export interface CodeListOptions {
  readonly sender: Sender;
  /** The compiled path template; null: the tenant has none. */
  readonly targetOf: ((groupId: string) => string) | null;
  readonly groupId: string;
  readonly signal?: AbortSignal | undefined;
  /** Overrides how long a page waits for its turn. */
  readonly maxWaitMs?: number;
}

/** The first page. */
export async function lookAtCodes(options: CodeListOptions): Promise<CodesLook> {
  const body = await readPage(options, null);
  const codes = fresh(codesOf(options, body), new Set());
  return { codes, hasMore: nextPage(body).hasMore, total: totalOf(body) };
}

export async function* listCodes(
  options: CodeListOptions,
): AsyncGenerator<readonly RedemptionCode[], void, undefined> {
  const seen = new Set<string>();
  // A broken end is no error here. Whoever takes the codes compares them with the seats, so none can be lost
  // unnoticed; and on a tenant that never shows a proper end an error would block every group for good.
  for await (const { body } of readPages((link) => readPage(options, link), MAX_PAGES)) {
    const codes = fresh(codesOf(options, body), seen);
    if (codes.length > 0) yield codes;
  }
}

/** Those that were not seen before, each once. */
function fresh(codes: readonly RedemptionCode[], seen: Set<string>): readonly RedemptionCode[] {
  return codes.filter(({ code }) => {
    const isFresh = !seen.has(code);
    seen.add(code);
    return isFresh;
  });
}

async function readPage(options: CodeListOptions, link: PageLink | null): Promise<unknown> {
  const { sender, groupId, signal, maxWaitMs } = options;
  try {
    return await sender.send(callFor(options, link), { signal, ...(maxWaitMs ? { maxWaitMs } : {}) });
  } catch (error) {
    if (error instanceof DealseatError && error.code === 'lms.codes_path_missing') {
      // A missing group answers like a missing path. Asking for the group throws the truth in the first case.
      await getGroup(sender, groupId, signal);
    }
    throw error;
  }
}

function callFor({ targetOf, groupId }: CodeListOptions, link: PageLink | null): TiCall {
  if (targetOf === null) throw unlisted(groupId);
  return {
    name: `list the codes of group ${groupId}`,
    effect: 'read',
    whenMissing: 'lms.codes_path_missing',
    secrets: 'all',
    method: 'GET',
    target: withPage(targetOf(groupId), link),
  };
}

function codesOf(options: CodeListOptions, body: unknown): readonly RedemptionCode[] {
  const page = parseCodesPage(body);
  if ('codes' in page) return page.codes;
  const call = callFor(options, null);
  if (page.problem === 'no_list') throw noCodeList(call);
  throw unreadable(call, `row ${page.row} has no text under code, redemptionCode or value`);
}
