import { invalid, json, notFound } from '../answers.ts';
import { type Call, type Endpoint, param, type ScopeRule } from '../endpoint.ts';
import type { Owner } from '../owners.ts';
import type { Pipeline } from '../pipelines.ts';
import { asString, queryInteger, readJsonObject, requireFields } from '../request-body.ts';
import { ALL_SCOPES } from '../tokens.ts';

const PIPELINE_SCOPES: ScopeRule = [['crm.schemas.deals.read', 'crm.objects.deals.read']];
const OWNER_SCOPES: ScopeRule = [['crm.objects.owners.read']];

/** Account, pipelines and owners: what a portal is, rather than what is in it. */
export const portalEndpoints: readonly Endpoint[] = [
  {
    method: 'GET',
    path: '/account-info/v3/details',
    scopes: [['oauth']],
    anyPortal: true,
    answer: ({ portalId, state: { dataCenter, uiDomain } }) =>
      json(200, {
        portalId,
        accountType: 'DEVELOPER_TEST',
        timeZone: 'US/Eastern',
        companyCurrency: 'USD',
        additionalCurrencies: [],
        utcOffset: '-05:00',
        utcOffsetMilliseconds: -18_000_000,
        uiDomain: uiDomain ?? (dataCenter === 'na1' ? 'app.hubspot.com' : `app-${dataCenter}.hubspot.com`),
        dataHostingLocation: dataCenter,
      }),
  },
  {
    method: 'POST',
    path: '/oauth/v2/private-apps/get/access-token-info',
    scopes: [],
    anyPortal: true,
    answer: describeToken,
  },
  {
    method: 'GET',
    path: '/crm/v3/pipelines/:type',
    scopes: PIPELINE_SCOPES,
    answer: (call) => {
      dealsOnly(call);
      return json(200, { results: call.state.pipelines.list().map((item) => viewPipeline(call, item)) });
    },
  },
  {
    method: 'GET',
    path: '/crm/v3/pipelines/:type/:id',
    scopes: PIPELINE_SCOPES,
    answer: (call) => {
      dealsOnly(call);
      return json(200, viewPipeline(call, call.state.pipelines.get(param(call, 'id'))));
    },
  },
  { method: 'GET', path: '/crm/v3/owners', scopes: OWNER_SCOPES, answer: listOwners },
  { method: 'GET', path: '/crm/v3/owners/:id', scopes: OWNER_SCOPES, answer: readOwner },
];

/** For static tokens; those of OAuth have an endpoint of their own. The answer to another token is ours. */
function describeToken(call: Call) {
  const body = readJsonObject(call.request);
  requireFields(body, ['tokenKey'], 'PrivateAppTokenInfoRequest');
  const facts = call.lookUpToken(asString(body.tokenKey, 'tokenKey'));
  if (!facts || facts.kind === 'oauth') throw notFound('No private app has this token');
  return json(200, {
    userId: 4711,
    hubId: facts.portalId ?? call.state.portalId,
    appId: facts.appId ?? call.state.appId,
    scopes: facts.scopes ?? ALL_SCOPES,
  });
}

function dealsOnly(call: Call): void {
  if (!['deals', 'deal', '0-3'].includes(param(call, 'type'))) {
    throw invalid(`${param(call, 'type')} has no pipelines`);
  }
}

function viewPipeline({ state }: Call, { id, label, stages }: Pipeline): object {
  const at = new Date(state.now()).toISOString();
  const common = { createdAt: at, updatedAt: at, archived: false };
  return {
    id,
    label,
    displayOrder: 0,
    ...common,
    stages: stages.map((stage, displayOrder) => ({
      ...stage,
      displayOrder,
      ...common,
      writePermissions: 'CRM_PERMISSIONS_ENFORCEMENT',
    })),
  };
}

function listOwners({ state, url }: Call) {
  const limit = queryInteger(url, 'limit', { fallback: 100, min: 1, max: 500 });
  const email = url.searchParams.get('email')?.toLowerCase();
  const after = Number(url.searchParams.get('after') ?? 0);
  const archived = url.searchParams.get('archived') === 'true';
  const later = state.owners
    .list()
    .filter((owner) => owner.archived === archived && Number(owner.id) > after)
    .filter((owner) => email === undefined || owner.email.toLowerCase() === email);
  const page = later.slice(0, limit);
  const last = page.at(-1);
  return json(200, {
    results: page.map(viewOwner),
    ...(last && later.length > limit ? { paging: { next: { after: last.id, link: '' } } } : {}),
  });
}

function readOwner(call: Call) {
  const id = param(call, 'id');
  const idProperty = call.url.searchParams.get('idProperty') ?? 'id';
  if (idProperty !== 'id' && idProperty !== 'userId') throw invalid(`idProperty must be id or userId`);
  const owner = idProperty === 'id' ? call.state.owners.find(id) : call.state.owners.findByUserId(id);
  if (!owner) throw notFound();
  return json(200, viewOwner(owner));
}

function viewOwner({ createdAt, ...owner }: Owner): object {
  const at = new Date(createdAt).toISOString();
  return { ...owner, type: 'PERSON', userIdIncludingInactive: owner.userId, createdAt: at, updatedAt: at };
}
