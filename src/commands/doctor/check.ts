import type { SetupCheck } from '../../clients/crm.ts';

/** `note`: nothing is wrong, but somebody may want to know. */
export interface DoctorCheck extends Omit<SetupCheck, 'state'> {
  readonly state: SetupCheck['state'] | 'note';
}

export function ok(name: string): DoctorCheck {
  return { name, state: 'ok', advice: null };
}

export function note(name: string, advice: string): DoctorCheck {
  return { name, state: 'note', advice };
}

export function failed(name: string, advice: string): DoctorCheck {
  return { name, state: 'failed', advice };
}
