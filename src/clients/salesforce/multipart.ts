import { randomUUID } from 'node:crypto';

export interface FilePart {
  /** The field of the record that holds the bytes. */
  readonly field: string;
  readonly fileName: string;
  readonly bytes: Uint8Array;
}

/** A record and the bytes of one of its fields, in the order that Salesforce documents: JSON first. */
export function multipartBody(
  record: object,
  { field, fileName, bytes }: FilePart,
): { readonly contentType: string; readonly body: readonly Uint8Array[] } {
  const boundary = `dealseat-${randomUUID()}`;
  const head = [
    `--${boundary}`,
    'Content-Disposition: form-data; name="entity_content"',
    'Content-Type: application/json',
    '',
    JSON.stringify(record),
    `--${boundary}`,
    `Content-Disposition: form-data; name="${field}"; filename="${fileName.replace(/["\r\n]/g, '_')}"`,
    'Content-Type: application/octet-stream',
    '',
    '',
  ].join('\r\n');
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    body: [Buffer.from(head), bytes, Buffer.from(`\r\n--${boundary}--\r\n`)],
  };
}
