import { escapeHtml } from '../html.ts';

interface ButtonForm {
  readonly action: string;
  readonly values: Readonly<Record<string, string>>;
  readonly label: string;
  /** Read out where the label alone does not say what it is about. */
  readonly about?: string;
  readonly isSecond?: boolean;
}

/** A form that is a single button. */
export function buttonForm({ action, values, label, about, isSecond }: ButtonForm): string {
  const described = about === undefined ? '' : ` aria-label="${escapeHtml(`${label}: ${about}`)}"`;
  return form(
    action,
    values,
    `<button${isSecond ? ' class="second"' : ''}${described}>${escapeHtml(label)}</button>`,
  );
}

/** `fields` is HTML. */
export function form(action: string, values: Readonly<Record<string, string>>, fields: string): string {
  const hidden = Object.entries({ action, ...values }).map(
    ([name, value]) => `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`,
  );
  return `<form method="post" action="/act" class="forms">${hidden.join('')}${fields}</form>`;
}

export interface Choice {
  readonly value: string;
  readonly label: string;
}

export function select(
  { name, label, chosen }: { readonly name: string; readonly label: string; readonly chosen?: string },
  choices: readonly Choice[],
): string {
  const options = choices.map(
    (choice) =>
      `<option value="${escapeHtml(choice.value)}"${choice.value === chosen ? ' selected' : ''}>${escapeHtml(choice.label)}</option>`,
  );
  return `<label>${escapeHtml(label)} <select name="${escapeHtml(name)}">${options.join('')}</select></label>`;
}
