import { valueAt } from './value-path.ts';

const PLACE = /\{([\w.]+)\}/g;

/** A text with "{a.b}" replaced by those parts of the values. */
export function fillTemplate(template: string, values: unknown): string {
  return template.replace(PLACE, (_, path: string) => shown(valueAt(values, path)));
}

/** What a flow says in a chat: the first of its templates whose every part is there; without one, its answer or its data. */
export function replyOf(templates: readonly string[], output: unknown): string {
  if (typeof output === 'string') return output;
  const isWhole = (template: string) =>
    [...template.matchAll(PLACE)].every(([, path]) => shown(valueAt(output, path)) !== '');
  const template = [...templates, '{answer}', '{text}', '{summary}'].find(isWhole);
  return template === undefined ? JSON.stringify(output, null, 2) : fillTemplate(template, output);
}

function shown(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map(shown).join(', ');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
