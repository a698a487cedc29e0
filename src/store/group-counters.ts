import { sql } from 'kysely';
import type { StoreReader } from './change-seat.ts';

/** A group some of whose codes may still be redeemed, as far as the store knows. */
export interface CountedGroup {
  readonly id: number;
  readonly platformGroupId: string;
  readonly issued: number;
  /** Redemptions of its codes that the store knows of. */
  readonly known: number;
  /** The platform's counter when it was looked at last; null: never. */
  readonly seen: number | null;
}

/** Groups with codes that were not redeemed, those that were looked at longest ago first. */
export async function groupsToCount(
  db: StoreReader,
  { platform, at, limit }: { readonly platform: string; readonly at: Date; readonly limit: number },
): Promise<readonly CountedGroup[]> {
  const groups = await db
    .selectFrom('code_groups')
    .select(['id', 'platform_group_id', 'issued', 'redeemed_seen'])
    .where('platform', '=', platform)
    // A day more, for clocks and for what the platform shows late.
    .where((group) =>
      group.or([
        group('codes_expire_at', 'is', null),
        group('codes_expire_at', '>', new Date(at.getTime() - DAY_MS)),
      ]),
    )
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom('codes')
          .select('codes.id')
          .whereRef('codes.group_id', '=', 'code_groups.id')
          .where('codes.state', '<>', 'redeemed'),
      ),
    )
    .orderBy('counted_at', (order) => order.asc().nullsFirst())
    .orderBy('id')
    .limit(limit)
    .execute();
  if (groups.length === 0) return [];
  const known = await db
    .selectFrom('codes')
    .leftJoin('redemptions', 'redemptions.code_mac', 'codes.code_mac')
    .select(({ fn }) => ['codes.group_id', fn.countAll<string>().as('count')])
    .where(
      'codes.group_id',
      'in',
      groups.map(({ id }) => id),
    )
    .where(sql<boolean>`(codes.state = 'redeemed' or redemptions.code_mac is not null)`)
    .groupBy('codes.group_id')
    .execute();
  const knownOf = new Map(known.map(({ group_id, count }) => [group_id, Number(count)]));
  return groups.map(({ id, platform_group_id, issued, redeemed_seen }) => ({
    id,
    platformGroupId: platform_group_id,
    issued,
    known: knownOf.get(id) ?? 0,
    seen: redeemed_seen,
  }));
}

const DAY_MS = 24 * 60 * 60 * 1_000;

/** `seen`: what the counter said, and the list was read if it had changed; null: leave it. */
export async function noteCounted(
  db: StoreReader,
  groupId: number,
  { seen, at }: { readonly seen: number | null; readonly at: Date },
): Promise<void> {
  await db
    .updateTable('code_groups')
    .set({ counted_at: at, ...(seen === null ? {} : { redeemed_seen: seen }) })
    .where('id', '=', groupId)
    .execute();
}
