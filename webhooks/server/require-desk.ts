import type { SeatDesk } from '../../src/seats/desk.ts';
import { WebhookProblem } from './problems.ts';

/** Throws `webhook.no_store` where this process has no store open. */
export function requireDesk(desk: SeatDesk | null): SeatDesk {
  if (desk !== null) return desk;
  throw new WebhookProblem('webhook.no_store', {
    detail:
      'Set DATABASE_URL and DEALSEAT_SECRET_KEYS for the webhook server, the same as for the worker; or run both in one process with `dealseat start`.',
  });
}
