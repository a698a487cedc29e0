/** What Salesforce answers when it refuses a call: scenes and tests arm faults with it. */
export const REFUSED_LOGIN = {
  kind: 'status',
  status: 401,
  body: { error: 'invalid_client', error_description: 'invalid client credentials' },
} as const;

export function refusedEdit(errorCode: string, message: string) {
  return { kind: 'status', status: 400, body: [{ errorCode, message, fields: [] as string[] }] } as const;
}

export const VALIDATION_RULE = refusedEdit(
  'FIELD_CUSTOM_VALIDATION_EXCEPTION',
  'Won opportunities cannot be edited.',
);
