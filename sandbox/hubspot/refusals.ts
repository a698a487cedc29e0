/** What HubSpot answers when it refuses a call: scenes and tests arm faults with it. */
export const REFUSED_TOKEN = {
  kind: 'status',
  status: 401,
  body: { status: 'error', category: 'EXPIRED_AUTHENTICATION', message: 'The token expired.' },
} as const;

export const MISSING_SCOPE = {
  kind: 'status',
  status: 403,
  body: { status: 'error', category: 'MISSING_SCOPES', message: 'missing scopes' },
} as const;

export const MISSING_SCOPE_TO_WRITE_DEALS = {
  kind: 'status',
  status: 403,
  body: {
    status: 'error',
    category: 'MISSING_SCOPES',
    message: 'This app hasn’t been granted all required scopes',
    errors: [
      { message: 'One or more scopes', context: { requiredGranularScopes: ['crm.objects.deals.write'] } },
    ],
  },
} as const;

/** Of a portal that lives in the European data centre. */
export function unknownPortal(portalId: number | string) {
  const message = `Hub ${portalId} is unknown to this Hublet, but it appears to exist in Hublet eu1`;
  return { kind: 'status', status: 488, body: { status: 'error', message, correctHublet: 'eu1' } } as const;
}
