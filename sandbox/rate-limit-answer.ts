import type { SandboxResponse } from './exchange.ts';
import type { SandboxSystem } from './faults.ts';

const RETRY_AFTER_S = 1;

/** How each real system says that its quota is used up. Salesforce has no 429: it answers 403. */
export function rateLimitAnswer(system: SandboxSystem): SandboxResponse {
  switch (system) {
    case 'ti':
      return {
        status: 429,
        headers: { 'Retry-After': String(RETRY_AFTER_S) },
        body: {
          error: 'rate_limit_exceeded',
          message: `Rate limit exceeded. Please retry after ${RETRY_AFTER_S} seconds.`,
          retryAfter: RETRY_AFTER_S,
        },
      };
    case 'hubspot':
      return {
        status: 429,
        body: {
          status: 'error',
          message: 'You have reached your ten_secondly_rolling limit.',
          errorType: 'RATE_LIMIT',
          correlationId: '4d2f0a6e-7b1c-4c55-9a2f-0e8d6b3c1a77',
          policyName: 'TEN_SECONDLY_ROLLING',
        },
      };
    case 'salesforce':
      return {
        status: 403,
        body: [{ message: 'TotalRequests Limit exceeded.', errorCode: 'REQUEST_LIMIT_EXCEEDED' }],
      };
  }
}
