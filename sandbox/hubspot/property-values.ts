import type { PropertyFault } from './answers.ts';
import { invalid } from './answers.ts';
import type { PropertyDefinition } from './property-definitions.ts';

const MAX_STRING_LENGTH = 65_536;
const DAY_MS = 86_400_000;

/** A value as HubSpot stores it; null: emptied. */
export type StoredValue = string | null;

/** Values come as text, number or boolean; anything else is a fault of the JSON, not of the property. */
export function rawText(name: string, value: unknown): StoredValue {
  if (value === null || value === '') return null;
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value)))
    return String(value);
  throw invalid(
    `Invalid input JSON on line 1, column 1: Cannot deserialize the value of property "${name}" from ${Array.isArray(value) ? 'an array' : typeof value}`,
  );
}

/** Checks a value against its property's type and brings dates into the form in which HubSpot returns them. */
export function parseValue(property: PropertyDefinition, text: string): StoredValue | PropertyFault {
  const fault = (error: string, message: string): PropertyFault => ({ name: property.name, error, message });
  if (property.externalOptions) return text;
  switch (property.type) {
    case 'string':
      if (text.length <= MAX_STRING_LENGTH) return text;
      return fault(
        'PROPERTY_VALUE_TOO_LONG',
        `${property.name} holds at most ${MAX_STRING_LENGTH} characters, found ${text.length}`,
      );
    case 'number':
      if (text.trim() === text && Number.isFinite(Number(text))) return text;
      return fault('INVALID_NUMBER', `${text} was not a valid number.`);
    case 'bool':
      if (text === 'true' || text === 'false') return text;
      return fault('INVALID_BOOLEAN', `${text} was not a valid boolean.`);
    case 'datetime': {
      const at = parseInstant(text);
      return at === null
        ? fault('INVALID_DATE', `${text} was not a valid date.`)
        : new Date(at).toISOString();
    }
    case 'date': {
      const at = parseInstant(text);
      if (at === null) return fault('INVALID_DATE', `${text} was not a valid date.`);
      if (at % DAY_MS !== 0)
        return fault('INVALID_DATE', `${text} is at a time of day other than midnight UTC.`);
      return new Date(at).toISOString().slice(0, 10);
    }
    default:
      return parseOptions(property, text, fault);
  }
}

function parseOptions(
  property: PropertyDefinition,
  text: string,
  fault: (error: string, message: string) => PropertyFault,
): StoredValue | PropertyFault {
  const allowed = property.options.map(({ value }) => value);
  const chosen = property.fieldType === 'checkbox' ? text.split(';').filter((value) => value !== '') : [text];
  const wrong = chosen.find((value) => !allowed.includes(value));
  if (wrong === undefined) return chosen.join(';');
  return fault('INVALID_OPTION', `${wrong} was not one of the allowed options: [${allowed.join(', ')}]`);
}

/** Epoch milliseconds, or ISO 8601 as a day or a moment with its zone. */
export function parseInstant(text: string): number | null {
  if (/^-?\d{1,15}$/.test(text)) return Number(text);
  if (!/^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2}))?$/.test(text)) return null;
  const at = Date.parse(text);
  if (Number.isNaN(at)) return null;
  // Date.parse rolls 31 February over to March; a calendar does not.
  const day = Number(text.slice(8, 10));
  const lastDay = new Date(Date.UTC(Number(text.slice(0, 4)), Number(text.slice(5, 7)), 0)).getUTCDate();
  return day <= lastDay ? at : null;
}
