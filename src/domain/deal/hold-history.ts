import { type Hold, parseHold } from './hold.ts';

/** Whose deal it is, by what its hold field has said since it was read. */
export type HistoryVerdict =
  | { readonly is: 'first' }
  /** `putBack` belongs in the field in place of ours: the latest text of the run that was first. */
  | { readonly is: 'late'; readonly putBack: string }
  /** The values do not show our hold, or do not reach back to what was seen. */
  | { readonly is: 'unproven' };

interface Writing {
  /** What the field said when it was free. */
  readonly seen: string | null;
  /** What was written then. */
  readonly hold: string;
}

/** `values` are all that the field has said, newest first and empty texts included, in the order of the writes. */
export function judgeHistory(values: readonly string[], { seen, hold }: Writing): HistoryVerdict {
  const written = values.indexOf(hold);
  if (written === -1) return { is: 'unproven' };
  const earlier = values.indexOf(seen ?? '', written);
  // Only the latest values may be kept: what lies between may be gone.
  if (earlier === -1 && seen !== null) return { is: 'unproven' };
  const since = values.slice(0, earlier === -1 ? undefined : earlier).flatMap(holdIn);
  const first = since.at(-1);
  if (first === undefined || isOfOneRun(first.hold, parseHold(hold))) return { is: 'first' };
  const latest = since.find((one) => isOfOneRun(one.hold, first.hold)) ?? first;
  return { is: 'late', putBack: latest.text };
}

/** A person may have typed something else into it. */
function holdIn(text: string): { readonly text: string; readonly hold: Hold }[] {
  const hold = parseHold(text);
  return hold === null ? [] : [{ text, hold }];
}

function isOfOneRun(one: Hold | null, other: Hold | null): boolean {
  return one !== null && one.deployment === other?.deployment && one.run === other.run;
}
