import type { SandboxResponse } from '../exchange.ts';

/** Ends the handling of a request with the platform's list of error texts. */
export class Refusal extends Error {
  readonly response: SandboxResponse;

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.name = 'Refusal';
    this.response = { status, headers, body: { errors: [message] } };
  }
}
