/** Object ids of PostgreSQL's types whose values both engines read alike. */
const OID = { int8: 20, timestamptz: 1184 } as const;

/** From the text that the server sends; the numbers of int8 that we have (counts, identities) are safe integers. */
export const PARSERS: Readonly<Record<number, (text: string) => unknown>> = {
  [OID.int8]: Number,
  [OID.timestamptz]: (text) => new Date(text),
};

export function parserOf(oid: number): ((text: string) => unknown) | undefined {
  return PARSERS[oid];
}
