import { Liquid, type StaticAnalysis, type Template } from 'liquidjs';
import { numberInWords } from './mail-words.ts';

const engine = new Liquid({
  outputEscape: 'escape',
  strictFilters: true,
  // Unknown names are refused when the catalog is read; a customer's mail is not the place to find one.
  strictVariables: false,
  ownPropertyOnly: true,
  parseLimit: 100_000,
  renderLimit: 2_000,
  memoryLimit: 10_000_000,
  // Templates in memory, of which there are none: otherwise these tags would read the files of this machine.
  templates: {},
});

for (const tag of ['include', 'render', 'layout']) {
  engine.registerTag(tag, {
    parse: () => {
      throw new Error(`the tag "${tag}" is not available, because a template may read no other file`);
    },
    render: () => '',
  });
}

/** `{{ seats | number }}`: as the reader's country writes it. Anything else stays as it is. */
engine.registerFilter('number', function (value: unknown) {
  return typeof value === 'number' ? numberInWords(value, String(this.context.getSync(['locale']))) : value;
});

/** A catalog has few templates, and each renders many mails. */
const parsed = new Map<string, Template[]>();
const MAX_PARSED = 200;

/** Throws when a template cannot be parsed; the message says where. */
export function parseTemplate(text: string): Template[] {
  const known = parsed.get(text);
  if (known !== undefined) return known;
  const found = engine.parse(text);
  if (parsed.size >= MAX_PARSED) parsed.clear();
  parsed.set(text, found);
  return found;
}

export function putIn(template: Template[], context: object, locale = 'en'): string {
  return String(engine.renderSync(template, context, { globals: { locale } }));
}

/** Every name that a template uses, in all of its branches. */
export function namesIn(template: Template[]): StaticAnalysis {
  return engine.analyzeSync(template);
}
