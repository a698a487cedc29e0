import { randomUUID } from 'node:crypto';
import type { SandboxResponse } from '../exchange.ts';

/** Everything HubSpot may put into an error body besides its status. */
export interface RefusalDetails {
  readonly category?: string;
  readonly subCategory?: string;
  readonly errors?: readonly object[];
  readonly context?: Readonly<Record<string, readonly string[]>>;
  /** Fields of bodies that do not follow the common form, such as those of 429. */
  readonly extra?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Thrown by any endpoint to end the request with HubSpot's error body. */
export class HubSpotRefusal extends Error {
  readonly status: number;
  readonly details: RefusalDetails;

  constructor(status: number, message: string, details: RefusalDetails = {}) {
    super(message);
    this.name = 'HubSpotRefusal';
    this.status = status;
    this.details = details;
  }
}

export function invalid(message: string, details: RefusalDetails = {}): HubSpotRefusal {
  return new HubSpotRefusal(400, message, { category: 'VALIDATION_ERROR', ...details });
}

export function notFound(message = 'resource not found'): HubSpotRefusal {
  return new HubSpotRefusal(404, message, { category: 'OBJECT_NOT_FOUND' });
}

/** One entry of the list that HubSpot packs as JSON text into the message of a refused property write. */
export interface PropertyFault {
  readonly name: string;
  readonly error: string;
  readonly message: string;
}

export function invalidProperties(faults: readonly PropertyFault[]): HubSpotRefusal {
  const list = faults.map(({ name, error, message }) => ({
    isValid: false,
    message,
    error,
    name,
    localizedErrorMessage: message,
  }));
  return invalid(`Property values were not valid: ${JSON.stringify(list)}`, {
    errors: faults.map(({ name, error, message }) => ({
      message,
      code: error,
      context: { propertyName: [name] },
    })),
  });
}

export function refusalAnswer(refusal: HubSpotRefusal): SandboxResponse {
  const { headers, extra, ...rest } = refusal.details;
  return json(
    refusal.status,
    { status: 'error', message: refusal.message, correlationId: randomUUID(), ...rest, ...extra },
    headers,
  );
}

export function json(
  status: number,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): SandboxResponse {
  return { status, headers: { 'Content-Type': 'application/json;charset=utf-8', ...headers }, body };
}

export const NO_CONTENT: SandboxResponse = { status: 204, body: null };
