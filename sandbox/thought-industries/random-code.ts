import { randomInt } from 'node:crypto';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789';

export function randomCode(length: number): string {
  let code = '';
  while (code.length < length) code += ALPHABET[randomInt(ALPHABET.length)];
  return code;
}
