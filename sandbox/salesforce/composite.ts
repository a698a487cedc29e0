import type { SandboxRequest, SandboxResponse } from '../exchange.ts';
import { type ApiCall, allowMethods, allowParameters, jsonBody, ok } from './api-call.ts';
import { ApiError } from './api-error.ts';
import { inOrderOfExecution, type Part, readComposite } from './composite-request.ts';
import { type Answers, resolveReferences, UnresolvedReference } from './references.ts';

/** `/composite`: several calls in one, each of which may use what an earlier one answered. */

interface PartResult {
  readonly body: unknown;
  readonly httpHeaders: Readonly<Record<string, string>>;
  readonly httpStatusCode: number;
  readonly referenceId: string;
}

/** Answers a call of the same API as if it had come alone. */
type Respond = (part: SandboxRequest) => SandboxResponse | Promise<SandboxResponse>;

export async function answerComposite(call: ApiCall, respond: Respond): Promise<SandboxResponse> {
  allowMethods(call, ['POST']);
  allowParameters(call, []);
  const { parts, allOrNone, isCollated } = readComposite(
    jsonBody(call),
    Number.parseInt(call.apiVersion, 10),
  );
  const turnedAway = call.parts.turnAway(parts.map((part) => requestOf(call, part)));
  if (turnedAway) return turnedAway;
  const undo = allOrNone ? call.state.store.remember() : null;
  const answers: Answers = new Map();
  const results = new Map<Part, PartResult>();
  for (const part of isCollated ? inOrderOfExecution(parts) : parts) {
    const answer = await answerPart(call, { part, answers, respond });
    const result = resultOf(part, answer);
    answers.set(part.referenceId, result.body);
    results.set(part, result);
    if (undo === null || result.httpStatusCode < 300) continue;
    undo();
    return ok({ compositeResponse: parts.map((each) => (each === part ? result : rolledBack(each))) });
  }
  return ok({ compositeResponse: parts.map((part) => results.get(part)) });
}

async function answerPart(
  call: ApiCall,
  { part, answers, respond }: { readonly part: Part; readonly answers: Answers; readonly respond: Respond },
): Promise<SandboxResponse> {
  try {
    const request = requestOf(call, resolveReferences(part, answers));
    return await call.parts.run(request, () => respond(request));
  } catch (error) {
    if (error instanceof UnresolvedReference) return halted(error.message).toResponse();
    throw error;
  }
}

function requestOf({ request }: ApiCall, { method, url, body, httpHeaders }: Part): SandboxRequest {
  const target = new URL(url, request.url);
  const own = Object.entries(httpHeaders).map(([name, value]) => [name.toLowerCase(), value]);
  return {
    method,
    url: target,
    path: decodeURIComponent(target.pathname),
    headers: { ...inherited(request), ...Object.fromEntries(own) },
    body: Buffer.from(body === undefined ? '' : JSON.stringify(body)),
  };
}

function inherited({ headers }: SandboxRequest): Record<string, string> {
  const names = ['accept', 'authorization', 'content-type'];
  return Object.fromEntries(Object.entries(headers).filter(([name]) => names.includes(name)));
}

function resultOf({ referenceId }: Part, { status, headers = {}, body = null }: SandboxResponse): PartResult {
  const { location, ...others } = headers;
  return {
    body: typeof body === 'string' ? embedded(body) : body,
    httpHeaders: { ...others, ...(location !== undefined && { Location: location }) },
    httpStatusCode: status,
    referenceId,
  };
}

/** A fault may give its answer as a text. */
function embedded(text: string): unknown {
  if (text === '') return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function rolledBack(part: Part): PartResult {
  const words = 'The transaction was rolled back since another operation in the same transaction failed.';
  return resultOf(part, halted(words).toResponse());
}

function halted(message: string): ApiError {
  return new ApiError(400, 'PROCESSING_HALTED', message);
}
