import { type Entity, type EntityKind, findEntities } from './find-entities.ts';

/** What says who somebody is. */
export const PERSONAL: readonly EntityKind[] = [
  'person',
  'email',
  'phone',
  'iban',
  'card',
  'ip',
  'identity-number',
  'address',
];

export interface Redacted {
  readonly text: string;
  readonly found: readonly (Entity & { readonly placeholder: string })[];
}

/** Born on a date is personal, any other date is not. */
const BIRTH =
  /(?:born(?: on)?|date of birth|dob|d\.o\.b\.?|birthday|birth date|geboren(?: am)?|geburtsdatum|née? le|fecha de nacimiento|nata? il)\s*(?:is|was|:)?\s*$/iu;
/** What stands behind these words is a secret whatever it looks like. */
const SECRET =
  /(?:password|passwort|mot de passe|contraseña|pin(?: code)?|passcode|secret|api key|token)\s*(?:is|was|=|:)\s*["']?(?<v>\S+?)["']?(?=[\s,;]|[.](?:\s|$)|$)/giu;

/**
 * Replaces personal data by placeholders. The same value gets the same placeholder, so that the text stays readable; a name is
 * replaced wherever it stands again, its parts too.
 */
export function redact(text: string, kinds: readonly EntityKind[] = PERSONAL): Redacted {
  const entities = findEntities(text);
  const wanted: { start: number; end: number; kind: string; entity: Entity }[] = [];
  const take = (start: number, end: number, kind: string, entity: Entity) => {
    if (!wanted.some((other) => start < other.end && end > other.start)) wanted.push({ start, end, kind, entity });
  };
  for (const entity of entities) {
    if (kinds.includes(entity.kind)) take(entity.start, entity.end, entity.kind, entity);
    else if (entity.kind === 'date' && BIRTH.test(text.slice(Math.max(0, entity.start - 40), entity.start))) {
      take(entity.start, entity.end, 'birth-date', entity);
    }
  }
  for (const match of text.matchAll(SECRET)) {
    const value = match.groups?.['v'] ?? '';
    const start = match.index + match[0].lastIndexOf(value);
    const entity: Entity = {
      kind: 'identity-number',
      text: value,
      start,
      end: start + value.length,
      value,
      score: 0.8,
    };
    take(start, start + value.length, 'secret', entity);
  }
  if (kinds.includes('person')) {
    for (const { text: name } of wanted.filter(({ kind }) => kind === 'person').map(({ entity }) => entity)) {
      for (const part of [name, ...name.split(/\s+/).filter((word) => word.length > 2 && /^\p{Lu}/u.test(word))]) {
        const escaped = part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
        for (const match of text.matchAll(
          new RegExp(String.raw`(?<![\p{L}\p{N}@.])${escaped}(?![\p{L}\p{N}@])`, 'gu'),
        )) {
          const [start, end] = [match.index, match.index + match[0].length];
          take(start, end, 'person', { kind: 'person', text: match[0], start, end, value: name, score: 0.8 });
        }
      }
    }
  }
  wanted.sort((a, b) => a.start - b.start);
  const numbers = new Map<string, string>();
  const counts = new Map<string, number>();
  let result = '';
  let at = 0;
  const found = wanted.map(({ start, end, kind, entity }) => {
    const key = `${kind} ${kind === 'person' ? personKey(entity.value, wanted) : entity.value}`;
    let placeholder = numbers.get(key);
    if (placeholder === undefined) {
      const count = (counts.get(kind) ?? 0) + 1;
      counts.set(kind, count);
      placeholder = `[${kind.toUpperCase().replaceAll('-', '_')}_${count}]`;
      numbers.set(key, placeholder);
    }
    result += text.slice(at, start) + placeholder;
    at = end;
    return { ...entity, placeholder };
  });
  return { text: result + text.slice(at), found };
}

/** "Ms Keller" is the Anna Keller of the line before. */
function personKey(name: string, wanted: readonly { readonly kind: string; readonly entity: Entity }[]): string {
  const full = wanted
    .filter(({ kind }) => kind === 'person')
    .map(({ entity }) => entity.value)
    .filter((other) => other.split(/\s+/).includes(name))
    .sort((a, b) => b.length - a.length)[0];
  return full ?? name;
}
