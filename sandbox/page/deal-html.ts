import type { DealRecord, Desk, FieldOnDeal, LineOnDeal, TaskOnDeal } from '../desks/desk.ts';
import { escapeHtml, systemName, tableOf } from '../html.ts';
import type { GroupView, MailView } from '../state-view.ts';
import { linkedText, safeHtml } from './foreign-text.ts';
import { buttonForm, form, select } from './forms.ts';
import { stageTag, statusTag, toneOf } from './tags.ts';
import type { Region } from './view.ts';

interface Around {
  readonly desk: Desk;
  readonly mails: readonly MailView[];
  readonly groups: readonly GroupView[];
}

/** Fields that only engineers read. */
const FOR_ENGINEERS = /_(ledger|claim|group_id|run)(__c)?$/i;
/** Those that stand at the top of the record. */
const ON_TOP = /_(status|detail)(__c)?$/i;

/** The record of one deal as sales sees it in the CRM, with what a person can do to it. */
export function dealRegions(deal: DealRecord, around: Around): Region[] {
  const { desk } = around;
  return [
    { id: 'deal-head', html: headHtml(deal, desk) },
    { id: 'deal-actions', html: actionsHtml(deal, desk) },
    { id: 'deal-dealseat', html: dealseatHtml(deal, desk) },
    { id: 'deal-tasks', html: tasksHtml(deal) },
    { id: 'deal-notes', html: notesHtml(deal, desk) },
    { id: 'deal-lines', html: linesHtml(deal, desk) },
    { id: 'deal-people', html: peopleHtml(deal, desk) },
    { id: 'deal-mails', html: mailsHtml(deal, around) },
  ];
}

function headHtml(deal: DealRecord, desk: Desk): string {
  const facts = [
    ['Company', deal.company],
    ['Amount', deal.amount === null ? null : `$ ${Number(deal.amount).toLocaleString('en')}`],
    ['Close date', deal.closesOn],
    ['Owner', deal.owner],
    ['Record id', deal.id],
  ].filter((fact): fact is [string, string] => typeof fact[1] === 'string');
  return `<div class="card"><p class="quiet small">${escapeHtml(`${systemName(desk.system)} ${desk.dealWord}`)}</p>
<h1>${escapeHtml(deal.name)}</h1><p>${stageTag(deal)}</p>${definitions(facts)}</div>`;
}

function actionsHtml({ id, standing, name }: DealRecord, desk: Desk): string {
  const values = { crm: desk.system, deal: id };
  const win = buttonForm({ action: 'win', values, label: `Win this ${desk.dealWord}` });
  const lose = buttonForm({ action: 'lose', values, label: 'Mark as lost', isSecond: true });
  const reopen = buttonForm({ action: 'reopen', values, label: 'Move back to open', isSecond: true });
  const others = desk.deals().filter((other) => other.id !== id);
  const merge =
    desk.merge === null || others.length === 0
      ? ''
      : form(
          'merge',
          values,
          `${select(
            { name: 'merged', label: `Merge into ${name}:` },
            others.map((other) => ({ value: other.id, label: `${other.name} (${other.stage})` })),
          )}<button class="second">Merge</button>`,
        );
  const moves = { open: [win, lose], won: [lose, reopen], lost: [win, reopen] }[standing];
  return `<section class="card" aria-labelledby="do-h"><h2 id="do-h">What a person does in ${escapeHtml(systemName(desk.system))}</h2>
<div class="forms">${moves.join('')}</div>${merge}</section>`;
}

function dealseatHtml({ fields, id, status }: DealRecord, desk: Desk): string {
  const filled = fields.filter(({ value }) => value !== '');
  const detail = filled.find(({ name }) => /_detail(__c)?$/i.test(name))?.value;
  const shown = filled.filter(({ name, options }) => !ON_TOP.test(name) && options.length === 0);
  const chosen = fields.filter(({ name, options }) => !ON_TOP.test(name) && options.length > 0);
  const engineers = shown.filter(({ name }) => FOR_ENGINEERS.test(name));
  return `<section class="card" aria-labelledby="ds-h"><h2 id="ds-h">Dealseat</h2>
<p role="status">${status === null ? '<span class="quiet">Dealseat has written nothing on it yet.</span>' : statusTag(status)}</p>
${detail === undefined ? '' : `<div class="detail ${toneOf(status)}">${linkedText(detail)}</div>`}
${chosen.map((field) => chooserHtml(field, { crm: desk.system, deal: id })).join('')}
${fieldsHtml(shown.filter(({ name }) => !FOR_ENGINEERS.test(name)))}
${engineers.length === 0 ? '' : `<details id="engineers"><summary>Fields for engineers</summary>${fieldsHtml(engineers)}</details>`}</section>`;
}

function chooserHtml({ name, label, value, options }: FieldOnDeal, values: Record<string, string>): string {
  const choices = [{ value: '', label: '(none)' }, ...options];
  return form(
    'field',
    { ...values, field: name },
    `${select({ name: 'value', label, chosen: value }, choices)}<button class="second">Save</button>`,
  );
}

function fieldsHtml(fields: readonly FieldOnDeal[]): string {
  return definitions(fields.map(({ label, value }) => [label, value]));
}

/** Texts; addresses in them are links. */
function definitions(pairs: readonly (readonly [string, string])[]): string {
  if (pairs.length === 0) return '';
  return `<dl>${pairs.map(([name, value]) => `<dt>${escapeHtml(name)}</dt><dd>${linkedText(value)}</dd>`).join('')}</dl>`;
}

function tasksHtml({ tasks }: DealRecord): string {
  const open = tasks.filter(({ isDone }) => !isDone);
  const done = tasks.filter(({ isDone }) => isDone);
  return `<section class="card" aria-labelledby="tasks-h"><h2 id="tasks-h">Tasks</h2>
${open.length === 0 ? '<p class="empty">No open tasks.</p>' : `<ul class="rows">${open.map(taskHtml).join('')}</ul>`}
${done.length === 0 ? '' : `<details id="done-tasks"><summary>${done.length} completed</summary><ul class="rows">${done.map(taskHtml).join('')}</ul></details>`}</section>`;
}

function taskHtml({ subject, body, priority, dueOn, isDone }: TaskOnDeal): string {
  const about = [
    isDone ? 'completed' : 'open',
    priority && `priority ${priority.toLowerCase()}`,
    dueOn && `due ${dueOn}`,
  ];
  const text = 'html' in body ? safeHtml(body.html) : linkedText(body.text);
  return `<li><strong>${escapeHtml(subject)}</strong><div class="small quiet">${escapeHtml(about.filter(Boolean).join(', '))}</div>
<div class="rich small">${text}</div></li>`;
}

function notesHtml({ notes, files }: DealRecord, desk: Desk): string {
  const shown = notes.map((note) => `<li><div class="rich small">${safeHtml(note)}</div></li>`);
  const attached = files.map(
    ({ id, name, byteCount }) =>
      `<li><a href="/files/${desk.system}/${encodeURIComponent(id)}">${escapeHtml(name)}</a> <span class="quiet small">${byteCount} bytes</span></li>`,
  );
  return `<section class="card" aria-labelledby="notes-h"><h2 id="notes-h">Notes and files</h2>
${shown.length + attached.length === 0 ? '<p class="empty">None yet.</p>' : `<ul class="rows">${[...shown, ...attached].join('')}</ul>`}</section>`;
}

function linesHtml({ lines, id }: DealRecord, desk: Desk): string {
  const rows = lines.map((line) => lineHtml(line, { crm: desk.system, deal: id }));
  return `<section class="card" aria-labelledby="lines-h"><h2 id="lines-h">What is sold</h2>
${rows.length === 0 ? '<p class="empty">No line items.</p>' : `<ul class="rows">${rows.join('')}</ul>`}</section>`;
}

function lineHtml({ id, product, quantity, startsOn }: LineOnDeal, values: Record<string, string>): string {
  const change = form(
    'quantity',
    { ...values, line: id },
    `<label>Quantity <input type="number" name="quantity" min="0" max="5000" required value="${escapeHtml(quantity)}" aria-label="${escapeHtml(`Quantity of ${product}`)}"></label><button class="second">Change</button>`,
  );
  const starts = startsOn === null ? '' : `<div class="small quiet">starts on ${escapeHtml(startsOn)}</div>`;
  return `<li><div class="row"><div>${escapeHtml(product)}${starts}</div>${change}</div></li>`;
}

function peopleHtml({ id: deal, people }: DealRecord, desk: Desk): string {
  const values = { crm: desk.system, deal };
  const rows = people.map(({ id, name, email, roles, links }) => {
    const role =
      roles.length === 0 ? '' : ` <span class="quiet small">${escapeHtml(roles.join(', '))}</span>`;
    const link =
      links.length === 0
        ? ''
        : `<div class="small quiet">Has ${links.length} redeem ${links.length === 1 ? 'link' : 'links'}</div>`;
    const off = buttonForm({
      action: 'remove-person',
      values: { ...values, person: id },
      label: 'Take off',
      about: name,
      isSecond: true,
    });
    return `<li><div class="row"><div>${escapeHtml(name)}${role}<div class="small">${escapeHtml(email ?? 'no e-mail address')}</div>${link}</div>${off}</div></li>`;
  });
  return `<section class="card" aria-labelledby="people-h"><h2 id="people-h">Contacts</h2>
${rows.length === 0 ? '<p class="empty">None.</p>' : `<ul class="rows">${rows.join('')}</ul>`}
${learnerHtml(values)}</section>`;
}

/** Whether a new learner gets a seat is up to the catalog: by the example the buyer gives out the codes. */
function learnerHtml(values: Readonly<Record<string, string>>): string {
  const fields = [
    ['firstName', 'First name', 'text'],
    ['lastName', 'Last name', 'text'],
    ['email', 'E-mail address', 'email'],
  ].map(
    ([name, label, type]) =>
      `<label>${label} <input type="${type}" name="${name}" required autocomplete="off"></label>`,
  );
  return `<details id="add-learner"><summary>Add a learner</summary>${form('add-learner', values, `${fields.join('')}<button class="second">Add</button>`)}</details>`;
}

function mailsHtml(deal: DealRecord, { desk, mails, groups }: Around): string {
  const addresses = new Set(deal.people.map(({ email }) => email));
  const own = mails.filter(({ system, to }) => system === desk.system && addresses.has(to)).reverse();
  const written = deal.fields.map(({ value }) => value).join('\n');
  const made = groups.filter(({ id }) => written.includes(id));
  const rows = own.map(
    ({ number, subject, to }) =>
      `<li><a href="/mail/${number}">${escapeHtml(subject)}</a><span class="small quiet">to ${escapeHtml(to)}</span></li>`,
  );
  const groupRows = made.map(
    ({ id, label, redeemed, total }) =>
      `<tr><td><a href="/groups/${escapeHtml(id)}">${escapeHtml(label)}</a></td><td class="word">${redeemed} of ${total} redeemed</td></tr>`,
  );
  return `<section class="card" aria-labelledby="mails-h"><h2 id="mails-h">Mails and codes</h2>
${rows.length === 0 ? '<p class="empty">No mail to its contacts yet.</p>' : `<ul class="rows">${rows.join('')}</ul>`}
${groupRows.length === 0 ? '' : `<h3>In the learning platform</h3>${tableOf(['Code group', 'Codes'], groupRows)}`}</section>`;
}
