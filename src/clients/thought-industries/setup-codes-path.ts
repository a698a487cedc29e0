import { DealseatError } from '../../domain/failure.ts';
import type { CodeGroup } from '../../domain/seats/code-group.ts';
import { countOf } from '../../domain/words.ts';
import { type Finding, fine, notTried } from '../setup-check.ts';
import { lookAtCodes } from './codes.ts';
import { compileCodesPath } from './codes-path.ts';
import { listGroups } from './groups.ts';
import type { TenantSetup } from './setup-tenant.ts';

/** The vendor publishes no path; these fit the names of its other ones. */
const CANDIDATES = [
  '/redemptionCodes/{groupId}/codes',
  '/redemptionCodes/{groupId}/redemptionCodes',
  '/redemptionCodes/codes?groupId={groupId}',
  '/redemptionCodes/{groupId}',
];

/** A group of a moment ago may have no codes yet. */
const GROUPS_TRIED = 3;

const ASK_VENDOR =
  'Ask Thought Industries: "Which REST path lists the codes of a redemption code group on our tenant?" and set TI_CODES_PATH to it. If there is none, set TI_CODES_PATH=none: runs then wait for `dealseat codes import`.';

/** Tries the configured path on groups that exist, and the known other ones where it does not answer. Shows no code. */
export async function checkCodesPath(tenant: TenantSetup, signal: AbortSignal): Promise<Finding> {
  const { codesPath } = tenant;
  const groups = await groupsWithCodes(tenant, signal);
  if (groups.length === 0) {
    if (codesPath === null) return notTried('TI_CODES_PATH=none: codes are imported by hand');
    return {
      state: 'warning',
      found: `whether ${codesPath} lists codes cannot be known yet: the tenant has no code group`,
      advice:
        'Make a group with one code in the admin of the learning platform, then run `dealseat doctor` again.',
    };
  }
  const configured = codesPath === null ? [] : [codesPath];
  for (const path of [...configured, ...CANDIDATES.filter((path) => path !== codesPath)]) {
    const found = await tryPath(tenant, { path, groups, signal });
    if (found === null) continue;
    if (path === codesPath) {
      return { ...fine(`${path} lists the codes of group ${found.label}`), customers: [found.label] };
    }
    return {
      state: codesPath === null ? 'warning' : 'failed',
      found: `${codesPath ?? 'TI_CODES_PATH=none, but'}${codesPath === null ? '' : ' lists no codes;'} ${path} lists those of group ${found.label}`,
      advice: `set TI_CODES_PATH=${path}`,
      customers: [found.label],
    };
  }
  if (codesPath === null) return fine('none: no known path lists codes, and they are imported by hand');
  return {
    state: 'failed',
    found: `no path lists the codes of ${countOf(groups.length, 'group')} that exist (tried ${[...configured, ...CANDIDATES.filter((path) => path !== codesPath)].join(', ')})`,
    advice: ASK_VENDOR,
  };
}

/** A few groups of the first page that have codes, the smallest first. */
async function groupsWithCodes({ sender }: TenantSetup, signal: AbortSignal): Promise<readonly CodeGroup[]> {
  const groups = await listGroups(sender, signal);
  return groups
    .filter(({ seatCount }) => seatCount > 0)
    .sort((a, b) => a.seatCount - b.seatCount)
    .slice(0, GROUPS_TRIED);
}

/** The group whose codes it lists; null: it lists those of none. */
async function tryPath(
  { sender }: TenantSetup,
  {
    path,
    groups,
    signal,
  }: { readonly path: string; readonly groups: readonly CodeGroup[]; readonly signal: AbortSignal },
): Promise<CodeGroup | null> {
  const targetOf = compileCodesPath(path);
  for (const group of groups) {
    try {
      const look = await lookAtCodes({ sender, targetOf, groupId: group.id, signal });
      // A list of more codes than the group has is that of another thing, such as of the whole tenant.
      if (look.codes.length > 0 && look.codes.length <= group.seatCount) return group;
    } catch (error) {
      if (!(error instanceof DealseatError) || !SAYS_NO.has(error.code)) throw error;
      return null;
    }
  }
  return null;
}

const SAYS_NO: ReadonlySet<string> = new Set([
  'lms.codes_path_missing',
  'lms.not_found',
  'lms.bad_response',
  'lms.rejected',
]);
