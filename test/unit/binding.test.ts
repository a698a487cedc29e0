import { describe, expect, test } from '@jest/globals';
import { type Ledger, NO_SEATS } from '../../src/domain/deal/ledger.ts';
import { foreignTemplates } from '../../src/domain/planning/binding.ts';

const HOSTS = ['learn.acme.example', '127.0.0.1:9101'];

function withTemplate(redeemUrl: string, active = 3): Ledger {
  const entry = { token: 'd0123456789abcde', product: 'sku:A', part: 1, platform: 'ti', group: 'id-1' };
  return { ...NO_SEATS, groups: [{ ...entry, redeemUrl, issued: 3, active }] };
}

describe('a link template in a ledger without a seal', () => {
  test.each([
    'https://learn.acme.example/redeem/{code}',
    'https://LEARN.acme.example?code={code}',
    'http://127.0.0.1:9101/redeem/{code}',
  ])('may stand there when the catalog allows its host: %s', (template) => {
    expect(foreignTemplates(withTemplate(template), HOSTS)).toEqual([]);
  });

  test.each([
    'https://evil.example/{code}',
    'https://learn.acme.example@evil.example/{code}',
    'https://learn.acme.example.evil.example/{code}',
    'https://evil.example\\@learn.acme.example/{code}',
    'https://learn.acme.example:8443/{code}',
    'javascript://learn.acme.example/{code}',
    '//learn.acme.example/{code}',
    '',
  ])('is named when it leads elsewhere: %s', (template) => {
    expect(foreignTemplates(withTemplate(template), HOSTS)).toHaveLength(1);
  });

  test('counts for nothing when no seat of its group is with the customer', () => {
    expect(foreignTemplates(withTemplate('https://evil.example/{code}', 0), HOSTS)).toEqual([]);
  });
});
