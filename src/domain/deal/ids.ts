import type { DealRef } from './deal.ts';

/** SHA-256 of UTF-8 text as 64 lower-case hex digits. Handed in, because the domain knows no crypto library. */
export type Sha256Hex = (text: string) => string;

const PREFIX = 'provision';

/** The one workflow id of a deal: all routes to a provisioning meet in it. */
export function provisioningId(ref: DealRef): string {
  return [PREFIX, ref.crm, ref.account, ref.dealId].join(':');
}

/** The deal that a provisioning id names, or null when it is none. */
export function parseProvisioningId(id: string): DealRef | null {
  const [prefix, crm, account, dealId, ...rest] = id.split(':');
  if (prefix !== PREFIX || rest.length > 0) return null;
  if (!crm || !/^[a-z][a-z0-9]*$/.test(crm) || !account || !dealId) return null;
  return { crm, account, dealId };
}

/** Fifteen hex digits are 60 bits: two of a million groups collide with a chance of one in two million. */
const TOKEN_DIGITS = 15;

/**
 * The token that ends a group's label and finds it again. Made only from what outlives edits of the deal: never
 * from line-item ids (CRMs re-create them), nor from run, attempt, clock or chance. One word of `[a-z0-9]`,
 * because search engines split words at other characters.
 */
export function groupToken(
  ref: DealRef,
  group: { readonly platform: string; readonly productKey: string; readonly part: number },
  sha256: Sha256Hex,
): string {
  const { platform, productKey, part } = group;
  return token('group', [ref.crm, ref.account, ref.dealId, platform, productKey, String(part)], sha256);
}

/** The token that ends the label of a group; the whole label where it has no dash. */
export function groupTokenOf(label: string): string {
  return label.slice(label.lastIndexOf('-') + 1);
}

/**
 * The key under which one message of a deal to one contact is sent once. `about` names what the message is about, so a
 * later hand-over of other seats has a key of its own.
 */
export function messageKey(ref: DealRef, contactId: string, sha256: Sha256Hex, about: string): string {
  return `dealseat-${token('message', [ref.crm, ref.account, ref.dealId, contactId, about], sha256)}`;
}

/**
 * The token of a group that one operation on a seat makes, because seats that were taken back need new codes. The same at
 * every attempt, and of no other operation. `soldToken`: of the group on whose terms it is made, which outlives a merge.
 */
export function replacementToken(soldToken: string, operationId: string, sha256: Sha256Hex): string {
  return token('replacement', [soldToken, operationId], sha256);
}

/** Ends the file name of a deal's roster. */
export function rosterToken(ref: DealRef, sha256: Sha256Hex): string {
  return token('roster', [ref.crm, ref.account, ref.dealId], sha256);
}

/** Ends the name of the file with the codes of one withdrawal: no reading of rosters finds it. */
export function withdrawnToken(ref: DealRef, withdrawal: string, sha256: Sha256Hex): string {
  return token('withdrawn', [ref.crm, ref.account, ref.dealId, withdrawal], sha256);
}

function token(purpose: string, parts: readonly string[], sha256: Sha256Hex): string {
  return `d${sha256(JSON.stringify([purpose, ...parts])).slice(0, TOKEN_DIGITS)}`;
}

/** The token that ends the name of a roster file; empty for any other name. */
export function rosterTokenOf(fileName: string): string {
  return /-([a-z0-9]+)\.csv$/.exec(fileName)?.[1] ?? '';
}
