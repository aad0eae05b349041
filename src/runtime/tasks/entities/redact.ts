import { readable } from '../text/index.ts';
import { type Entity, type EntityKind, findEntities } from './find-entities.ts';

/** What says who somebody is. */
export const PERSONAL: readonly EntityKind[] = [
  'person',
  'email',
  'phone',
  'handle',
  'iban',
  'card',
  'bank-account',
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
  /(?:\bborn(?: on)?|date of birth|\bdob|d\.o\.b\.?|birthday|birth date|geboren(?: am)?|\bgeb\.?(?: am)?|geburtsdatum|\*|née?(?: le)?|date de naissance|fecha de nacimiento|nacid[oa](?: el)?|nat[oa] il|data di nascita|data de nascimento|nascid[oa] (?:a|em)|geboren op|geboortedatum|född|født|urodzon[ya]|\bur\.)\s*(?:is|was|:|\()?\s*$/iu;
/** What stands behind these words is a secret whatever it looks like. */
const SECRET =
  /(?:password|passwort|kennwort|pass ?phrase|mot de passe|contraseña|clave|senha|palavra-passe|wachtwoord|hasło|parola|lösenord|adgangskode|\bpin(?: code)?|passcode|secret(?:[ _-]?(?:access[ _-]?)?key)?|(?:api|access|private|account|auth|encryption)[ _-]?key|token|(?:pass|pwd)(?==)|security code|cvv|cvc)\s*(?:is|was|ist|est|es|è|é|=|:)\s*["'`]?(?<v>\S+?)["'`]?(?=[\s,;]|[.!?](?:\s|$)|$)|\b(?:pin|cvv2?|cvc2?)\s+(?<n>\d{3,6})\b|\b(?:password|passwort|kennwort|contraseña|wachtwoord)\s+(?<w>(?=\S*[\d!@#$%^&*])\S{5,}?)(?=[\s,;]|[.?](?:\s|$)|$)/giu;
/** Secrets that say themselves what they are: keys of services, signed tokens, private keys, wallets. */
const KEY =
  /\b(?:AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|sk-[A-Za-z0-9_-]{16,}|xox[abprs]-[A-Za-z0-9-]{10,}|AIza[\w-]{30,}|glpat-[\w-]{16,}|eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]+|0x[0-9a-fA-F]{40}|bc1[a-z0-9]{20,60})\b|(?<=:\/\/)[^\s/:@]+:[^\s/@]+(?=@)|-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----/gu;

/**
 * Replaces personal data by placeholders. The same value gets the same placeholder, so that the text stays readable; a name is
 * replaced wherever it stands again, its parts too.
 */
export function redact(original: string, kinds: readonly EntityKind[] = PERSONAL): Redacted {
  // What hides behind signs that nobody sees, or is written in letters of another script, is found as well.
  const { text, placeOf } = readable(original);
  const entities = findEntities(text, [], true);
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
  const secret = (value: string, start: number) => {
    const end = start + value.length;
    // A key that looks like something else as well is a key.
    for (let at = wanted.length - 1; at >= 0; at--) {
      const other = wanted[at];
      if (other !== undefined && start < other.end && end > other.start) wanted.splice(at, 1);
    }
    take(start, end, 'secret', { kind: 'identity-number', text: value, start, end, value, score: 0.8 });
  };
  for (const match of text.matchAll(SECRET)) {
    const value = match.groups?.['v'] ?? match.groups?.['n'] ?? match.groups?.['w'] ?? '';
    secret(value, match.index + match[0].lastIndexOf(value));
  }
  for (const match of text.matchAll(KEY)) secret(match[0], match.index);
  const names = new Map<string, string>();
  for (const { kind, entity } of wanted) {
    if (kind !== 'person') continue;
    const parts = entity.text.split(/\s+/).filter((word) => word.length > 2 && /^\p{Lu}/u.test(word));
    for (const part of [entity.text, ...parts]) if (!names.has(part)) names.set(part, entity.text);
  }
  if (names.size > 0) {
    // All of them in one pass: a long text may name thousands.
    const any = [...names.keys()]
      .sort((x, y) => y.length - x.length)
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('|');
    for (const match of text.matchAll(new RegExp(String.raw`(?<![\p{L}\p{N}@.])(?:${any})(?![\p{L}\p{N}@])`, 'gu'))) {
      const [start, end] = [match.index, match.index + match[0].length];
      const value = names.get(match[0]) ?? match[0];
      take(start, end, 'person', { kind: 'person', text: match[0], start, end, value, score: 0.8 });
    }
  }
  wanted.sort((a, b) => a.start - b.start);
  const personKey = personKeys(wanted.flatMap(({ kind, entity }) => (kind === 'person' ? [entity.value] : [])));
  const numbers = new Map<string, string>();
  const counts = new Map<string, number>();
  let result = '';
  let at = 0;
  const found = wanted.map(({ start: from, end: to, kind, entity }) => {
    const [start, end] = [placeOf(from), placeOf(to)];
    const key = `${kind} ${kind === 'person' ? personKey(entity.value) : entity.value}`;
    let placeholder = numbers.get(key);
    if (placeholder === undefined) {
      const count = (counts.get(kind) ?? 0) + 1;
      counts.set(kind, count);
      placeholder = `[${kind.toUpperCase().replaceAll('-', '_')}_${count}]`;
      numbers.set(key, placeholder);
    }
    result += original.slice(at, start) + placeholder;
    at = end;
    return { ...entity, text: original.slice(start, end), start, end, placeholder };
  });
  return { text: result + original.slice(at), found };
}

/** "Ms Keller" is the Anna Keller of the line before: each name, and the longest that holds it. */
function personKeys(names: readonly string[]): (name: string) => string {
  const holders = new Map<string, string>();
  for (const name of names) {
    for (const word of [name, ...name.split(/\s+/)]) {
      if (name.length > (holders.get(word)?.length ?? 0)) holders.set(word, name);
    }
  }
  return (name) => holders.get(name) ?? name;
}
