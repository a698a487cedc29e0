import { z } from 'zod';
import type { DealReading } from '../../domain/deal/catalog.ts';
import { isSameName } from '../../domain/names.ts';
import type { SetupOptions } from '../crm.ts';
import {
  attempt,
  checkClock,
  type Finding,
  fine,
  judgeQuota,
  notTried,
  type SetupCheck,
} from '../setup-check.ts';
import type { Connection } from './connection.ts';
import { type Description, describeObject } from './describe.ts';
import { CUSTOM_FIELDS, type CustomField, fieldAdvice } from './fields.ts';
import { describeMailAction } from './mail-action.ts';
import { checkNames } from './setup-catalog.ts';
import { CURES } from './setup-cures.ts';
import { checkQueries } from './setup-queries.ts';

/** Rosters are added, and taken off; notices are added, and closed later. */
const RIGHTS = [
  { object: 'ContentVersion', right: 'create', flag: 'createable' },
  { object: 'Task', right: 'create', flag: 'createable' },
  { object: 'Task', right: 'change', flag: 'updateable' },
  { object: 'ContentDocument', right: 'delete', flag: 'deletable' },
  { object: 'Opportunity', right: 'change', flag: 'updateable' },
  { object: 'Contact', right: 'change', flag: 'updateable' },
] as const;

/** Reads only: adding fields takes metadata rights that an integration user should not have. */
export async function checkSetup(
  { connection, reading, loginUrl }: OrgSetup,
  { named, signal }: SetupOptions,
): Promise<SetupCheck[]> {
  let limits: Limits = {};
  const access = await attempt('Salesforce credentials and org', CURES, async () => {
    const { userId } = await connection.token(signal);
    limits = await readLimits(connection, signal);
    return { name: `Salesforce credentials and org, running as user ${userId}`, ...fine() };
  });
  if (access.state !== 'ok') return [access];
  return [
    access,
    ...(await checkFields(connection, 'Opportunity', signal)),
    ...(await checkFields(connection, 'Contact', signal)),
    ...(await checkStartDates(connection, signal)),
    ...(await checkRights(connection, signal)),
    ...(await checkQueries(connection, signal)),
    await attempt('Salesforce e-mail action emailSimple', CURES, async () => {
      const { takesAttachment } = await describeMailAction(connection, signal);
      return takesAttachment
        ? fine()
        : { state: 'failed', advice: 'It takes no attachment: set SALESFORCE_API_VERSION to 66.0.' };
    }),
    ...(await checkNames(connection, { reading, named, signal })),
    await checkClock('Clock beside Salesforce', `${loginUrl}/services/data/`, signal),
    await attempt('Salesforce requests of the day', CURES, async () => judgeLimits(limits)),
  ];
}

interface OrgSetup {
  readonly connection: Connection;
  readonly reading: DealReading;
  readonly loginUrl: string;
}

function judgeLimits({ DailyApiRequests: daily }: Limits): Finding {
  if (daily === undefined) return notTried('the org shows no limit of requests');
  return judgeQuota({ limit: daily.Max, remaining: daily.Remaining });
}

const limit = z.object({ Max: z.number(), Remaining: z.number() });
const limitsAnswer = z.looseObject({ DailyApiRequests: limit.optional() });
type Limits = z.infer<typeof limitsAnswer>;

/** One cheap call that any API user may make; the token itself has told the org. */
export async function proveAccess(connection: Connection, signal?: AbortSignal): Promise<void> {
  await readLimits(connection, signal);
}

async function readLimits(connection: Connection, signal?: AbortSignal): Promise<Limits> {
  return await connection.request(
    { name: 'read the limits of the org', effect: 'read', object: 'limits' },
    limitsAnswer,
    (jsforce) => jsforce.requestGet('/limits'),
    signal,
  );
}

async function checkFields(
  connection: Connection,
  object: CustomField['object'],
  signal?: AbortSignal,
): Promise<SetupCheck[]> {
  return await attempts(`Salesforce fields of ${object}`, async () => {
    const described = await describeObject(connection, object, signal);
    return CUSTOM_FIELDS.filter((field) => field.object === object).map((field) => judge(field, described));
  });
}

/** A standard field that profiles may hide, and without which no opportunity can be read. */
async function checkStartDates(connection: Connection, signal?: AbortSignal): Promise<SetupCheck[]> {
  const check = await attempt('Salesforce field OpportunityLineItem.ServiceDate', CURES, async () => {
    const { fields } = await describeObject(connection, 'OpportunityLineItem', signal);
    return fields.some((field) => isSameName(field.name, 'ServiceDate'))
      ? fine()
      : { state: 'missing', advice: fieldAdvice('OpportunityLineItem', 'ServiceDate') };
  });
  return [check];
}

function judge(field: CustomField, described: Description): SetupCheck {
  const name = `Salesforce field ${field.object}.${field.apiName}`;
  const found = described.fields.find((candidate) => isSameName(candidate.name, field.apiName));
  if (found === undefined) {
    return { name, state: 'missing', advice: fieldAdvice(field.object, field.apiName) };
  }
  if (!field.acceptedTypes.includes(found.type)) {
    return {
      name,
      state: 'failed',
      advice: `Its type is ${found.type}; it must be ${field.dataType}. Setup > Object Manager > ${field.object} > Fields & Relationships: change its type, or delete the field and add it anew.`,
    };
  }
  if (field.length !== null && (found.length ?? 0) < field.length) {
    return { name, state: 'failed', advice: `Its length is ${found.length}; make it ${field.dataType}.` };
  }
  const offered = (found.picklistValues ?? []).flatMap(({ active, value }) => (active && value ? value : []));
  const lacking = (field.values ?? []).filter((value) => !offered.includes(value));
  if (lacking.length > 0) {
    return { name, state: 'failed', advice: `It lacks the values ${lacking.join(', ')}: add them, active.` };
  }
  if (!found.updateable) {
    return {
      name,
      state: 'failed',
      advice: 'Give the integration user edit access to it (field-level security).',
    };
  }
  return { name, state: 'ok', advice: null };
}

async function checkRights(connection: Connection, signal?: AbortSignal): Promise<SetupCheck[]> {
  const checks: SetupCheck[] = [];
  for (const { object, right, flag } of RIGHTS) {
    checks.push(
      await attempt(`Salesforce right to ${right} ${object}`, CURES, async () => {
        const described = await describeObject(connection, object, signal);
        return described[flag]
          ? fine()
          : { state: 'failed', advice: `Let the integration user ${right} records of ${object}.` };
      }),
    );
  }
  return checks;
}

/** Several findings of one call; its failure is a single one. */
async function attempts(name: string, run: () => Promise<SetupCheck[]>): Promise<SetupCheck[]> {
  let made: SetupCheck[] = [];
  const whole = await attempt(name, CURES, async () => {
    made = await run();
    return fine();
  });
  return whole.state === 'ok' ? made : [whole];
}
