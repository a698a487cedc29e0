import { expect, test } from '@jest/globals';
import { countOf, withCure } from '../../src/domain/words.ts';

test.each([
  [0, '0 seats'],
  [1, '1 seat'],
  [2, '2 seats'],
  [999, '999 seats'],
  [1_200, '1,200 seats'],
  [1_234_567, '1,234,567 seats'],
])('%i of a noun is %j', (count, said) => {
  expect(countOf(count, 'seat')).toBe(said);
});

test.each([
  ['The deal has no close date', 'The deal has no close date. Set it.'],
  ['The deal has no close date.', 'The deal has no close date. Set it.'],
  ['400 RULE "Won deals cannot be edited."', '400 RULE "Won deals cannot be edited." Set it.'],
  ['400 RULE "locked"', '400 RULE "locked". Set it.'],
])('%j ends with one stop before its cure', (message, said) => {
  expect(withCure(message, 'Set it.')).toBe(said);
});
