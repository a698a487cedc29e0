/** What stands between the columns of a CSV file, by the word that the catalog has for it. */
export const CSV_SEPARATORS = { comma: ',', semicolon: ';' } as const;

export type CsvSeparator = keyof typeof CSV_SEPARATORS;

export const CSV_SEPARATOR_NAMES = ['comma', 'semicolon'] as const satisfies readonly CsvSeparator[];
