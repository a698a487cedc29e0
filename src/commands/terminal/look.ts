import { styleText } from 'node:util';
import { printable } from './printable.ts';

type Style = Parameters<typeof styleText>[0];

/** Text whose escape sequences are all ours: a caller of the constructor must make sure of it. */
export class Painted {
  readonly raw: string;
  /** The same without them. */
  readonly plain: string;

  constructor(raw: string, plain: string) {
    this.raw = raw;
    this.plain = plain;
  }

  /** As it is, but for control characters. */
  static of(text: string | Painted): Painted {
    if (text instanceof Painted) return text;
    const plain = printable(text);
    return new Painted(plain, plain);
  }

  static join(parts: readonly (string | Painted)[], separator = ''): Painted {
    const all = parts.map(Painted.of);
    return new Painted(
      all.map(({ raw }) => raw).join(separator),
      all.map(({ plain }) => plain).join(separator),
    );
  }

  /** `before` and `after` take no columns. */
  within(before: string, after: string): Painted {
    return new Painted(before + this.raw + after, this.plain);
  }
}

export interface LookOptions {
  readonly hasColours?: boolean;
  readonly hasLinks?: boolean;
}

/** How text may look on a terminal. */
export interface Look {
  style(style: Style, text: string | Painted): Painted;
  /** The text leads to the address where the terminal knows links; elsewhere it stays plain. */
  link(address: string, text: string | Painted): Painted;
  readonly hasLinks: boolean;
}

export function lookOf({ hasColours = false, hasLinks = false }: LookOptions): Look {
  return {
    hasLinks,
    style(style, text) {
      const painted = Painted.of(text);
      if (!hasColours) return painted;
      const [before = '', after = ''] = styleText(style, MARK, { validateStream: false }).split(MARK);
      return painted.within(before, after);
    },
    link(address, text) {
      const painted = Painted.of(text);
      const isAddress = hasLinks && /^https?:\/\/[\x21-\x7e]+$/.test(address);
      return isAddress ? painted.within(`\u001b]8;;${address}\u001b\\`, '\u001b]8;;\u001b\\') : painted;
    },
  };
}

const MARK = '|';
