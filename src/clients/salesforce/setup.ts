import { z } from 'zod';
import type { DealReading } from '../../domain/deal/catalog.ts';
import { DealseatError } from '../../domain/failure.ts';
import { isSameName } from '../../domain/names.ts';
import type { SetupCheck } from '../crm.ts';
import type { Connection } from './connection.ts';
import { CUSTOM_FIELDS, type CustomField, fieldAdvice } from './fields.ts';
import { describeMailAction } from './mail-action.ts';
import { readRecordTypeNames, readStageNames } from './spelled-terms.ts';

const description = z.object({
  createable: z.boolean(),
  updateable: z.boolean(),
  fields: z.array(
    z.object({
      name: z.string(),
      type: z.string(),
      length: z.number().optional(),
      updateable: z.boolean(),
      picklistValues: z.array(z.object({ active: z.boolean(), value: z.string() })).nullish(),
    }),
  ),
});

type Description = z.infer<typeof description>;

/** Rosters are added; notices are added, and closed later. */
const RIGHTS = [
  { object: 'ContentVersion', right: 'create', flag: 'createable' },
  { object: 'Task', right: 'create', flag: 'createable' },
  { object: 'Task', right: 'change', flag: 'updateable' },
] as const;

/** Reads only: adding fields takes metadata rights that an integration user should not have. */
export async function checkSetup(
  connection: Connection,
  reading: DealReading,
  signal?: AbortSignal,
): Promise<SetupCheck[]> {
  const access = await check('Salesforce credentials and org', async () => {
    const { userId } = await connection.token(signal);
    await proveAccess(connection, signal);
    return { name: `Salesforce credentials and org, running as user ${userId}`, state: 'ok', advice: null };
  });
  if (access[0]?.state !== 'ok') return access;
  return [
    ...access,
    ...(await checkFields(connection, 'Opportunity', signal)),
    ...(await checkFields(connection, 'Contact', signal)),
    ...(await checkStartDates(connection, signal)),
    ...(await checkCatalog(connection, reading, signal)),
    ...(await checkRights(connection, signal)),
    ...(await check('Salesforce e-mail action emailSimple', async (name) => {
      const { takesAttachment } = await describeMailAction(connection, signal);
      return takesAttachment
        ? { name, state: 'ok', advice: null }
        : { name, state: 'failed', advice: 'It takes no attachment: set SALESFORCE_API_VERSION to 66.0.' };
    })),
  ];
}

/** One cheap call that any API user may make; the token itself has told the org. */
export async function proveAccess(connection: Connection, signal?: AbortSignal): Promise<void> {
  await connection.request(
    { name: 'read the limits of the org', effect: 'read', object: 'limits' },
    z.record(z.string(), z.unknown()),
    (jsforce) => jsforce.requestGet('/limits'),
    signal,
  );
}

async function checkFields(
  connection: Connection,
  object: CustomField['object'],
  signal?: AbortSignal,
): Promise<SetupCheck[]> {
  return await check(`Salesforce fields of ${object}`, async () => {
    const described = await describe(connection, object, signal);
    return CUSTOM_FIELDS.filter((field) => field.object === object).map((field) => judge(field, described));
  });
}

/** A standard field that profiles may hide, and without which no opportunity can be read. */
async function checkStartDates(connection: Connection, signal?: AbortSignal): Promise<SetupCheck[]> {
  return await check('Salesforce field OpportunityLineItem.ServiceDate', async (name) => {
    const { fields } = await describe(connection, 'OpportunityLineItem', signal);
    return fields.some((field) => isSameName(field.name, 'ServiceDate'))
      ? { name, state: 'ok', advice: null }
      : { name, state: 'missing', advice: fieldAdvice('OpportunityLineItem', 'ServiceDate') };
  });
}

/** What the catalog names of the org: a stage that is misspelt matches nothing, silently. */
async function checkCatalog(
  connection: Connection,
  { terms, seatFields }: DealReading,
  signal?: AbortSignal,
): Promise<SetupCheck[]> {
  const checks: SetupCheck[] = [];
  const find = async (what: string, names: readonly string[], known: () => Promise<string[]>) => {
    if (names.length === 0) return;
    checks.push(
      ...(await check(`Salesforce ${what} that the catalog names`, async (name) => {
        const found = await known();
        const missing = names.filter((each) => !found.some((name) => isSameName(name, each)));
        if (missing.length === 0) return { name, state: 'ok', advice: null };
        const advice = `There is no ${missing.join(', no ')}: correct it in the catalog, or let the integration user see it.`;
        return { name, state: 'missing', advice };
      })),
    );
  };
  await find('stages', [...terms.wonStages, ...terms.afterWon], () => readStageNames(connection, signal));
  await find('record types', terms.kinds, () => readRecordTypeNames(connection, signal));
  await find('fields of Opportunity', seatFields, async () => {
    const { fields } = await describe(connection, 'Opportunity', signal);
    return fields.map(({ name }) => name);
  });
  return checks;
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
  const offered = (found.picklistValues ?? []).filter(({ active }) => active).map(({ value }) => value);
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
      ...(await check(`Salesforce right to ${right} ${object}`, async (name) => {
        const described = await describe(connection, object, signal);
        return described[flag]
          ? { name, state: 'ok', advice: null }
          : { name, state: 'failed', advice: `Let the integration user ${right} records of ${object}.` };
      })),
    );
  }
  return checks;
}

async function describe(connection: Connection, object: string, signal?: AbortSignal): Promise<Description> {
  return await connection.request(
    { name: `describe ${object}`, effect: 'read', object, whenMissing: 'crm.forbidden' },
    description,
    (jsforce) => jsforce.describe(object),
    signal,
  );
}

/** A foreseen failure is the check's finding; bugs and cancellations pass. */
async function check(
  name: string,
  run: (name: string) => Promise<SetupCheck | SetupCheck[]>,
): Promise<SetupCheck[]> {
  try {
    return [await run(name)].flat();
  } catch (error) {
    if (!(error instanceof DealseatError)) throw error;
    return [{ name, state: 'failed', advice: error.message }];
  }
}
