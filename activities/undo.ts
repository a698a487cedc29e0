import {
  NOTICE,
  type ProvisioningActivities,
  type QuarantineInput,
  type UnderHold,
} from '../src/contracts/activities.ts';
import type { DealRef } from '../src/domain/deal/deal.ts';
import { type Ledger, NO_SEATS, readLedger } from '../src/domain/deal/ledger.ts';
import { DealseatError } from '../src/domain/failure.ts';
import type { CodeGroup, LinkedGroup } from '../src/domain/seats/code-group.ts';
import { createCodeFinder, linesOf, withSeats } from '../src/domain/seats/link-field.ts';
import { codeInLink } from '../src/domain/seats/redeem-link.ts';
import type { AccessLeftBehind } from '../src/domain/texts/access-behind.ts';
import { unusedCodesTask } from '../src/domain/texts/tasks.ts';
import { cancelGroup } from '../src/store/cancel-group.ts';
import { requireSeen } from './carried-links.ts';
import { listCodes } from './code-lists.ts';
import { type ActivityDeps, crmOf, platformOf } from './deps.ts';
import { cancellationSignal, lookPatiently } from './earlier-attempts.ts';
import { editLinks } from './edit-links.ts';
import { lookAtRecord } from './hold.ts';

/**
 * What the ledger names is handed out or about to be, and not to be undone: this may be an old run that was reset. So
 * each undo first asks the deal; what this run itself noted there has been taken back by then. `all`: another
 * deployment has the deal.
 */
async function handedOut(deps: ActivityDeps, input: UnderHold): Promise<Ledger | 'all'> {
  const { record, verdict } = await lookAtRecord(deps, input);
  if (verdict.is === 'elsewhere') return 'all';
  const read = readLedger(record.ledger, input.deal, deps.sealer);
  if (read === 'unreadable') {
    throw new DealseatError({
      code: 'deal.mark_unreadable',
      message: 'The ledger of the deal cannot be read, so what was handed out is not known',
    });
  }
  return read?.ledger ?? NO_SEATS;
}

function names(ledger: Ledger | 'all', token: string): boolean {
  return ledger === 'all' || ledger.groups.some((group) => group.token === token);
}

/** A ledger that is pending for the first time does not name its file yet. */
function namesRoster(ledger: Ledger | 'all', fileName: string): boolean {
  if (ledger === 'all') return true;
  const { roster, isPending, groups } = ledger;
  return roster === null ? isPending === true && groups.length > 0 : roster.file === fileName;
}

export function quarantineCodeGroup(deps: ActivityDeps): ProvisioningActivities['quarantineCodeGroup'] {
  return async (input) => {
    const { deal, ownerId, group } = input;
    if (names(await handedOut(deps, input), group.token)) return { quarantined: [], isKept: true };
    const made = await findMade(deps, input);
    if (made.length === 0) return { quarantined: [], isKept: false };
    const quarantined = made.map(({ label, id }) => `${label} (${id})`);
    const accessLeft = await cancelled(deps, deal, group);
    await crmOf(deps, deal).notify(
      {
        dealId: deal.dealId,
        ownerId,
        key: `${NOTICE.unused}${group.token}`,
        ...unusedCodesTask(quarantined, input.codeCount ?? 0),
        priority: 'high',
      },
      cancellationSignal(),
    );
    return { quarantined, isKept: false, ...accessLeft };
  };
}

/** Whoever got access directly before the run was undone has it still. */
async function cancelled(
  { seats, now, catalog }: ActivityDeps,
  deal: DealRef,
  { token, platform }: QuarantineInput['group'],
): Promise<{ readonly accessLeft?: AccessLeftBehind }> {
  if (seats === undefined) return {};
  const left = await cancelGroup(seats, deal, { token, platform, at: new Date(now()) });
  return { accessLeft: { ...left, rule: catalog.lateRedemption } };
}

/** The platform's search may lag behind a group that is known to be there. */
async function findMade(
  deps: ActivityDeps,
  { group, groupId, lookUpMs, lookUpIntervalMs }: QuarantineInput,
): Promise<readonly Pick<CodeGroup, 'id' | 'label'>[]> {
  const lms = platformOf(deps, group.platform);
  const look = async () => {
    const groups = await lms.findGroupsByToken(group.token, cancellationSignal());
    return groups.length > 0 ? groups : null;
  };
  const looking = { patienceMs: () => lookUpMs, longestPauseMs: lookUpIntervalMs };
  const found = (await lookPatiently(look, looking)) ?? [];
  const isMissed = groupId !== null && !found.some(({ id }) => id === groupId);
  return isMissed ? [...found, { id: groupId, label: group.label }] : found;
}

export function clearRedeemLinks(deps: ActivityDeps): ProvisioningActivities['clearRedeemLinks'] {
  return async (input) => {
    const { deal, contactIds, groups } = input;
    const ledger = await handedOut(deps, input);
    const own = groups.filter(({ token }) => !names(ledger, token));
    if (own.length === 0) return { isKept: groups.length > 0 };
    const crm = crmOf(deps, deal);
    // A hidden contact may carry one that cannot be taken back; of one that is gone there is none.
    const { links: fields, unseen } = await crm.readRedeemLinks(contactIds, cancellationSignal());
    requireSeen(
      [...unseen].flatMap(([id, why]) => (why === 'hidden' ? id : [])),
      unseen,
    );
    const findCode = await ownCodes(deps, { deal, groups: own }, [...fields.values()].flatMap(linesOf));
    await editLinks(crm, { contactIds, current: fields }, (field) => withSeats(field, [], findCode));
    return { isKept: false };
  };
}

export function removeRoster(deps: ActivityDeps): ProvisioningActivities['removeRoster'] {
  return async (input) => {
    const { deal, fileName } = input;
    if (namesRoster(await handedOut(deps, input), fileName)) return { isKept: true };
    await crmOf(deps, deal).removeRoster({ dealId: deal.dealId, fileName }, cancellationSignal());
    return { isKept: false };
  };
}

/**
 * Finds codes of these groups in lines. Links of other deals look alike, so the platform is asked; and while a list is
 * not complete, a line that is not in it says nothing.
 */
async function ownCodes(
  deps: ActivityDeps,
  { deal, groups }: { readonly deal: DealRef; readonly groups: readonly LinkedGroup[] },
  lines: readonly string[],
) {
  const codes = new Set<string>();
  const templates = [...new Set(groups.map(({ redeemUrl }) => redeemUrl))];
  if (lines.length === 0) return createCodeFinder(codes, templates);
  const incomplete: LinkedGroup[] = [];
  for (const group of groups) {
    const listed = await listCodes(deps, deal, group);
    for (const { code } of listed) codes.add(code);
    if (listed.length < group.seatCount) incomplete.push(group);
  }
  const findCode = createCodeFinder(codes, templates);
  const unsure = incomplete.find(({ redeemUrl }) =>
    lines.some((line) => findCode(line) === null && codeInLink(redeemUrl, line) !== null),
  );
  if (unsure === undefined) return findCode;
  throw new DealseatError({
    code: 'lms.codes_not_listed',
    message: `The codes of ${unsure.label} are not all listed, so its links cannot be told from those of other deals`,
  });
}
