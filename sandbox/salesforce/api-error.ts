import type { SandboxResponse } from '../exchange.ts';

/** A refusal in the form every REST resource of Salesforce uses: an array of one error. */
export class ApiError extends Error {
  readonly status: number;
  readonly errorCode: string;
  readonly fields: readonly string[];

  constructor(status: number, errorCode: string, message: string, fields: readonly string[] = []) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.errorCode = errorCode;
    this.fields = fields;
  }

  toResponse(): SandboxResponse {
    const fields = this.fields.length > 0 ? { fields: this.fields } : {};
    return { status: this.status, body: [{ message: this.message, errorCode: this.errorCode, ...fields }] };
  }

  /** Collections and actions name the code `statusCode` and always list the fields. */
  toItem(): ItemError {
    return { statusCode: this.errorCode, message: this.message, fields: this.fields };
  }
}

export interface ItemError {
  readonly statusCode: string;
  readonly message: string;
  readonly fields: readonly string[];
}

export function notFound(): ApiError {
  return new ApiError(404, 'NOT_FOUND', 'The requested resource does not exist');
}

export function methodNotAllowed(method: string, allowed: readonly string[]): ApiError {
  return new ApiError(
    405,
    'METHOD_NOT_ALLOWED',
    `HTTP Method '${method}' not allowed. Allowed are ${allowed.join(',')}`,
  );
}
