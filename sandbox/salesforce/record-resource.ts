import type { SandboxResponse } from '../exchange.ts';
import {
  type ApiCall,
  allowMethods,
  allowParameters,
  isObject,
  jsonBody,
  ok,
  parseJson,
} from './api-call.ts';
import { ApiError, notFound } from './api-error.ts';
import { parseMultipart } from './multipart.ts';
import { partOfRecord, wholeRecord } from './present.ts';
import type { ObjectType } from './schema.ts';
import { idOf, text } from './store.ts';
import { type Body, unsupported, validInsert, validUpdate } from './validate.ts';

/** `/sobjects/<Type>`: create, or name the object. */
export function answerObject(call: ApiCall, object: ObjectType): SandboxResponse {
  allowMethods(call, ['GET', 'POST']);
  allowParameters(call, []);
  if (call.request.method === 'GET') {
    const { name, label, keyPrefix } = object;
    return ok({ objectDescribe: { name, label, keyPrefix }, recentItems: [] });
  }
  const { state } = call;
  const values = validInsert(state, object, recordBody(call, object));
  const id = state.records.insert(object.name, values);
  return {
    status: 201,
    headers: { location: `/services/data/v${call.apiVersion}/sobjects/${object.name}/${id}` },
    body: { id, success: true, errors: [] },
  };
}

/** `/sobjects/<Type>/<id>`. */
export function answerRecord(call: ApiCall, object: ObjectType, id: string): SandboxResponse {
  allowMethods(call, ['GET', 'PATCH', 'DELETE']);
  const { state, request } = call;
  switch (request.method) {
    case 'GET':
      return readRecord(call, object, id);
    case 'PATCH': {
      allowParameters(call, []);
      const row = state.records.existing(object, id);
      const values = validUpdate(state, object, jsonBody(call));
      state.records.update(object.name, idOf(row), values);
      return { status: 204 };
    }
    default:
      allowParameters(call, []);
      removeRecord(call, object, id);
      return { status: 204 };
  }
}

export function removeRecord({ state }: ApiCall, object: ObjectType, id: string): void {
  const row = state.records.existing(object, id);
  if (!object.deletable) throw unsupported(object, 'delete');
  state.records.remove(object.name, idOf(row));
}

/** `/sobjects/ContentVersion/<id>/VersionData`: the file itself. */
export function answerFile(call: ApiCall, object: ObjectType, id: string): SandboxResponse {
  allowMethods(call, ['GET']);
  const row = call.state.records.existing(object, id);
  const bytes = call.state.store.file(idOf(row));
  if (!bytes) throw notFound();
  return {
    status: 200,
    headers: {
      'content-type': 'application/octetstream',
      'content-disposition': `attachment; filename="${encodeURIComponent(text(row, 'PathOnClient'))}"`,
    },
    body: bytes,
  };
}

function readRecord(call: ApiCall, object: ObjectType, id: string): SandboxResponse {
  allowParameters(call, ['fields']);
  const { schema, records } = call.state;
  const row = records.existing(object, id);
  const wanted = call.request.url.searchParams.get('fields');
  if (wanted === null) return ok(wholeRecord(call.apiVersion, schema, object, row));
  return ok(partOfRecord(call.apiVersion, object, row, visibleFields(call, object, wanted.split(','))));
}

export function visibleFields({ state }: ApiCall, object: ObjectType, names: readonly string[]) {
  return names.map((name) => {
    const field = state.schema.field(object, name.trim());
    if (field) return field;
    throw new ApiError(400, 'INVALID_FIELD', `No such column '${name}' on sobject of type ${object.name}`);
  });
}

/** A JSON record, or for files the two parts of a multipart upload in either order. */
function recordBody(call: ApiCall, object: ObjectType): Body {
  const contentType = call.request.headers['content-type'] ?? '';
  if (object.name !== 'ContentVersion' || !/^multipart\/form-data(;|$)/i.test(contentType)) {
    return jsonBody(call);
  }
  const parts = parseMultipart(contentType, call.request.body);
  const json = parts.find((part) => /^application\/json(;|$)/i.test(part.contentType ?? ''));
  const file = parts.find((part) => part.name === 'VersionData');
  if (!json || !file || file.fileName === null || parts.length !== 2) {
    throw new ApiError(
      400,
      'INVALID_MULTIPART_REQUEST',
      'A JSON part and a part named VersionData with a filename were expected',
    );
  }
  const body = parseJson(json.bytes.toString('utf8'));
  if (!isObject(body)) throw new ApiError(400, 'JSON_PARSER_ERROR', 'The first part is not a JSON object');
  return { ...body, VersionData: file.bytes.toString('base64') };
}
