import type { SandboxRequest, SandboxResponse } from '../exchange.ts';
import { codeDetails, listCodes } from './code-list.ts';
import { parseNewGroup } from './create-group.ts';
import { createdGroupJson, groupJson } from './group-json.ts';
import { listGroups } from './group-list.ts';
import { answer, listClients, listContent, listLicenses, readClient } from './look-ups.ts';
import { matchTemplate } from './path-template.ts';
import { listRedeemEvents } from './redeem-events.ts';
import { Refusal } from './refusal.ts';
import { type Body, parseJson, parseObject } from './request-body.ts';
import type { TiGroup, TiState } from './state.ts';
import { deleteExpirations, resetProgress, setExpirations } from './user-access.ts';
import { userJson } from './user-json.ts';
import { createUser, updateUser } from './user-writes.ts';
import type { TiUser } from './users.ts';

type Method = (request: SandboxRequest) => SandboxResponse;

/** The methods of one resource. Nothing under `/redemptionCodes` can be changed or deleted. */
export type Resource = Readonly<Partial<Record<string, Method>>>;

/** `path` is what follows `/incoming/v2`. Undefined: the tenant has no such path. */
export function findResource(state: TiState, path: string, query: URLSearchParams): Resource | undefined {
  if (path === '/ping') return { GET: () => ({ status: 200, body: { valid: true } }) };
  if (path === '/redemptionCodes') {
    return {
      GET: ({ url }) => listGroups(state, url.searchParams),
      POST: (request) => createGroup(state, request),
    };
  }
  if (path === '/events/redemptionCodeRedeem') {
    return { GET: ({ url }) => listRedeemEvents(state, url.searchParams) };
  }
  if (path === '/content') return { GET: () => listContent(state, query) };
  if (path === '/clients') return { GET: () => listClients(state, query) };
  const clientId = matchTemplate('/clients/{clientId}', path, query);
  if (clientId) return { GET: () => readClient(state, clientId) };
  const licensesOf = matchTemplate('/clients/{clientId}/licenses', path, query);
  if (licensesOf) return { GET: () => listLicenses(state, licensesOf, query) };
  const ofUsers = findUserResource(state, path, query);
  if (ofUsers) return ofUsers;
  const { codesPath, codeDetailsPath } = state.options;
  const groupOfCodes = codesPath && matchTemplate(codesPath, path, query);
  const groupId = matchTemplate('/redemptionCodes/{groupId}', path, query);
  if (groupOfCodes) {
    return { GET: () => codesOf(state, requireGroup(state, groupOfCodes), query, groupOfCodes === groupId) };
  }
  const code = codeDetailsPath && matchTemplate(codeDetailsPath, path, query);
  if (code) return { GET: () => detailsOf(state, code) };
  if (groupId) {
    return { GET: () => ({ status: 200, body: groupJson(state, requireGroup(state, groupId)) }) };
  }
  return undefined;
}

function findUserResource(state: TiState, path: string, query: URLSearchParams): Resource | undefined {
  if (path === '/users') return { POST: (request) => createUser(state, parseObject(request)) };
  const userId = matchTemplate('/users/{userId}', path, query);
  if (userId) {
    return {
      GET: () => answer(state, 'UserById', userJson(state, requireUser(state, userId))),
      PUT: (request) => updateUser(state, requireUser(state, userId), parseObject(request)),
    };
  }
  const action = /^\/users\/([^/]+)\/(\w+)$/.exec(path);
  if (!action) return undefined;
  const [, id = '', name = ''] = action;
  const carryOut = USER_ACTIONS[name];
  return carryOut && { POST: (request) => carryOut(state, requireUser(state, id), parseObject(request)) };
}

const USER_ACTIONS: Readonly<Record<string, (state: TiState, user: TiUser, body: Body) => SandboxResponse>> =
  {
    expirations: setExpirations,
    deleteExpirations,
    resetProgress: (state, user, body) => resetProgress(state, user, body, 'courses'),
    resetLearningPathProgress: (state, user, body) => resetProgress(state, user, body, 'learningPaths'),
  };

function requireUser({ users, options }: TiState, idOrEmail: string): TiUser {
  const user = users.find(idOrEmail);
  if (!user || (idOrEmail.includes('@') && !options.usersByEmail)) throw new Refusal(404, 'Not found');
  return user;
}

function createGroup(state: TiState, request: SandboxRequest): SandboxResponse {
  const group = state.addGroup(parseNewGroup(parseJson(request), state.options));
  return { status: state.options.createStatus, body: createdGroupJson(state, group) };
}

function codesOf(
  state: TiState,
  group: TiGroup,
  query: URLSearchParams,
  isGroupDetail: boolean,
): SandboxResponse {
  const listed = listCodes(state, group.id, query);
  return isGroupDetail
    ? { status: 200, body: { ...groupJson(state, group), ...Object(listed.body) } }
    : listed;
}

function detailsOf(state: TiState, code: string): SandboxResponse {
  const found = state.code(code);
  if (!found || !state.listedCodesOf(found.groupId).includes(found)) throw new Refusal(404, 'Not found');
  return codeDetails(state, found);
}

function requireGroup(state: TiState, id: string): TiGroup {
  const group = state.group(id);
  if (!group) throw new Refusal(404, 'Not found');
  return group;
}
