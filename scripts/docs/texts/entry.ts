/** One text as a person reads it. */
export interface TextEntry {
  /** When it is written. */
  readonly name: string;
  /** Failure codes or kinds that it stands for. */
  readonly covers: readonly string[];
  readonly subject?: string;
  readonly text: string;
}

export type Reader = 'sales' | 'customer' | 'operator' | 'partner';

export interface TextSection {
  readonly title: string;
  /** Who reads it: the banned words of that reader are checked. */
  readonly reader: Reader;
  readonly entries: readonly TextEntry[];
}

export function entry(name: string, text: string, covers: readonly string[] = []): TextEntry {
  return { name, covers, text: text.trimEnd() };
}
