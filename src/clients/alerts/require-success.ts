import type { HttpResponse } from '../http.ts';

/** The address is a secret of its own, so no error names it. */
export function requireSuccess(what: string, { status }: HttpResponse): void {
  if (status >= 200 && status < 300) return;
  throw new Error(`The ${what} answered ${status}; expected 2xx`);
}
