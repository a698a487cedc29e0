import type { Desk, Sale } from '../desks/desk.ts';
import { systemName } from '../html.ts';
import { ActionRefusal } from './refusal.ts';
import { SEAT_ACTIONS, type SeatActionDeps } from './seat-actions.ts';
import { MISCHIEF, SYSTEMS, type Trouble } from './trouble.ts';

export interface ActionDeps extends SeatActionDeps {
  readonly desks: readonly Desk[];
  readonly trouble: Trouble;
}

type Form = URLSearchParams;
/** Does what was asked for; returns the path to go on at. */
type Action = (deps: ActionDeps, form: Form) => string | Promise<string>;

export const PRODUCTS = [
  { sku: 'LEAD-101', product: 'Leadership Essentials' },
  { sku: 'NEGO-201', product: 'Negotiation Basics' },
  { sku: 'TRACK-MGR', product: 'Manager Track' },
] as const;

/** Carries out one form of the page. The CRM reports what it reports of such a change. */
export async function act(deps: ActionDeps, form: Form): Promise<string> {
  const action = ACTIONS.get(form.get('action') ?? '');
  if (!action) throw new ActionRefusal('The page does not know this action.');
  return action(deps, form);
}

const ACTIONS: ReadonlyMap<string, Action> = new Map<string, Action>([
  ['sell', sell],
  ['win', onDeal((desk, id) => desk.win(id), 'won')],
  ['lose', onDeal((desk, id) => desk.lose(id), 'marked as lost')],
  ['reopen', onDeal((desk, id) => desk.reopen(id), 'moved back to an open stage')],
  ['quantity', changeQuantity],
  ['field', setField],
  ['add-learner', addLearner],
  ['remove-person', removePerson],
  ['merge', merge],
  ['redeem', redeem],
  ['down', onSystem((trouble, system) => trouble.takeDown(system), 'is down')],
  ['up', onSystem((trouble, system) => trouble.bringUp(system), 'is up again')],
  ['mischief', makeMischief],
  ['repair', repair],
  ...SEAT_ACTIONS,
]);

function sell({ desks, activity }: ActionDeps, form: Form): string {
  const desk = deskOf(desks, form);
  const company = textOf(form, 'company');
  const product = PRODUCTS.find(({ sku }) => sku === form.get('sku'));
  if (!product) throw new ActionRefusal('The page does not know this product.');
  const dealId = desk.sell({ company, seats: countOf(form, 'seats'), ...product, ...peopleOf(company) });
  const name = desk.record(dealId)?.name ?? dealId;
  if (form.get('stage') === 'won') {
    desk.win(dealId);
    activity.note(`${systemName(desk.system)}: ${name} was created and won.`);
  } else activity.note(`${systemName(desk.system)}: ${name} was created in an open stage.`);
  return pathOf(desk, dealId);
}

function onDeal(change: (desk: Desk, dealId: string) => void, said: string): Action {
  return ({ desks, activity }, form) => {
    const { desk, id, name } = dealOf(desks, form);
    change(desk, id);
    activity.note(`${systemName(desk.system)}: ${name} was ${said}.`);
    return pathOf(desk, id);
  };
}

function changeQuantity({ desks, activity }: ActionDeps, form: Form): string {
  const { desk, id, name } = dealOf(desks, form);
  const line = desk.record(id)?.lines.find((each) => each.id === form.get('line'));
  if (!line) throw new ActionRefusal('The deal has no such line.');
  const quantity = countOf(form, 'quantity');
  desk.setQuantity(id, line.id, quantity);
  activity.note(
    `${systemName(desk.system)}: ${line.product} of ${name} is ${quantity} now, it was ${line.quantity}. A CRM sends no event for that; the next sweep finds it.`,
  );
  return pathOf(desk, id);
}

function setField({ desks, activity }: ActionDeps, form: Form): string {
  const { desk, id, name } = dealOf(desks, form);
  const field = desk.record(id)?.fields.find((each) => each.name === form.get('field'));
  const value = form.get('value') ?? '';
  const option = field?.options.find((each) => each.value === value);
  if (!field || (value !== '' && !option)) throw new ActionRefusal('The field does not take that value.');
  desk.setField(id, field.name, value);
  activity.note(`${systemName(desk.system)}: ${field.label} of ${name} is ${option?.label ?? 'empty'} now.`);
  return pathOf(desk, id);
}

function addLearner({ desks, activity }: ActionDeps, form: Form): string {
  const { desk, id, name } = dealOf(desks, form);
  const email = textOf(form, 'email');
  if (!/^[^\s@]+@[^\s@]+$/.test(email)) throw new ActionRefusal('Expected an e-mail address.');
  desk.addLearner(id, { firstName: textOf(form, 'firstName'), lastName: textOf(form, 'lastName'), email });
  activity.note(
    `${systemName(desk.system)}: ${email} came to ${name} as a learner. The next sweep finds it.`,
  );
  return pathOf(desk, id);
}

function removePerson({ desks, activity }: ActionDeps, form: Form): string {
  const { desk, id, name } = dealOf(desks, form);
  const person = desk.record(id)?.people.find((each) => each.id === form.get('person'));
  if (!person) throw new ActionRefusal('The deal has no such contact.');
  desk.removePerson(id, person.id);
  activity.note(`${systemName(desk.system)}: ${person.name} was taken off ${name}. The next sweep finds it.`);
  return pathOf(desk, id);
}

function merge({ desks, activity }: ActionDeps, form: Form): string {
  const { desk, id, name } = dealOf(desks, form);
  const merged = desk.record(form.get('merged') ?? '');
  if (!desk.merge) throw new ActionRefusal(`${systemName(desk.system)} merges no deals.`);
  if (!merged || merged.id === id) throw new ActionRefusal('Choose another deal to merge.');
  desk.merge(id, merged.id);
  activity.note(`${systemName(desk.system)}: ${merged.name} was merged into ${name}.`);
  return pathOf(desk, id);
}

function redeem({ ti, activity }: ActionDeps, form: Form): string {
  const group = ti.group(form.get('group') ?? '');
  const code = group && ti.codesOf(group.id).find(({ redeemedAtMs }) => redeemedAtMs === null);
  if (!group || !code) throw new ActionRefusal('The group has no code that is left to redeem.');
  const others = ti.codes.filter(({ redeemedAtMs }) => redeemedAtMs !== null).length;
  // Somebody new each time: one person redeems no two codes of a product.
  ti.redeem(code.code, `learner${others + 1}@example.com`);
  activity.note(`Learning platform: a learner redeemed a code of ${group.label}.`);
  return `/groups/${group.id}`;
}

function onSystem(
  change: (trouble: Trouble, system: (typeof SYSTEMS)[number]) => void,
  said: string,
): Action {
  return ({ trouble, activity }, form) => {
    const system = systemOf(form);
    change(trouble, system);
    activity.note(`${systemName(system)} ${said}.`);
    return backTo(form);
  };
}

function makeMischief({ trouble, activity }: ActionDeps, form: Form): string {
  const system = systemOf(form);
  const mischief = MISCHIEF.find(({ id }) => id === form.get('mischief'));
  if (!mischief) throw new ActionRefusal('The page does not know this fault.');
  trouble.make(mischief, system);
  activity.note(`${systemName(system)} will ${mischief.says}.`);
  return backTo(form);
}

function repair({ trouble, activity }: ActionDeps, form: Form): string {
  trouble.repairAll();
  activity.note('Every fault is off.');
  return backTo(form);
}

function deskOf(desks: readonly Desk[], form: Form): Desk {
  const desk = desks.find(({ system }) => system === form.get('crm'));
  if (!desk) throw new ActionRefusal('The page does not know this CRM.');
  return desk;
}

function dealOf(desks: readonly Desk[], form: Form) {
  const desk = deskOf(desks, form);
  const record = desk.record(form.get('deal') ?? '');
  if (!record) throw new ActionRefusal('The deal was not found.');
  return { desk, id: record.id, name: record.name };
}

function systemOf(form: Form) {
  const system = SYSTEMS.find((name) => name === form.get('system'));
  if (!system) throw new ActionRefusal('The page does not know this system.');
  return system;
}

function textOf(form: Form, name: string): string {
  const text = form.get(name)?.trim() ?? '';
  if (text === '' || text.length > 80) throw new ActionRefusal(`${name}: expected 1 to 80 characters.`);
  return text;
}

function countOf(form: Form, name: string): number {
  const count = Number(form.get(name));
  if (Number.isInteger(count) && count >= 0 && count <= 5_000) return count;
  throw new ActionRefusal(`${name}: expected a whole number from 0 to 5000.`);
}

/** People of a made-up company, whose addresses no other company has. */
function peopleOf(company: string): Pick<Sale, 'buyer' | 'learner'> {
  const domain = `${
    company
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, '') || 'customer'
  }.example`;
  return {
    buyer: { firstName: 'Dana', lastName: 'Reyes', email: `dana.reyes@${domain}` },
    learner: { firstName: 'Lee', lastName: 'Park', email: `lee.park@${domain}` },
  };
}

/** Only a path of this page. */
function backTo(form: Form): string {
  const path = form.get('back') ?? '/';
  return /^\/(?![/\\])[^\s]*$/.test(path) ? path : '/';
}

function pathOf({ system }: Desk, dealId: string): string {
  return `/deals/${system}/${encodeURIComponent(dealId)}`;
}
