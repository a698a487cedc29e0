import fc from 'fast-check';

type Mutation = (bytes: Buffer) => Buffer;

/** What parsers are known to stumble over, as bytes. */
const NASTY: readonly Buffer[] = [
  Buffer.from([0]),
  Buffer.from('\ufeff'),
  Buffer.from('\ufeff', 'utf16le'),
  Buffer.from([0xff]),
  // A lone surrogate, an overlong slash and a cut character: no valid UTF-8.
  Buffer.from([0xed, 0xa0, 0x80]),
  Buffer.from([0xc0, 0xaf]),
  Buffer.from([0xe2, 0x82]),
  ...[
    '\\ud800',
    '\\u0000',
    '\u202e',
    '\u200b',
    '🦄',
    '1e999',
    '-0',
    '99999999999999999999999999',
    '0.1',
    'null',
    'true',
    '"',
    "'",
    '\\',
    '{',
    '}',
    '[',
    ']',
    '<',
    '>',
    '&',
    '&amp;',
    '&#0;',
    '&#x110000;',
    ']]>',
    '<!--',
    '<![CDATA[',
    '<!DOCTYPE a>',
    '__proto__',
    'constructor',
    '\r\n',
    '\t',
    ',',
    ':',
    '',
  ].map((text) => Buffer.from(text)),
];

const place = fc.double({ min: 0, max: 1, noNaN: true });

const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.tuple(place, fc.integer({ min: 0, max: 7 })).map(([where, bit]): Mutation => flipBit(where, bit)),
  place.map(
    (where): Mutation =>
      (bytes) =>
        bytes.subarray(0, at(bytes, where)),
  ),
  place.map(
    (where): Mutation =>
      (bytes) =>
        bytes.subarray(at(bytes, where)),
  ),
  fc.tuple(place, place, fc.integer({ min: 2, max: 50 })).map((parts): Mutation => repeatSlice(...parts)),
  fc.tuple(place, place).map(
    (parts): Mutation =>
      (bytes) => {
        const [from, to] = range(bytes, ...parts);
        return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
      },
  ),
  fc
    .tuple(place, fc.constantFrom(...NASTY), fc.constantFrom(1, 1, 1, 20, 2_000))
    .map(([where, bytes, times]): Mutation => insert(where, Buffer.alloc(bytes.length * times, bytes))),
  fc
    .tuple(place, fc.uint8Array({ maxLength: 8 }))
    .map(([where, noise]): Mutation => insert(where, Buffer.from(noise))),
);

/** A valid sample, changed in one to four places: bits, cuts, repeats, inserted trouble. */
export function mutated(...samples: readonly string[]): fc.Arbitrary<Buffer> {
  return fc
    .tuple(fc.constantFrom(...samples), fc.array(mutation, { minLength: 1, maxLength: 4 }))
    .map(([sample, mutations]) =>
      mutations.reduce<Buffer>((bytes, mutate) => mutate(bytes), Buffer.from(sample)),
    );
}

function at(bytes: Buffer, where: number): number {
  return Math.floor(where * bytes.length);
}

function range(bytes: Buffer, one: number, other: number): [number, number] {
  const from = at(bytes, Math.min(one, other));
  // Short, so that most of the sample stays valid.
  return [from, Math.min(at(bytes, Math.max(one, other)), from + 60)];
}

function flipBit(where: number, bit: number): Mutation {
  return (bytes) => {
    const copy = Buffer.from(bytes);
    const index = at(bytes, where);
    copy[index] = (copy[index] ?? 0) ^ (1 << bit);
    return copy;
  };
}

function repeatSlice(one: number, other: number, times: number): Mutation {
  return (bytes) => {
    const [from, to] = range(bytes, one, other);
    const slice = bytes.subarray(from, to);
    return Buffer.concat([bytes.subarray(0, from), ...Array<Buffer>(times).fill(slice), bytes.subarray(to)]);
  };
}

function insert(where: number, inserted: Buffer): Mutation {
  return (bytes) =>
    Buffer.concat([bytes.subarray(0, at(bytes, where)), inserted, bytes.subarray(at(bytes, where))]);
}
