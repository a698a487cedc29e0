/** How a status is coloured. */
export function statusStyle(status: string): 'green' | 'yellow' | 'red' | 'cyan' | 'dim' {
  switch (status) {
    case 'Delivered':
      return 'green';
    case 'NeedsAttention':
    case 'Compensating':
      return 'yellow';
    case 'Failed':
      return 'red';
    case 'Skipped':
    case 'Cancelled':
      return 'dim';
    default:
      return 'cyan';
  }
}
