/** What each environment variable means to the person who sets it. `docs/configuration.md` prints it beside its default. */
export const VARIABLE_MEANINGS: Readonly<Record<string, string>> = {
  DEALSEAT_TASK_QUEUE: 'Task queue of the worker and of everything that starts runs.',
  DEALSEAT_CATALOG: 'The [catalog](catalog.md) file.',
  DEALSEAT_LOG_LEVEL: 'How much Dealseat logs.',
  DEALSEAT_SECRET_KEYS:
    'The keys with which the worker [seals its records on deals](security.md#secret-keys), the newest first. `dealseat worker` needs them. Unset: `dealseat start` makes a key in `.dealseat/secret-keys`.',
  DEALSEAT_TEMPORAL_UI_URL:
    'Root of the Temporal UI, for links from deals to runs. Unset: deals show the id of the run instead.',
  DATABASE_URL:
    'PostgreSQL 15 or later for the [seat store](engineers.md#the-seat-store), a database of its own. Several processes need it. Unset: an embedded one in `.dealseat/seats`, for one process, without a promise against power loss.',
  DEALSEAT_SEATS_FOLDER:
    'Where the embedded seat store is, without `DATABASE_URL`. A command reaches the running service that has this folder.',
  DEALSEAT_KEEP_PEOPLE_DAYS:
    'How many days names and addresses of learners stay in the seat store after their seat is over: [people’s data](security.md#peoples-data).',
  DEALSEAT_ALERT_WEBHOOK_URL:
    'Where the worker posts [alerts](alerts.md) about problems that only you can fix.',
  DEALSEAT_ALERT_WEBHOOK_SECRET: 'Signs them. Unset: they carry no signature.',
  DEALSEAT_ALERT_SLACK_URL: 'Incoming webhook of Slack for the same alerts.',
  DEALSEAT_ALERT_MAIL: 'Who gets the same alerts by e-mail; needs `DEALSEAT_SMTP_URL`.',
  DEALSEAT_ALERT_MAIL_FROM: 'Sender of these e-mails. Unset: the first recipient.',
  DEALSEAT_SMTP_URL: 'Server that sends these e-mails.',
  WEBHOOK_HOST: 'Address to listen on.',
  WEBHOOK_PORT: 'Port to listen on.',
  WEBHOOK_PUBLIC_URL:
    'The address at which the CRMs reach this server. HubSpot needs it, because its signature covers it. Without HubSpot it may stay unset.',
  MANUAL_API_KEYS:
    'Keys of the [HTTP interface](partners.md), each with the name of a partner. Without scopes a key may provision; `seats` may look at seats and act on them; `codes` may export codes. Unset: none.',

  DEALSEAT_SWEEP_INTERVAL_MS:
    'How often Dealseat [sweeps](sweep.md) each CRM for won deals that no webhook reported: 10 minutes.',
  DEALSEAT_SWEEP_SINCE:
    'Where the very first sweep starts. Unset: midnight UTC of the day on which the worker first starts. Deals won before it are left alone. Set it to an earlier day later, and the next sweep starts there. A new Temporal server does not remember it: set it in production.',
  DEALSEAT_SWEEP_LAG_MS:
    "How far behind the present a sweep stops, because the CRM's search does not know of later changes yet: 2 minutes.",
  DEALSEAT_SWEEP_LOOK_BACK_MS: 'How far behind the end of the last sweep the next one starts: 15 minutes.',

  DEALSEAT_SEATS_INTERVAL_MS:
    'How often Dealseat asks the learning platform [what was redeemed](seats.md#what-was-used): 5 minutes.',
  DEALSEAT_SEATS_OVERLAP_MS:
    'How far behind its last look each look at the redemptions begins, because the platform may show some late: 15 minutes.',
  DEALSEAT_SEATS_SHOW_EVERY_MS:
    'How often at most Dealseat writes the numbers of its seats on a deal: 15 minutes.',
  DEALSEAT_SEATS_REQUESTS_PERCENT:
    'Share of `TI_REQUESTS_PER_MINUTE` that Dealseat spends on looking for redemptions, in percent.',
  DEALSEAT_NUDGES_HOUR:
    'Hour of the day at which [reminders](seats.md#nudges) go out, in the time zone of the catalog: 9 in the morning.',

  TI_BASE_URL: "The tenant's address. The worker needs it.",
  TI_API_KEY: 'API key with a role that may manage redemption codes and users, and read content and events.',
  TI_LEARNER_URL: 'Where learners redeem. Unset: `TI_BASE_URL`.',
  TI_CODES_PATH:
    'Path of the code list under the API; `dealseat doctor` tries the known ones. `none`: the tenant lists no codes, and runs wait for [`dealseat codes import`](thought-industries.md#a-tenant-that-lists-no-codes).',
  TI_REQUESTS_PER_MINUTE: 'Requests a minute of all workers of the task queue together.',
  TI_EVENT_DATES:
    'How the tenant takes the dates of an event query: milliseconds or ISO 8601. Dealseat tries the other form where the tenant does not heed this one.',
  TI_WEBHOOK_SECRET:
    'Last part of the [webhook endpoint](thought-industries.md#5-redemptions-at-once) that the platform calls when a code is redeemed. While it rotates: `old,new`. Unset: Dealseat only polls.',
  TI_WEBHOOK_SIGNING_SECRET:
    'The secret with which the platform signs these calls. While it rotates: `old,new`. Unset: it does not sign them.',

  HUBSPOT_ACCESS_TOKEN: 'Access token of the app.',
  HUBSPOT_BASE_URL:
    'API host. It finds the data centre of the portal by the token. Change it only if a message asks you to.',
  HUBSPOT_PORTAL_ID:
    "The portal that the token must belong to. A worker with another portal's token does not start.",
  HUBSPOT_CLIENT_SECRET: "The app's client secret. While it rotates: `old,new`.",

  SALESFORCE_LOGIN_URL: 'My Domain address of the org.',
  SALESFORCE_CLIENT_ID: 'Consumer key of the app.',
  SALESFORCE_CLIENT_SECRET: 'Consumer secret of the app.',
  SALESFORCE_ORG_ID: 'The org that the credentials must belong to.',
  SALESFORCE_API_VERSION: 'API version. Mails with the roster attached need 63.0 or later.',
  SALESFORCE_WEBHOOK_SECRET: "Last part of the outbound message's endpoint. While it rotates: `old,new`.",

  DEALSEAT_POLICY_ATTEMPT_MS: 'One attempt of a small call: 2 minutes.',
  DEALSEAT_POLICY_ROSTER_ATTEMPT_MS: 'One attempt of a step that lists all codes: 30 minutes.',
  DEALSEAT_POLICY_SILENCE_MS:
    'After this long without a sign of life, [another worker takes a step over](mechanisms.md#when-a-worker-dies-or-is-cut-off): 10 seconds.',
  DEALSEAT_POLICY_READ_TOTAL_MS: 'All attempts of a read: 6 hours.',
  DEALSEAT_POLICY_WRITE_TOTAL_MS: 'All attempts of a write: 24 hours.',
  DEALSEAT_POLICY_UNDO_TOTAL_MS: 'All attempts of an undo: 3 days.',
  DEALSEAT_POLICY_PASSING_MS:
    'How long Dealseat repeats a [failure that may pass by itself](failures.md#classes) before it asks a person: 15 minutes.',
  DEALSEAT_POLICY_AWAY_MS:
    'How long a CRM or the learning platform must be away before [you are alerted](alerts.md), while steps are still repeated: 15 minutes.',
  DEALSEAT_POLICY_RETRY_INITIAL_MS: 'First pause between attempts: 1 second.',
  DEALSEAT_POLICY_RETRY_MAX_MS: 'Longest pause between attempts: 1 minute.',
  DEALSEAT_POLICY_LOOK_UP_MIN_MS:
    'How long Dealseat looks for a write with unknown outcome [at least](mechanisms.md#how-long-dealseat-looks-for-an-unknown-outcome) before it repeats it: 5 seconds.',
  DEALSEAT_POLICY_LOOK_UP_MS: 'The same at most, and while nothing was observed: 2 minutes.',
  DEALSEAT_POLICY_LOOK_UP_INTERVAL_MS: 'Longest pause between two looks: 10 seconds.',
  DEALSEAT_POLICY_STILL_MS:
    'How long a deal that [is still being edited](mechanisms.md#when-a-deal-is-still-being-edited) must stand still: 20 seconds.',
  DEALSEAT_POLICY_WRITING_MS: 'How long Dealseat waits for that: 5 minutes.',
  DEALSEAT_POLICY_LOOK_AGAIN_MS: 'How often a run that waits for a person reads its deal again: every hour.',
  DEALSEAT_POLICY_HOLD_PAUSE_MS:
    'How long Dealseat waits after writing its [hold](mechanisms.md#two-deployments) before it reads it back. Only Salesforce without history tracking of the field needs this pause. On a slow CRM it is twice as long as look and write took.',
  DEALSEAT_POLICY_HOLD_LEASE_MS: 'How long a hold lasts unless it is renewed: 90 minutes.',
  DEALSEAT_POLICY_HOLD_TRUST_MS:
    'How long the steps of one run trust a hold that was just proven: 30 seconds.',
  DEALSEAT_POLICY_POLL_INTERVAL_MS:
    'How long after it made a group Dealseat first looks at its code list, unless the platform was seen to be quicker. The pauses between further looks grow from there, faster for a larger group.',
  DEALSEAT_POLICY_POLL_MAX_MS: 'The longest pause between two looks at a code list: 1 minute.',
  DEALSEAT_POLICY_POLL_DEADLINE_MS:
    'When Dealseat asks a person about codes that are still not listed: 2 hours.',
  DEALSEAT_POLICY_ATTENTION_DEADLINE_MS: 'How long a run waits for a person: 14 days.',
  DEALSEAT_POLICY_CLOSED_LONG_AGO_MS:
    'How far before the win a close date may lie: 30 days. A deal whose close date lies further back [is held](sweep.md#imported-history).',
};
