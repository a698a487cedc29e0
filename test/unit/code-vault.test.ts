import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { CodeVault } from '../../src/store/code-vault.ts';

const OLD = { id: 'old', bytes: randomBytes(32) };
const NEW = { id: 'new', bytes: randomBytes(32) };

describe('a code in the seat store', () => {
  test('is not there as it is, and comes back as it was', () => {
    const vault = new CodeVault([OLD]);
    const sealed = vault.seal('ab12-CD34');
    expect(JSON.stringify(sealed)).not.toMatch(/ab12|cd34/i);
    expect(vault.open(sealed.enc)).toBe('ab12-CD34');
  });

  test('looks different each time, and is found by the same value each time', () => {
    const vault = new CodeVault([OLD]);
    const [one, two] = [vault.seal('ab12cd34'), vault.seal('ab12cd34')];
    expect(one?.enc).not.toBe(two?.enc);
    expect(one?.mac).toBe(two?.mac);
    expect(vault.seal('ab12cd35').mac).not.toBe(one?.mac);
  });

  test('is opened and found by an older key after a newer one has come', () => {
    const { enc, mac } = new CodeVault([OLD]).seal('ab12cd34');
    const later = new CodeVault([NEW, OLD]);
    expect(later.open(enc)).toBe('ab12cd34');
    expect(later.macsOf('ab12cd34')).toContain(mac);
    expect(later.isOfNewestKey({ enc })).toBe(false);
    expect(later.isOfNewestKey(later.seal('ab12cd34'))).toBe(true);
  });

  test('of a key that is gone is refused with the id of that key', () => {
    const { enc } = new CodeVault([OLD]).seal('ab12cd34');
    expect(() => new CodeVault([NEW]).open(enc)).toThrow(/"old"/);
  });

  test('that was altered in the database is refused', () => {
    const vault = new CodeVault([OLD]);
    const [id, iv, tag, text = ''] = vault.seal('ab12cd34').enc.split('.');
    const first = text.startsWith('A') ? 'B' : 'A';
    expect(() => vault.open([id, iv, tag, first + text.slice(1)].join('.'))).toThrow();
  });

  test('gives another value for look-up under another key, so a copy of one database tells nothing of another', () => {
    expect(new CodeVault([OLD]).seal('ab12cd34').mac).not.toBe(new CodeVault([NEW]).seal('ab12cd34').mac);
  });
});
