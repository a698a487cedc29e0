import { invalid, json } from '../answers.ts';
import type { Call } from '../endpoint.ts';
import { UPLOAD_ACCESS } from '../files.ts';
import { parseInstant } from '../property-values.ts';
import { asObject, asString, type JsonObject, optional } from '../request-body.ts';
import { viewFile } from './file-view.ts';

const DAY_MS = 86_400_000;
const STRATEGIES = ['NONE', 'REJECT', 'RETURN_EXISTING'] as const;
const SCOPES = ['ENTIRE_PORTAL', 'EXACT_FOLDER'] as const;

export async function uploadFile(call: Call) {
  const form = await readForm(call);
  const file = form.get('file');
  if (!(file instanceof File)) throw invalid('The multipart field "file" is required and must be a file');
  const options = readOptions(form);
  const stored = call.state.files.upload({
    ...options,
    fileName: textField(form, 'fileName') ?? file.name,
    folderPath: readFolder(call, form),
    expiresAt: expiry(call, options.ttl, options.expiresAt),
    bytes: Buffer.from(await file.arrayBuffer()),
  });
  return json(201, viewFile(call, stored));
}

/** The platform's own strict reader of multipart bodies, which refuses what is malformed. */
async function readForm({ request }: Call): Promise<FormData> {
  const contentType = request.headers['content-type'] ?? '';
  if (!/^multipart\/form-data;/i.test(contentType))
    throw invalid('Expected multipart/form-data with a boundary');
  const body = new Uint8Array(request.body);
  try {
    return await new Response(body, { headers: { 'content-type': contentType } }).formData();
  } catch {
    throw invalid('The multipart body cannot be read');
  }
}

function textField(form: FormData, name: string): string | null {
  const value = form.get(name);
  if (value instanceof File) throw invalid(`The multipart field "${name}" must be text`);
  return value === '' ? null : value;
}

function readFolder(call: Call, form: FormData): string {
  const folderId = textField(form, 'folderId');
  const folderPath = textField(form, 'folderPath');
  if ((folderId === null) === (folderPath === null)) {
    throw invalid('Exactly one of folderId and folderPath is required');
  }
  if (folderId !== null) return call.state.files.folderPathOf(folderId);
  return `/${(folderPath ?? '')
    .split('/')
    .filter((part) => part !== '')
    .join('/')}`;
}

function readOptions(form: FormData) {
  const options = parseOptions(textField(form, 'options'));
  const access = oneOf(options, 'access', UPLOAD_ACCESS, null);
  if (access === null) throw invalid('options.access is required');
  return {
    access,
    overwrite: options.overwrite === true,
    ttl: optional(options.ttl, 'options.ttl', asString),
    expiresAt: optional(options.expiresAt, 'options.expiresAt', asString),
    duplicates: {
      strategy: oneOf(options, 'duplicateValidationStrategy', STRATEGIES, 'NONE'),
      scope: oneOf(options, 'duplicateValidationScope', SCOPES, 'ENTIRE_PORTAL'),
    },
  };
}

function parseOptions(text: string | null): JsonObject {
  if (text === null) throw invalid('The multipart field "options" is required: JSON text with "access"');
  try {
    return asObject(JSON.parse(text), 'options');
  } catch {
    throw invalid('The multipart field "options" must be a JSON object');
  }
}

function oneOf<T extends string, F extends T | null>(
  options: JsonObject,
  name: string,
  allowed: readonly T[],
  fallback: F,
): T | F {
  const value = options[name];
  if (value === undefined || value === null) return fallback;
  const found = allowed.find((item) => item === value);
  if (found === undefined) throw invalid(`options.${name} must be one of ${allowed.join(', ')}`);
  return found;
}

/** `ttl` is an ISO 8601 period from one day to one year. */
function expiry({ state }: Call, ttl: string | null, expiresAt: string | null): number | null {
  if (ttl !== null && expiresAt !== null)
    throw invalid('options.ttl and options.expiresAt exclude each other');
  if (expiresAt !== null) {
    const at = parseInstant(expiresAt);
    if (at === null || at <= state.now()) throw invalid('options.expiresAt must be a moment in the future');
    return at;
  }
  if (ttl === null) return null;
  const days = periodDays(ttl);
  if (days === null || days < 1 || days > 366) throw invalid('options.ttl must be a period from P1D to P1Y');
  return state.now() + days * DAY_MS;
}

function periodDays(period: string): number | null {
  const match = /^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?$/.exec(period);
  if (!match || period === 'P') return null;
  const [years, months, weeks, days] = match.slice(1).map((part) => Number(part ?? 0));
  return (years ?? 0) * 365 + (months ?? 0) * 30 + (weeks ?? 0) * 7 + (days ?? 0);
}
