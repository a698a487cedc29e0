import type { Desk } from '../desks/desk.ts';
import { sentence, systemName } from '../html.ts';
import { PRODUCTS } from './actions.ts';
import { buttonForm, form, select } from './forms.ts';
import { MISCHIEF, SYSTEMS } from './trouble.ts';
import type { Region } from './view.ts';

export function homeRegions(desks: readonly Desk[]): Region[] {
  return [
    { id: 'intro', html: INTRO },
    { id: 'sell', html: sellHtml(desks) },
    { id: 'break', html: breakHtml() },
  ];
}

const INTRO = `<section class="card"><h1>Sell something, and watch what Dealseat does</h1>
<p>This page is the three products that Dealseat works with, as the people who use them see them: two CRMs, the inbox of the customers, and the learning platform. All of it is made up and lives on this machine only.</p>
<p>Win a deal. Its record then shows how far Dealseat is; the mail arrives in the inbox; its links lead to the page where a learner redeems a code. Then change a quantity, lose a deal, or take a system down, and see what happens.</p></section>`;

function sellHtml(desks: readonly Desk[]): string {
  const fields = [
    select(
      { name: 'crm', label: 'CRM' },
      desks.map(({ system }) => ({ value: system, label: systemName(system) })),
    ),
    '<label>Company <input name="company" required maxlength="80" value="Initech"></label>',
    select(
      { name: 'sku', label: 'Product' },
      PRODUCTS.map(({ sku, product }) => ({ value: sku, label: product })),
    ),
    '<label>Seats <input type="number" name="seats" min="0" max="5000" required value="5"></label>',
    '<button name="stage" value="won">Create and win it</button>',
    '<button name="stage" value="open" class="second">Create it open</button>',
  ];
  return `<section class="card" aria-labelledby="sell-h"><h2 id="sell-h">Sell</h2>${form('sell', {}, fields.join(''))}</section>`;
}

function breakHtml(): string {
  const fields = [
    select(
      { name: 'system', label: 'System' },
      SYSTEMS.map((system) => ({ value: system, label: systemName(system) })),
    ),
    select(
      { name: 'mischief', label: 'From now on it will' },
      MISCHIEF.map(({ id, says }) => ({ value: id, label: sentence(says) })),
    ),
    '<button>Break it</button>',
  ];
  const repair = buttonForm({ action: 'repair', values: {}, label: 'Repair everything', isSecond: true });
  return `<section class="card" aria-labelledby="break-h"><h2 id="break-h">Break something</h2>${form('mischief', {}, fields.join(''))}${repair}</section>`;
}
