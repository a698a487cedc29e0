import { z } from 'zod';
import type { DealReading } from '../../domain/deal/catalog.ts';
import type { NamedInCrm } from '../../domain/deal/catalog-names.ts';
import type { MailTool } from '../../domain/deal/mail-tool.ts';
import { DealseatError } from '../../domain/failure.ts';
import { isSameName } from '../../domain/names.ts';
import { attempt, type Finding, fine, type NamesToCheck, notTried, type SetupCheck } from '../setup-check.ts';
import type { Connection } from './connection.ts';
import { readDealStages } from './pipelines.ts';
import { checkApprovers } from './setup-approvers.ts';
import { CURES } from './setup-cures.ts';
import { checkCatalogMatches } from './setup-matches.ts';
import { readProperties } from './setup-properties.ts';

/** What the catalog names of the portal: in a delivery HubSpot never says that there is no such thing, or says it late. */
export async function checkNames(
  connection: Connection,
  { reading, named, signal }: NamesToCheck,
): Promise<SetupCheck[]> {
  const checks = [...(await checkTerms(connection, reading, signal))];
  if (named !== undefined) {
    if (named.roles.length > 0) checks.push(...(await checkLabels(connection, named.roles, signal)));
    checks.push(...(await checkTool(connection, named.tool, signal)));
    checks.push(...(await checkApprovers(connection, named.approvers, signal)));
    checks.push(...(await checkCatalogMatches(connection, named, signal)));
  }
  return checks.map((check) => ({ ...check, isOfCatalog: true }));
}

async function checkTerms(
  connection: Connection,
  { terms, seatFields }: DealReading,
  signal?: AbortSignal,
): Promise<SetupCheck[]> {
  const named = [...terms.kinds, ...terms.wonStages, ...terms.afterWon, ...seatFields];
  if (named.length === 0) return [];
  const name = 'HubSpot pipelines, stages and properties that the catalog names';
  const check = await attempt(name, CURES, async () => {
    const stages = await readDealStages(connection, signal);
    const pipelineIds = stages.map(({ pipelineId }) => pipelineId);
    const stageIds = stages.map(({ id }) => id);
    const properties = await readProperties(connection, 'deals', signal);
    const missing = [
      ...missingOf('pipeline', terms.kinds, pipelineIds),
      ...missingOf('stage', terms.wonStages, stageIds),
      ...missingOf('stage or pipeline', terms.afterWon, [...stageIds, ...pipelineIds]),
      ...missingOf('deal property', seatFields, [...properties.keys()]),
    ];
    if (missing.length === 0) return fine();
    const advice = `There is no ${missing.join(', no ')}: put its internal id or name into \`deals\` or \`seatsFrom\` of the catalog.`;
    return { state: 'missing', advice };
  });
  return [check];
}

function missingOf(what: string, named: readonly string[], known: readonly string[]): string[] {
  return named.filter((name) => !known.includes(name)).map((name) => `${what} "${name}"`);
}

const labelsSchema = z.object({
  results: z.array(z.object({ category: z.string().nullish(), label: z.string().nullish() })),
});

/** People give these labels to contacts of a deal; one that is misspelt in the catalog is carried by none. */
async function checkLabels(
  connection: Connection,
  roles: NamedInCrm['roles'],
  signal?: AbortSignal,
): Promise<SetupCheck[]> {
  let labels: readonly string[] | null = null;
  const checks: SetupCheck[] = [];
  for (const { key, name: role } of roles) {
    const check = await attempt(`HubSpot association label "${role}" (${key})`, CURES, async () => {
      labels ??= await readLabels(connection, signal);
      if (labels.some((label) => isSameName(label, role))) return fine();
      return {
        state: 'failed',
        found: `contacts of a deal have ${labels.length === 0 ? 'no label of your own' : `the labels ${labels.join(', ')}`}`,
        advice: `Create the label "${role}" between deals and contacts (Settings > Objects > Deals > Associations), or correct \`hubspotLabel\` in the catalog.`,
      };
    });
    checks.push(check);
  }
  return checks;
}

async function readLabels(connection: Connection, signal?: AbortSignal): Promise<string[]> {
  const { results } = await connection.request(
    { name: 'list association labels', effect: 'read', answer: labelsSchema, signal },
    { method: 'GET', path: '/crm/v4/associations/deals/contacts/labels' },
  );
  return results.flatMap(({ category, label }) => (category === 'USER_DEFINED' && label ? label : []));
}

async function checkTool(
  connection: Connection,
  tool: MailTool,
  signal?: AbortSignal,
): Promise<SetupCheck[]> {
  const settings = z.record(z.string(), z.unknown()).parse(tool.settings);
  switch (tool.via) {
    case 'singleSend':
      return [await checkEmail(connection, String(settings.emailId), signal)];
    case 'sequence':
      return [
        await checkSequence(
          connection,
          { id: String(settings.sequenceId), userId: String(settings.userId) },
          signal,
        ),
      ];
    case 'list':
      return [await checkList(connection, String(settings.listId), signal)];
    default:
      return [];
  }
}

const emailSchema = z.object({
  name: z.string().nullish(),
  isPublished: z.boolean().nullish(),
  isTransactional: z.boolean().nullish(),
});

async function checkEmail(connection: Connection, id: string, signal?: AbortSignal): Promise<SetupCheck> {
  return attempt(`HubSpot transactional e-mail ${id}`, CURES, async () => {
    const email = await unlessGone(
      connection.request(
        { name: `read e-mail ${id}`, effect: 'read', answer: emailSchema, signal },
        { method: 'GET', path: `/marketing/v3/emails/${encodeURIComponent(id)}` },
      ),
    );
    if (email === 'forbidden') return notTried('not checked: the token may not read e-mails (scope content)');
    if (email === null) return missing('e-mail', 'handOver.hubspot.emailId');
    const title = `"${email.name ?? ''}"`;
    if (email.isPublished === false) {
      return { state: 'failed', found: `${title} is not published`, advice: 'Publish it in HubSpot.' };
    }
    if (email.isTransactional === false) {
      return {
        state: 'failed',
        found: `${title} is not a transactional e-mail`,
        advice: 'Name an e-mail that was made for the single-send API in the catalog.',
      };
    }
    return fine(title);
  });
}

const namedSchema = z.object({ name: z.string().nullish() });

async function checkSequence(
  connection: Connection,
  { id, userId }: { readonly id: string; readonly userId: string },
  signal?: AbortSignal,
): Promise<SetupCheck> {
  return attempt(`HubSpot sequence ${id} of user ${userId}`, CURES, async () => {
    const sequence = await unlessGone(
      connection.request(
        { name: `read sequence ${id}`, effect: 'read', answer: namedSchema, signal },
        { method: 'GET', path: `/automation/v4/sequences/${encodeURIComponent(id)}`, query: { userId } },
      ),
    );
    if (sequence === 'forbidden')
      return notTried('not checked: the token may not read sequences (scope automation.sequences.read)');
    if (sequence === null) return missing('sequence', 'handOver.hubspot.sequenceId');
    // Whether the sender's inbox is connected no call shows.
    return fine(
      `"${sequence.name ?? ''}"; whether its sender's inbox is connected shows at the first enrolment`,
    );
  });
}

const listSchema = z.object({
  list: z.object({
    name: z.string().nullish(),
    processingType: z.string().nullish(),
    objectTypeId: z.string().nullish(),
  }),
});

async function checkList(connection: Connection, id: string, signal?: AbortSignal): Promise<SetupCheck> {
  return attempt(`HubSpot list ${id}`, CURES, async () => {
    const found = await unlessGone(
      connection.request(
        { name: `read list ${id}`, effect: 'read', answer: listSchema, signal },
        { method: 'GET', path: `/crm/v3/lists/${encodeURIComponent(id)}` },
      ),
    );
    if (found === 'forbidden')
      return notTried('not checked: the token may not read lists (scope crm.lists.read)');
    if (found === null) return missing('list', 'handOver.hubspot.listId');
    const { name, processingType, objectTypeId } = found.list;
    const title = `"${name ?? ''}"`;
    const advice = 'Name a static list of contacts in the catalog.';
    if (processingType === 'DYNAMIC')
      return { state: 'failed', found: `${title} is an active list: HubSpot lets no one be added`, advice };
    if (objectTypeId && objectTypeId !== '0-1')
      return { state: 'failed', found: `${title} is not a list of contacts`, advice };
    return fine(title);
  });
}

function missing(what: string, key: string): Finding {
  return {
    state: 'failed',
    found: `the portal has no ${what} of this id`,
    advice: `Correct \`${key}\` in the catalog.`,
  };
}

async function unlessGone<T>(asked: Promise<T>): Promise<T | 'forbidden' | null> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof DealseatError && error.code === 'crm.not_found') return null;
    if (error instanceof DealseatError && error.code === 'crm.forbidden') return 'forbidden';
    throw error;
  }
}
