import { DealseatError } from '../domain/failure.ts';
import { countOf } from '../domain/words.ts';

const ID = /^[A-Za-z0-9._:-]{1,100}$/;

/** Throws `seat.id_used` for what cannot be the id of a request. */
export function requireSoundId(id: string): void {
  if (ID.test(id)) return;
  throw new DealseatError({
    code: 'seat.id_used',
    message: `The id of the request has ${countOf(id.length, 'character')}; expected 1 to 100 of A to Z, a to z, 0 to 9, and ". _ : -"`,
  });
}

export function idUsed(id: string): DealseatError {
  return new DealseatError({
    code: 'seat.id_used',
    message: `The id "${id}" belongs to another request, with another seat, kind or input`,
  });
}
