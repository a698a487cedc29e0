import { bannerOf } from '../../../src/commands/start/banner.ts';
import { lookOf } from '../../../src/commands/terminal/look.ts';
import { outcomeLine, outcomeWords } from '../../../src/commands/terminal/outcome-line.ts';
import type { Outcome } from '../../../src/contracts/outcomes.ts';
import { WAITS_FOR, type WaitsFor } from '../../../src/contracts/waits-for.ts';
import type { FailureCode } from '../../../src/domain/failure.ts';
import { entry, type TextEntry, type TextSection } from './entry.ts';
import { EXAMPLES } from './problems.ts';

const LOOK = lookOf({});
const COLUMNS = 160;
/** In the zone of this machine, as the line shows it. */
const AT = new Date(2026, 10, 29, 21, 54, 0);

const BANNER = bannerOf(
  {
    version: '1.0.0',
    crms: [
      {
        crm: 'hubspot',
        displayName: 'HubSpot',
        account: '62515',
        provisionsSince: '2026-11-29T00:00:00.000Z',
      },
      {
        crm: 'salesforce',
        displayName: 'Salesforce',
        account: '00D5Y000001NlLCUA0',
        provisionsSince: '2026-11-29T00:00:00.000Z',
      },
    ],
    platform: 'acme.thoughtindustries.com',
    catalog: { file: 'catalog.yaml', products: 3, ignored: 1, partners: 1 },
    store: { kind: 'embedded', version: '18.7', place: '.dealseat/seats' },
    sweepIntervalMs: 600_000,
    webhooks: 'http://127.0.0.1:8080',
    publicUrl: 'https://dealseat.example.com',
    metrics: 'http://127.0.0.1:8080/metrics',
    temporal: {
      address: '127.0.0.1:7233',
      namespace: 'default',
      taskQueue: 'dealseat',
      database: '.dealseat/temporal.db',
      ui: 'http://127.0.0.1:8233',
      runs: null,
      waiting: null,
    },
    keyFile: '.dealseat/secret-keys',
  },
  LOOK,
).plain;

const DELIVERED: Outcome = {
  crm: 'hubspot',
  account: '62515',
  dealId: '9001',
  dealName: 'Acme leadership rollout',
  status: 'Delivered',
  waitsFor: null,
  code: null,
  message: '30 seats delivered',
  cure: null,
  problemCount: 0,
  seats: 1_200,
  durationMs: 6_100,
  isUnchanged: false,
};

function stopped(status: Outcome['status'], code: FailureCode, waitsFor: WaitsFor | null = null): Outcome {
  const { message, cure } = EXAMPLES[code];
  const isOpen = status === 'NeedsAttention';
  return { ...DELIVERED, status, waitsFor, code, message, cure, problemCount: isOpen ? 1 : 0, seats: null };
}

const CODE_OF: Readonly<Record<WaitsFor, FailureCode>> = {
  sales: 'deal.no_line_items',
  admin: 'lms.forbidden',
  approval: 'approval.required',
  withdrawal: 'withdrawal.required',
  deployment: 'run.held_elsewhere',
  codes: 'lms.codes_not_listed',
};

function shown(name: string, outcome: Outcome, covers: readonly string[]): TextEntry {
  const line = outcomeLine(outcome, { look: LOOK, at: AT, columns: COLUMNS }).plain;
  return entry(name, `${line}In the log: ${outcome.dealName}: ${outcomeWords(outcome)}`, covers);
}

export const SERVICE: TextSection = {
  title: 'What `start` prints',
  reader: 'operator',
  entries: [
    entry('When it is ready', BANNER),
    shown('A deal is delivered', DELIVERED, ['Delivered']),
    shown('A deal was delivered before', { ...DELIVERED, isUnchanged: true }, []),
    ...WAITS_FOR.map((waitsFor) =>
      shown(`A deal waits: ${waitsFor}`, stopped('NeedsAttention', CODE_OF[waitsFor], waitsFor), [waitsFor]),
    ),
    shown(
      'A deal waits for several things',
      { ...stopped('NeedsAttention', 'deal.no_line_items', 'sales'), problemCount: 3 },
      [],
    ),
    shown('A deal is skipped', stopped('Skipped', 'deal.won_before'), ['Skipped']),
    shown('A deal is cancelled', stopped('Cancelled', 'run.cancelled'), ['Cancelled']),
    shown('A deal has failed', stopped('Failed', 'run.attention_expired'), ['Failed']),
  ],
};
