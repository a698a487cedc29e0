import {
  accessGoneFinding,
  accessStaysFinding,
  countDiffersFinding,
  dealGoneFinding,
  groupGoneFinding,
  groupUnknownFinding,
  ledgerEditedFinding,
  ledgerGoneFinding,
  linkForeignFinding,
  linkMissingFinding,
  linkOverFinding,
  redemptionMissedFinding,
} from '../../../src/domain/texts/audit.ts';
import type { SeatDesk } from '../../../src/seats/desk.ts';
import type { FindingsView, OperationView, OrderView, SeatView } from '../../../src/seats/views.ts';
import { OperationsRefused } from '../../../src/store/operations-refused.ts';
import { entry, type TextSection } from './entry.ts';
import { NUDGES } from './nudges.ts';
import { printed } from './terminal.ts';

const ENV = {
  HUBSPOT_ACCESS_TOKEN: 'made-up-token',
  HUBSPOT_PORTAL_ID: '62515',
  HUBSPOT_CLIENT_SECRET: 'made-up-secret-of-a-page',
};

const TITLE = 'Leadership Essentials';
const LABEL = 'acme-leadership-essentials-2026-11-20-dc66bcecdad7f465';

const AT = '2026-11-20T09:01:00.000Z';
const counts = { sold: 25, used: 1, reserved: 23, free: 1 };

const ORDER: OrderView = {
  crm: 'hubspot',
  account: '62515',
  dealId: '9001',
  dealName: 'Acme leadership rollout',
  dealUrl: 'https://app.hubspot.com/contacts/62515/record/0-3/9001',
  companyName: 'Acme Corp',
  audience: 'buyer',
  deliveredAt: AT,
  mergedInto: null,
  counts,
  products: [{ key: 'leadership', title: TITLE, counts }],
};

const FREE: SeatView = {
  id: '7a20bb14-52fd-4b0e-8a50-0f1d8a3f6c01',
  crm: 'hubspot',
  account: '62515',
  dealId: '9001',
  dealName: ORDER.dealName,
  companyName: ORDER.companyName,
  productKey: 'leadership',
  productTitle: TITLE,
  state: 'free',
  stateText: 'Free',
  since: AT,
  version: 1,
  holder: null,
  groupLabel: LABEL,
  codeState: 'sealed',
  redeemedAt: null,
  redeemedBy: null,
  usedByOther: false,
  accessUntil: null,
  createdAt: AT,
  endedAt: null,
  nextSeatId: null,
  operationId: null,
  waitsFor: null,
};

const USED: SeatView = {
  ...FREE,
  id: '3f1c0a9b-2d4e-4c11-9a57-6a0a2f3b9d02',
  state: 'redeemed',
  stateText: 'In use',
  since: '2026-11-22T14:10:00.000Z',
  version: 3,
  holder: { email: 'kim@acme.example', name: 'Kim Vale', contactId: null },
  codeState: 'redeemed',
  redeemedAt: '2026-11-22T14:10:00.000Z',
  redeemedBy: 'kim.vale@mail.example',
  usedByOther: true,
  accessUntil: '2027-11-22T14:10:00.000Z',
};

function operation(outcome: Pick<OperationView, 'state' | 'isOver' | 'text' | 'failure'>): OperationView {
  return {
    id: '0d9f6f0a-2c1b-4a53-9a3e-5b7f8f4f1f11',
    kind: 'revoke',
    seatId: USED.id,
    nextSeatId: outcome.state === 'done' ? FREE.id : null,
    crm: 'hubspot',
    dealId: '9001',
    askedBy: 'ana',
    reason: 'left the company',
    askedAt: AT,
    startedAt: AT,
    settledAt: outcome.isOver ? AT : null,
    ...outcome,
  };
}

const DONE = operation({
  state: 'done',
  isOver: true,
  text: 'The seat was taken back and is free again.',
  failure: null,
});

const WAITS = operation({
  state: 'running',
  isOver: false,
  text: 'Thought Industries: end the access of a user: 401',
  failure: {
    code: 'lms.unauthorized',
    cure: 'Put a valid key into TI_API_KEY, restart the worker, then try again.',
  },
});

const DEAL = ORDER.dealName;

/** With and without a seat that it is about. */
const FINDINGS: FindingsView['findings'] = [
  { ...dealGoneFinding(DEAL), seatId: null },
  { ...ledgerGoneFinding(DEAL), seatId: null },
  { ...ledgerEditedFinding(DEAL), seatId: null },
  { ...countDiffersFinding(DEAL, { title: TITLE, ledger: 25, store: 24 }), seatId: null },
  { ...groupUnknownFinding(DEAL, 'dc66bcecdad7f465'), seatId: null },
  { ...groupGoneFinding(DEAL, LABEL), seatId: null },
  { ...redemptionMissedFinding(DEAL, LABEL, 2), seatId: null },
  { ...linkMissingFinding(DEAL, '6002'), seatId: FREE.id },
  { ...linkOverFinding(DEAL, '6002', [2]), seatId: null },
  { ...linkForeignFinding(DEAL, '6003', 1), seatId: USED.id },
  { ...accessGoneFinding(DEAL, TITLE), seatId: USED.id },
  { ...accessStaysFinding(DEAL, TITLE), seatId: USED.id },
].map((finding, index) => ({
  ...finding,
  id: index + 1,
  kind: 'audit',
  crm: ORDER.crm,
  dealId: ORDER.dealId,
  foundAt: AT,
  seenAt: AT,
}));

function print(argv: readonly string[], own: Partial<SeatDesk>): Promise<string> {
  const event = { kind: 'created', actor: { kind: 'system', name: null }, reason: null } as const;
  const desk: Partial<SeatDesk> = {
    seatsOf: async () => ({ order: ORDER, seats: [FREE, USED], nudges: NUDGES, next: null }),
    find: async () => ({ by: 'email', seats: [USED], orders: [], next: null }),
    history: async () => ({
      seat: USED,
      previousSeatId: null,
      events: [
        { ...event, at: AT, text: 'Dealseat added the seat (handed out)' },
        {
          ...event,
          at: USED.since,
          text: 'The learning platform reported that the code was used by kim@acme.example',
        },
      ],
    }),
    findings: async () => ({ findings: FINDINGS, next: null }),
    ...own,
  };
  return printed(['seats', ...argv], ENV, {
    openSeats: async () => ({ desk: desk as SeatDesk, waitsHere: true, close: async () => {} }),
  });
}

const MANY = ['revoke', USED.id, FREE.id, '--reason', 'left the company', '--by', 'ana'];
const REVOKE = ['revoke', '3f1c0a9b', '--reason', 'left the company', '--by', 'ana'];

export async function seats(): Promise<TextSection> {
  const timeless = (text: string) => text.replace(/\(\d+\.\d s\)/g, '(4.2 s)');
  const of = async (name: string, argv: readonly string[], own: Partial<SeatDesk> = {}) =>
    entry(name, timeless(await print(argv, own)));
  return {
    title: 'Seats in the terminal',
    reader: 'operator',
    entries: [
      await of('The seats of a deal', ['hubspot', '9001']),
      await of('A person is found', ['find', 'kim@acme.example']),
      await of('Nothing is found', ['find', 'x'], {
        find: async () => ({ by: null, seats: [], orders: [], next: null }),
      }),
      await of('A deal is found', ['find', 'acme'], {
        find: async () => ({ by: 'company', seats: [], orders: [ORDER], next: null }),
      }),
      await of('The history of a seat', ['history', '3f1c0a9b']),
      await of('A seat was taken back', REVOKE, { ask: async () => DONE }),
      await of('An act waits for an administrator', REVOKE, { ask: async () => WAITS }),
      await of('Several seats were taken back', MANY, {
        askMany: async () => ({ operations: [DONE, { ...DONE, id: 'leavers:2', seatId: FREE.id }] }),
      }),
      await of('Some of several seats cannot be taken back', MANY, {
        askMany: async () => {
          const message = 'The seat is free, so Dealseat cannot take the seat back';
          throw new OperationsRefused([{ index: 1, code: 'seat.wrong_state', message }]);
        },
      }),
      await of('Open findings', ['audit']),
    ],
  };
}
