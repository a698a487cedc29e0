import { FINAL_STATUSES } from '../../src/contracts/run.ts';
import type { ProofCheck } from '../../src/runs/proof-check.ts';
import { isSettled, type Row } from './matrix.ts';
import { hasSeats, type World } from './world.ts';

/** What a reset came to. */
export interface Aftermath {
  readonly before: World;
  readonly after: World;
  /** Of `dealseat verify`; null: the deal says that nothing was delivered. */
  readonly proof: readonly ProofCheck[] | null;
  /** What people were asked after the reset, in order. */
  readonly asked: readonly string[];
  /** Null: the run is over. */
  readonly unended: string | null;
}

/** What is sold unless a run before the reset has delivered something else. */
const SEATS = 3;

/** Every promise that does not hold after a reset, in words; none of it is asked of the run itself. */
export function brokenPromises(row: Row, aftermath: Aftermath): string[] {
  return [
    ...(aftermath.unended === null ? [] : [`the run ends: ${aftermath.unended}`]),
    ...(isSettled(row) ? ifSettled(row, aftermath) : ifUnfinished(row, aftermath)),
    ...proven(aftermath),
    ...truthful(aftermath),
  ];
}

/** Nothing was left to do for the deal, so it must be found as it was. */
function ifSettled({ crm }: Row, { before, after, asked }: Aftermath): string[] {
  const twice = (what: string, was: readonly string[], is: readonly string[]) =>
    surplus(is, was).map((item) => `nothing is made twice: ${what} ${item}`);
  const gone = (what: string, was: readonly string[], is: readonly string[]) =>
    surplus(was, is).map((item) => `nothing delivered is taken away: ${what} ${item}`);
  const both = (what: string, list: (world: World) => readonly string[]) => [
    ...twice(what, list(before), list(after)),
    ...gone(what, list(before), list(after)),
  ];
  // The same file may be stored anew and have another address: what holds for that is looked at below. What follows
  // the first line of the detail is how it came about.
  const changed = ['status', 'seats', 'detail'].filter(
    (field) => firstLine(before.fields[field]) !== firstLine(after.fields[field]),
  );
  return [
    ...both('group', ({ groups }) => groups.map(({ id, codes }) => `${id} with ${codes} codes`)),
    ...both('roster', ({ files }) => files.map(({ name, sha256 }) => `${name} ${sha256.slice(0, 8)}`)),
    ...both('note with a file', ({ fileNotes }) => Array.from({ length: fileNotes }, () => crm)),
    ...both('link of contact', ({ links }) => links.map(withoutCode)),
    ...both('list membership of contact', ({ listed }) => listed),
    ...both('entry of the ledger', ledgerLines),
    ...twice('mail to', recipients(before), recipients(after)),
    ...twice('open task', openSubjects(before), openSubjects(after)),
    ...changed.map(
      (field) =>
        `the deal tells the truth: its ${field} was ${short(before.fields[field])} and is ${short(after.fields[field])}`,
    ),
    ...[...new Set(asked)].map((question) => `nobody is asked what the deal already says: ${question}`),
  ];
}

/** The deal is either delivered once by now, or nothing of it is with anybody. */
function ifUnfinished(row: Row, { after }: Aftermath): string[] {
  const codes = after.groups.reduce((sum, group) => sum + group.codes, 0);
  return [
    ...(codes > SEATS ? [`nothing is made twice: ${codes} codes for ${SEATS} seats`] : []),
    ...(after.fields.status === 'Delivered' ? ifDelivered(row, after) : ifUndone(after)),
  ];
}

function ifDelivered(row: Row, after: World): string[] {
  const { files, fileNotes, listed } = after;
  const asking = openTasksOf(after, 'asking').map(({ subject }) => subject);
  const expected = row.audience === 'list' ? [] : peopleOf(row);
  return [
    ...(files.length > 1 ? [`nothing is made twice: ${files.length} roster files`] : []),
    ...(fileNotes > 1 ? [`nothing is made twice: ${fileNotes} notes with a file`] : []),
    ...surplus(recipients(after), expected).map((to) => `nothing is made twice: mail to ${to}`),
    ...surplus(expected, recipients(after)).map(
      (to) => `the deal tells the truth: Delivered, without mail to ${to}`,
    ),
    ...(row.crm === 'hubspot' && fileNotes === 0
      ? ['the deal tells the truth: Delivered, without a note that carries the roster']
      : []),
    ...(row.audience === 'list' && listed.length === 0
      ? ['the deal tells the truth: Delivered, and the buyer is on no list']
      : []),
    ...asking.map((subject) => `the deal tells the truth: Delivered, with the open task "${subject}"`),
  ];
}

function ifUndone(after: World): string[] {
  const { fields, mails, files, links, listed, fileNotes, groups } = after;
  const left = [
    ...mails.map(({ to }) => `a mail to ${to} is out`),
    ...files.map(({ name }) => `the roster ${name} is there`),
    ...(fileNotes > 0 ? ['a note carries a roster'] : []),
    ...links.map((line) => `there is a link on contact ${withoutCode(line)}`),
    ...listed.map((contact) => `contact ${contact} is on the list`),
  ];
  const tasks = openTasksOf(after, 'unused');
  const untold = groups.filter(({ label }) => !tasks.some(({ text }) => text.includes(label)));
  return [
    ...left.map((what) => `the deal tells the truth: ${fields.status}, but ${what}`),
    ...untold.map(({ label }) => `the deal tells the truth: no open task names the unused group ${label}`),
  ];
}

function proven({ proof, after }: Aftermath): string[] {
  if (proof === null) {
    return after.fields.status === 'Delivered' ? ['verify proves the deal: it names nothing'] : [];
  }
  // Every seat was withdrawn, or they are noted and not with the customer yet: that is not a delivery.
  if (!hasSeats(after) || after.ledger.isPending) return [];
  return proof
    .filter(({ isProven }) => !isProven)
    .map(({ name, found }) => `verify proves the deal: ${name} (found: ${found})`);
}

/** What holds for every deal on which no run is at work. */
function truthful({ after, unended }: Aftermath): string[] {
  const { fields, files, groups, ledger, tasks } = after;
  const status = fields.status ?? 'none';
  const standing = ledger.groups.filter(({ active }) => active > 0);
  const rosterFile = fields.roster_file ?? '';
  const isThere = files.some(({ ids }) => ids.some((id) => rosterFile.includes(id)));
  const lies = [
    ...(standing.length > 0 && !ledger.isPending && status !== 'Delivered'
      ? [`its status is ${status} over a delivery that stands`]
      : []),
    ...(status === 'Delivered' && files.length === 0 ? ['Delivered, without a roster'] : []),
    ...(unended === null && !isFinal(status) ? [`its status is ${status}, and no run is at work`] : []),
    ...(rosterFile !== '' && !isThere ? ['its roster field names a file that is not there'] : []),
    ...(status === 'Delivered' && rosterFile === '' ? ['Delivered, and its roster field is empty'] : []),
    ...openTasksOf(after, 'unused').flatMap(({ subject, text }) =>
      standing
        .filter(({ group, issued, active }) => issued === active && namesGroup(after, text, group))
        .map(() => `the open task "${subject}" asks to expire codes that the customer has`),
    ),
  ];
  const words = tasks
    .filter(({ isOpen }) => isOpen)
    .map(({ subject, text }) => subject + withoutReference(text));
  return [
    ...lies.map((lie) => `the deal tells the truth: ${lie}`),
    ...surplus(words, [...new Set(words)]).map(
      () => 'nothing is made twice: two open tasks in the same words',
    ),
    ...surplus(
      groups.map(({ token }) => token),
      [...new Set(groups.map(({ token }) => token))],
    ).map((token) => `nothing is made twice: two groups with the token ${token}`),
  ];
}

/** By the beginning of its key, which stands in a line of its own in the text: the words may change. */
const TASK_KEYS = {
  asking: /Reference: (notice )?(ask|attention)-/i,
  unused: /Reference: (notice )?(unused|quarantine)-/i,
} as const;

function openTasksOf({ tasks }: World, about: keyof typeof TASK_KEYS): World['tasks'] {
  return tasks.filter(({ isOpen, text }) => isOpen && TASK_KEYS[about].test(text));
}

function withoutReference(text: string): string {
  return text.replace(/\[?(Dealseat )?Reference: .*$/is, '');
}

function namesGroup({ groups }: World, text: string, id: string): boolean {
  const label = groups.find((group) => group.id === id)?.label;
  return text.includes(id) || (label !== undefined && text.includes(label));
}

function isFinal(status: string): boolean {
  return status === 'none' || FINAL_STATUSES.some((final) => final === status);
}

function peopleOf({ crm, audience }: Row): string[] {
  const [buyer, learner] =
    crm === 'hubspot'
      ? ['dana.reyes@acme.example', 'lee.park@acme.example']
      : ['robin.vale@globex.example', 'jo.lind@globex.example'];
  // Salesforce's own flow writes to learners, by the link on their contact.
  return audience === 'learners' && crm === 'hubspot' ? [buyer, learner] : [buyer];
}

function ledgerLines({ ledger }: World): string[] {
  const groups = ledger.groups.map(({ group, issued, active }) => `${group}: ${active} of ${issued}`);
  return [...groups, `roster ${JSON.stringify(ledger.roster)}`, ...(ledger.isPending ? ['pending'] : [])];
}

function recipients({ mails }: World): string[] {
  return mails.map(({ to }) => to);
}

function openSubjects({ tasks }: World): string[] {
  return tasks.filter(({ isOpen }) => isOpen).map(({ subject }) => `"${subject}"`);
}

/** A code must not stand in the output of a test either. */
function withoutCode(line: string): string {
  return line.split(' ')[0] ?? '';
}

/** Items of the first list that the second has not, each as often as it is missing. */
function surplus(items: readonly string[], others: readonly string[]): string[] {
  const left = [...others];
  return items.filter((item) => {
    const at = left.indexOf(item);
    if (at === -1) return true;
    left.splice(at, 1);
    return false;
  });
}

function firstLine(text: string | undefined): string | undefined {
  return text?.split('\n')[0];
}

function short(text: string | undefined): string {
  if (text === undefined || text === '') return 'empty';
  const line = text.replaceAll('\n', ' / ');
  return `"${line.length > 160 ? `${line.slice(0, 160)}…` : line}"`;
}
