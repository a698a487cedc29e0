import { ApiError } from './api-error.ts';

export interface Part {
  readonly name: string;
  readonly fileName: string | null;
  readonly contentType: string | null;
  readonly bytes: Buffer;
}

const MAX_BOUNDARY_LENGTH = 70;
const HEADER_END = '\r\n\r\n';

/** Splits a `multipart/form-data` body; strict, since a part that is lost here would be lost silently. */
export function parseMultipart(contentType: string, body: Buffer): Part[] {
  const [, quoted, bare] = /boundary=(?:"([^"]+)"|([^\s;]+))/i.exec(contentType) ?? [];
  const boundary = quoted ?? bare ?? '';
  if (boundary === '' || boundary.length > MAX_BOUNDARY_LENGTH) throw malformed('bad boundary');
  const delimiter = Buffer.from(`\r\n--${boundary}`);
  // The first delimiter has no line break before it.
  const data = Buffer.concat([Buffer.from('\r\n'), body]);
  const parts: Part[] = [];
  let at = data.indexOf(delimiter);
  while (at !== -1) {
    const start = at + delimiter.length;
    if (data.toString('latin1', start, start + 2) === '--') return parts;
    const next = data.indexOf(delimiter, start);
    if (next === -1) break;
    parts.push(parsePart(data.subarray(start + 2, next)));
    at = next;
  }
  throw malformed('the closing boundary is missing');
}

function parsePart(part: Buffer): Part {
  const headerEnd = part.indexOf(HEADER_END);
  if (headerEnd === -1) throw malformed('a part has no headers');
  const headers = new Map(
    part
      .toString('utf8', 0, headerEnd)
      .split('\r\n')
      .map((line): [string, string] => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];
      }),
  );
  const disposition = headers.get('content-disposition') ?? '';
  const name = /[;\s]name="([^"]*)"/i.exec(disposition)?.[1];
  if (name === undefined) throw malformed('a part has no name');
  return {
    name,
    fileName: /filename="([^"]*)"/i.exec(disposition)?.[1] ?? null,
    contentType: headers.get('content-type') ?? null,
    bytes: part.subarray(headerEnd + HEADER_END.length),
  };
}

function malformed(what: string): ApiError {
  return new ApiError(400, 'INVALID_MULTIPART_REQUEST', `Multipart message is malformed: ${what}`);
}
