import type { MailContext } from './mail-context.ts';

/** What templates are tried with when the catalog is read. */
export const SAMPLE_CONTEXT: MailContext = {
  deal: { name: 'Sample deal', company: 'Sample Company' },
  customer: 'Sample Company',
  recipient: { first_name: 'Sam', last_name: 'Sample' },
  seats: 3,
  new_seats: 1,
  links: 3,
  used_seats: 1,
  unused_seats: 2,
  delivered_on: 'November 29, 2026',
  to_learners: false,
  products: [
    {
      title: 'Sample course',
      seats: 2,
      used: 1,
      access: 'for 365 days from redemption',
      access_days: 365,
      access_until: '',
      codes_expire_on: 'November 29, 2027',
      codes_expire_day: '2027-11-29',
      redeem_page: 'https://learn.example/redeem',
    },
    {
      title: 'Sample path',
      seats: 1,
      used: 0,
      access: 'until December 31, 2027',
      access_days: '',
      access_until: 'December 31, 2027',
      codes_expire_on: '',
      codes_expire_day: '',
      redeem_page: 'https://learn.example/redeem',
    },
  ],
  redeem_pages: ['https://learn.example/redeem'],
  roster_file: 'roster-sample-company-d0123456789abcde.xlsx',
  roster_csv_file: 'roster-sample-company-d0123456789abcde.csv',
  sender: 'Sample Academy',
  help: { is_given: true, name: 'Kim', email: 'help@academy.example', phone: '', url: '' },
};
