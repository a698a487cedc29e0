import { REMOTE_CALLS } from '../../scripts/docs/effects/effects.ts';
import type { RemoteCall, RemoteSystem } from '../../scripts/docs/effects/remote-call.ts';
import type { CrmName } from '../../src/domain/deal/deal.ts';
import { randomFrom, shuffled } from '../support/random.ts';
import { DISTURBANCES, type Disturbance } from './disturbances.ts';

/**
 * What has to happen for a call to be made. `byHand` is everything that people, the sweep and amendments ask of a CRM
 * or of the learning platform, without a workflow, `access` what is asked of it for a learner, and `seats` what becomes of the
 * seats of a delivered deal; the others are runs of a deal.
 */
export type Scenario =
  | 'buyer'
  | 'learners'
  | 'sequence'
  | 'list'
  | 'listInDoubt'
  | 'noCodesPath'
  | 'manyPages'
  | 'companyAlone'
  | 'undo'
  | Amendment
  | OutsideRun;

/** What is asked for without a workflow of a deal: everything of a CRM and the platform, the access of a learner, or seats. */
type OutsideRun = 'byHand' | 'access' | 'seats';

/** A delivered deal of which more, or less, is sold; the disturbance strikes what is done then. */
export type Amendment = 'topUp' | 'withdrawal';

/** Calls that no plain delivery makes, and what makes them. */
const SCENARIOS: Readonly<Record<Exclude<Scenario, 'buyer' | 'seats'>, readonly string[]>> = {
  learners: ['write redeem links in HubSpot', 'write records in Salesforce'],
  sequence: ['enrol contact', 'read enrolment'],
  list: ['add contact to list'],
  listInDoubt: ['read lists of contact'],
  noCodesPath: ['read code group'],
  manyPages: ['read the next page of a query'],
  companyAlone: ['read company'],
  undo: ['delete file in HubSpot', 'delete note', 'delete file in Salesforce'],
  topUp: [
    'describe the token',
    'read file',
    'read history of note',
    'update note',
    'read tasks',
    'read contact',
    'create task',
  ],
  withdrawal: [
    'look for files',
    'read notes',
    'sign link to file',
    'open signed link',
    'download file',
    'close tasks in HubSpot',
  ],
  byHand: [
    'ping',
    'search won deals',
    'list deals of contact',
    'read deals',
    'probe records',
    'probe owners',
    'list properties',
    'list property groups',
    'create property group',
    'create property',
    'add options to property',
    'take contact off list',
    'describe object',
    'read limits',
    'query with the recycle bin',
    'look up content',
    'list clients',
    'read client',
    'list licenses of client',
    'list association labels',
    'read e-mail',
    'read sequence',
    'read list',
    'list API versions',
  ],
  access: [
    'read user',
    'list redemptions',
    'create or update user',
    'replace licenses of user',
    'set end of access',
    'end access to course',
    'end access to learning path',
  ],
};

/**
 * Calls of every delivery that mean something else here: the writes of an amendment are on top of what was delivered
 * before, and an undo looks whose deal it is, and at its ledger, before it takes anything away. Of seats these are their
 * numbers, the group and the links of new codes, the end of access, reminders, and the task about a code that was used too
 * late.
 */
const ALSO: Readonly<Record<Amendment | 'undo' | 'seats', readonly string[]>> = {
  seats: [
    'list redemptions',
    'read user',
    'create code group',
    'list codes',
    'end access to course',
    'single send',
    'send e-mail',
    'create task',
    'add task',
    'write redeem links in HubSpot',
    'write records in Salesforce',
    'write deal fields in HubSpot',
    'write deal fields in Salesforce',
  ],
  undo: [
    'read deal',
    'query',
    'look for code groups',
    'look for files',
    'create task',
    'add task',
    'close tasks in HubSpot',
    'write records in Salesforce',
    'write deal fields in HubSpot',
    'write deal fields in Salesforce',
  ],
  topUp: [
    'read deal',
    'query',
    'create code group',
    'upload file',
    'single send',
    'add file',
    'send e-mail',
    'write records in Salesforce',
    'write deal fields in HubSpot',
    'write deal fields in Salesforce',
  ],
  withdrawal: [
    'read deal',
    'query',
    'delete file in HubSpot',
    'upload file',
    'create note',
    'delete note',
    'create task',
    'delete file in Salesforce',
    'add file',
    'add task',
    'write records in Salesforce',
    'write deal fields in HubSpot',
    'write deal fields in Salesforce',
  ],
};

export function isOutsideRun(scenario: Scenario): scenario is OutsideRun {
  return scenario === 'byHand' || scenario === 'access' || scenario === 'seats';
}

export function isAmendment(scenario: Scenario): scenario is Amendment {
  return scenario === 'topUp' || scenario === 'withdrawal';
}

function scenarioOf({ call }: RemoteCall): Scenario {
  const found = Object.entries(SCENARIOS).find(([, calls]) => calls.includes(call));
  return (found?.[0] as Scenario | undefined) ?? 'buyer';
}

export interface Cell {
  readonly call: RemoteCall;
  /** Null: a quiet run, which shows that the call is made at all. */
  readonly disturbance: Disturbance | null;
  readonly crm: CrmName;
  readonly scenario: Scenario;
  /** So many calls of this kind are sound before one is struck. */
  readonly after: number;
}

/**
 * How often a run makes a call at least; those that are not here are made once. A write means something else each time:
 * the last one of the deal's fields is the mark.
 */
const TIMES_MADE: Readonly<Record<string, number>> = {
  query: 4,
  'read deal': 2,
  'list codes': 2,
  'look for code groups': 2,
  'create code group': 2,
  'write deal fields in HubSpot': 3,
  'write deal fields in Salesforce': 3,
};

export function nameOf({ call, disturbance, crm, scenario, after }: Cell): string {
  const which = after === 0 ? '' : ` at call ${after + 1}`;
  const other = scenario === scenarioOf(call) ? '' : `, ${scenario}`;
  return `${call.call}, ${disturbance?.name ?? 'undisturbed'}${which} (${crm}${other})`;
}

const CRMS_OF: Readonly<Record<RemoteSystem, readonly CrmName[]>> = {
  'Thought Industries': ['hubspot', 'salesforce'],
  HubSpot: ['hubspot'],
  Salesforce: ['salesforce'],
};

/** Access to the platform knows no CRM, so one stands for all. */
function crmsOf(call: RemoteCall): readonly CrmName[] {
  return CRMS_OF[call.system].slice(0, scenarioOf(call) === 'access' ? 1 : undefined);
}

/** Every call of the table with everything that can befall it, in both CRMs: of the reads of a kind the seed says which. */
export function allCells(seed: number): Cell[] {
  const random = randomFrom(seed);
  const first = REMOTE_CALLS.flatMap((call) => {
    const times = TIMES_MADE[call.call] ?? 1;
    return crmsOf(call).flatMap((crm) =>
      disturbancesOf(call, scenarioOf(call)).flatMap((disturbance) => {
        const read = disturbance.isFirst ? 0 : Math.floor(random() * times);
        const struck = call.effect === 'read' ? [read] : [...Array(times).keys()];
        return struck.map((after) => ({ ...quietCell(call, crm), disturbance, after }));
      }),
    );
  });
  return [...first, ...otherCells()];
}

function otherCells(): Cell[] {
  return (Object.keys(ALSO) as (keyof typeof ALSO)[]).flatMap((scenario) =>
    REMOTE_CALLS.filter(({ call }) => ALSO[scenario].includes(call)).flatMap((call) =>
      CRMS_OF[call.system].flatMap((crm) =>
        disturbancesOf(call, scenario).map((disturbance) => ({
          ...quietCell(call, crm),
          disturbance,
          scenario,
        })),
      ),
    ),
  );
}

/** What stays until somebody is asked needs a run that can ask, and the first reading is of a plain delivery. */
function disturbancesOf(call: RemoteCall, scenario: Scenario): Disturbance[] {
  const isAsking = !isOutsideRun(scenario) && !(scenario === 'undo' && ALSO.undo.includes(call.call));
  return DISTURBANCES.filter(({ befalls, passes, isFirst }) => {
    if (passes === 'once heard of' && !isAsking) return false;
    return befalls(call) && !(isFirst && scenario in ALSO);
  });
}

function quietCell(call: RemoteCall, crm: CrmName): Cell {
  return { call, disturbance: null, crm, scenario: scenarioOf(call), after: 0 };
}

/**
 * The short form: each write is struck once, each disturbance strikes at least once, and each scenario runs in each
 * CRM, so that every call of the table is made; amendments and undos are struck. Which strikes which is decided by the
 * seed.
 */
export function sampleCells(seed: number): Cell[] {
  const cells = shuffled(allCells(seed), seed).filter((candidate) => costOf(candidate) <= 10);
  const chosen: Cell[] = [];
  const strikes = (name: string) => chosen.filter(({ disturbance }) => disturbance?.name === name).length;
  const writes = new Set(
    cells.flatMap(({ call, crm }) => (call.effect === 'read' ? [] : [`${crm} ${call.call}`])),
  );
  for (const write of [...writes].sort()) {
    const [rarest] = cells
      .filter(({ call, crm }) => `${crm} ${call.call}` === write)
      .sort((a, b) => strikes(a.disturbance?.name ?? '') - strikes(b.disturbance?.name ?? ''));
    if (rarest) chosen.push(rarest);
  }
  for (const { name } of DISTURBANCES.filter((disturbance) => strikes(disturbance.name) === 0)) {
    const found = cells.find(({ disturbance }) => disturbance?.name === name);
    if (found) chosen.push(found);
  }
  const stage = ({ scenario, crm }: Cell) => `${scenario} ${crm}`;
  for (const candidate of cells) {
    if (!chosen.some((other) => stage(other) === stage(candidate))) {
      const isStruck = candidate.scenario in ALSO;
      chosen.push(isStruck ? candidate : quietCell(candidate.call, candidate.crm));
    }
  }
  return chosen;
}

function costOf({ call, disturbance }: Cell): number {
  return disturbance?.costSeconds?.(call) ?? 0;
}
