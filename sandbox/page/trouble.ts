import type { Fault, FaultPlan, SandboxSystem } from '../faults.ts';

export const SYSTEMS: readonly SandboxSystem[] = ['hubspot', 'salesforce', 'ti'];

const ALWAYS = { times: Number.POSITIVE_INFINITY } as const;

/** Requests that change something, recognised by their body; the login of Salesforce has one as well and changes nothing. */
const WRITES: Readonly<Record<SandboxSystem, Pick<Fault, 'path' | 'method'>>> = {
  hubspot: { path: /\/(objects|files|single-email|sequences|lists)\b(?!.*\/(search|read)$)/ },
  salesforce: { path: /^\/services\/data\// },
  ti: { method: 'POST', path: /\/redemptionCodes$/ },
};

/** What a person may do to a system from the page. */
export interface Mischief {
  readonly id: string;
  readonly says: string;
  readonly fault: (system: SandboxSystem) => Fault;
}

export const MISCHIEF: readonly Mischief[] = [
  {
    id: 'drop-answer',
    says: 'drop the answer to the next change, after it was carried out',
    fault: (system) => ({
      system,
      kind: 'dropAfterCommit',
      ...WRITES[system],
      when: (body) => body !== '',
    }),
  },
  {
    id: 'slow',
    says: 'answer every request 3 seconds late',
    fault: (system) => ({ system, kind: 'delay', delayMs: 3_000, ...ALWAYS }),
  },
  {
    id: 'quota',
    says: 'say of the next 5 requests that the quota is used up',
    fault: (system) => ({ system, kind: 'rateLimit', times: 5 }),
  },
  {
    id: 'proxy-page',
    says: 'answer the next 3 requests with the error page of a proxy',
    fault: (system) => ({ system, kind: 'html', times: 3 }),
  },
];

/** The faults that are armed from the page. Others, of scenes and programs, stay as they are. */
export class Trouble {
  readonly #faults: FaultPlan;
  readonly #down = new Map<SandboxSystem, Fault>();

  constructor(faults: FaultPlan) {
    this.#faults = faults;
  }

  isDown(system: SandboxSystem): boolean {
    const fault = this.#down.get(system);
    return this.#faults.active.some((armed) => armed.fault === fault);
  }

  takeDown(system: SandboxSystem): void {
    if (this.isDown(system)) return;
    const fault: Fault = { system, kind: 'status', status: 503, body: 'Service unavailable', ...ALWAYS };
    this.#down.set(system, fault);
    this.#faults.add(fault);
  }

  bringUp(system: SandboxSystem): void {
    const down = this.#down.get(system);
    this.#faults.disarm((fault) => fault === down);
  }

  make(mischief: Mischief, system: SandboxSystem): void {
    this.#faults.add(mischief.fault(system));
  }

  repairAll(): void {
    this.#faults.clear();
  }
}
