/** The values that an admin gives Dealseat's pick-lists, by the documentation. */

export const STATUSES = [
  'Planning',
  'Provisioning',
  'AwaitingCodes',
  'HandingOver',
  'Delivered',
  'NeedsAttention',
  'Compensating',
  'Failed',
  'Skipped',
  'Cancelled',
];

export const ACTIONS = ['Retry', 'Approve', 'Reject', 'Withdraw', 'Keep', 'Mail was sent', 'Send again'];
