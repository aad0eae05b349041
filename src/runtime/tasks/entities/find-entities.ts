import { findMoney } from './amounts.ts';
import { isCardNumber, isIban } from './checksums.ts';
import { findDates } from './dates.ts';
import { COMPANY_ENDINGS, FIRST_NAMES, PLACES } from './names.ts';

export type EntityKind =
  | 'person'
  | 'organisation'
  | 'place'
  | 'date'
  | 'money'
  | 'percent'
  | 'email'
  | 'phone'
  | 'url'
  | 'iban'
  | 'card'
  | 'ip'
  | 'order-number'
  | 'invoice-number'
  | 'tracking-number'
  | 'identity-number'
  | 'address'
  | 'product';

export interface Entity {
  readonly kind: EntityKind;
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** What it means where that can be computed: an ISO date, an amount with its currency, a number without spaces. */
  readonly value: string;
  /** How sure the rule is, 0 to 1. */
  readonly score: number;
}

interface Rule {
  readonly kind: EntityKind;
  readonly pattern: RegExp;
  readonly score: number;
  /** The part of the match that is meant; absent: the group "v", else all of it. */
  readonly accept?: (text: string, whole: string) => boolean;
}

const CAPITAL = String.raw`\p{Lu}[\p{L}'’-]+`;
const NAME = String.raw`${CAPITAL}(?:[ \t]+(?:van|von|de|da|del|der|di|la|le|al|bin|El)){0,2}(?:[ \t]+(?:${CAPITAL}|\p{Lu}\.)){0,3}`;
const CODE = String.raw`(?=[A-Z0-9/-]*\d)[A-Z0-9]+(?:[-/][A-Z0-9]+)*`;

/** In order of trust: what an earlier rule took, a later one does not get. */
const RULES: readonly Rule[] = [
  { kind: 'email', pattern: /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/gu, score: 0.99 },
  { kind: 'url', pattern: /\b(?:https?:\/\/|www\.)[^\s<>"')\]]+/giu, score: 0.99 },
  {
    kind: 'iban',
    pattern: /\b[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{4}){2,7}(?:[ -]?[A-Z0-9]{1,3})?\b/gu,
    score: 0.99,
    accept: isIban,
  },
  { kind: 'card', pattern: /\b(?:\d[ -]?){12,18}\d\b/gu, score: 0.97, accept: isCardNumber },
  { kind: 'ip', pattern: /\b(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)\b/gu, score: 0.95 },
  {
    kind: 'invoice-number',
    pattern: new RegExp(
      String.raw`\b(?:invoice|inv|rechnung(?:snummer)?|facture|factura|fattura)\s*(?:number|no\.?|nr\.?|num\.?|id|#|n°)*\s*[:#]?\s*(?<v>${CODE})\b`,
      'giu',
    ),
    score: 0.9,
    accept: hasDigits,
  },
  {
    kind: 'order-number',
    pattern: new RegExp(
      String.raw`\b(?:order|purchase order|po|booking|reservation|case|ticket|reference|ref|bestellung|bestellnummer|commande|pedido|ordine|encomenda)\s*(?:number|no\.?|nr\.?|id|#|n°|núm\.?)*\s*[:#]?\s*(?:is\s+)?(?<v>${CODE})\b`,
      'giu',
    ),
    score: 0.9,
    accept: hasDigits,
  },
  { kind: 'order-number', pattern: /\b(?:ORD|PO|SO|REF|BKG)-?[A-Z0-9]*\d[A-Z0-9-]*\b|#\d{4,}\b/gu, score: 0.85 },
  { kind: 'invoice-number', pattern: /\b(?:INV|RE|RG|FAC)-[A-Z0-9-]*\d[A-Z0-9-]*\b/gu, score: 0.85 },
  {
    kind: 'tracking-number',
    pattern:
      /\b(?:tracking|parcel|shipment)\s*(?:number|no\.?|id|code|#)*\s*[:#]?\s*(?<v>[A-Z0-9]{8,30})\b|\b1Z[A-Z0-9]{16}\b/giu,
    score: 0.9,
    accept: hasDigits,
  },
  {
    kind: 'identity-number',
    pattern:
      /\b(?:ssn|social security(?: number)?|passport(?: number| no\.?)?|national id(?:entity)?(?: number)?|id card(?: number)?|driver'?s licen[cs]e(?: number)?|nhs number|tax id(?:entification number)?|steuer-?id|personalausweis(?:nummer)?|insurance number|employee id|patient id|medical record(?: number)?|mrn|nif|dni)\s*(?:is|no\.?|number|[:#])*\s*(?<v>(?=[A-Z0-9/-]*\d)[A-Z0-9][A-Z0-9/-]*(?:[ ]\d[A-Z0-9/-]*)*)/giu,
    score: 0.95,
    accept: hasDigits,
  },
  { kind: 'identity-number', pattern: /\b\d{3}-\d{2}-\d{4}\b/gu, score: 0.9 },
];

const LATE_RULES: readonly Rule[] = [
  { kind: 'percent', pattern: /[-+]?\d+(?:[.,]\d+)?\s?(?:%|percent\b)/giu, score: 0.95 },
  {
    kind: 'phone',
    pattern:
      /(?<![\w.,-])(?:\+|00)\d{1,3}[\s().-]*(?:\d[\s().-]*){6,12}\d\b|(?<![\w.,-])\(?0\d{1,5}\)?[\s/.-]+(?:\d[\s.-]*){4,9}\d\b|(?<![\w.,-])\(?\d{3}\)?[\s.-]\d{3}[\s.-]\d{4}\b|\b(?:phone|tel|mobile|call|cell|whatsapp|telefon|handy)\w*\.?\s*(?:me|us|number|on|at|is|[:.])*\s*(?<v>\+?\d(?:[\s().-]?\d){5,14})/giu,
    score: 0.9,
  },
  {
    kind: 'address',
    pattern: new RegExp(
      String.raw`\b\d{1,5}[a-zA-Z]?,?\s+(?:${CAPITAL}\s+){1,3}(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Court|Ct|Way|Boulevard|Blvd|Place|Pl|Square|Terrace|Close|Crescent|Parkway|Row)\b\.?(?:,?\s+(?:Apt|Apartment|Flat|Suite|Unit)\.?\s*\w+)?(?:,\s*${CAPITAL}(?:\s${CAPITAL})?)?(?:,?\s+(?:[A-Z]{2}\s+\d{5}(?:-\d{4})?|[A-Z]{1,2}\d[A-Z\d]?\s*\d[A-Z]{2}))?`,
      'gu',
    ),
    score: 0.9,
  },
  {
    kind: 'address',
    pattern:
      /\b\p{Lu}[\p{L}-]*(?:straße|strasse|str\.|weg|allee|platz|gasse|laan|straat|gatan)\s+\d{1,4}[a-z]?(?:,\s*\d{4,5}\s+\p{Lu}\p{L}+(?:\s\p{Lu}\p{L}+)?)?|\b\d{1,4},?\s+(?:rue|avenue|boulevard|place)\s+(?:de\s+la\s+|de\s+|du\s+|des\s+)?\p{Lu}[\p{L}'’-]+(?:\s\p{Lu}[\p{L}'’-]+)?(?:,\s*\d{5}\s+\p{Lu}\p{L}+)?|\b(?:Calle|Via|Avenida|Rua|Plaza|Piazza)\s+(?:de\s+|del\s+|della\s+|da\s+)?\p{Lu}[\p{L}'’-]+(?:\s\p{Lu}[\p{L}'’-]+)?,?\s+\d{1,4}(?:,\s*\d{4,5}\s+\p{Lu}\p{L}+)?/gu,
    score: 0.85,
  },
  {
    kind: 'organisation',
    pattern: new RegExp(
      String.raw`(?:\p{Lu}[\p{L}\d&'’.-]*\s+(?:(?:&|and|of|und)\s+)?){1,4}(?:${COMPANY_ENDINGS})(?![\p{L}])\.?`,
      'gu',
    ),
    score: 0.9,
    accept: (text) => !/^(?:The|A|An|Our|Your|My|This|Dear)\s\w+$/.test(text),
  },
  {
    kind: 'person',
    pattern: new RegExp(
      String.raw`\b(?:Mr|Mrs|Ms|Miss|Dr|Prof|Professor|Sir|Madam|Herr|Frau|Monsieur|Madame|Señor|Señora|Sr|Sra)\.?\s+(?<v>${NAME})`,
      'gu',
    ),
    score: 0.95,
  },
  {
    kind: 'person',
    pattern: new RegExp(
      String.raw`(?:[Mm]y name is|[Ii] am called|[Tt]his is|[Nn]ame:|[Pp]atient:?|[Ee]mployee:?|[Cc]ustomer:|[Cc]ontact(?: person)?:|[Aa]ttn:?|[Ss]igned(?: by)?:?|[Dd]ear|[Hh]i|[Hh]ello|[Ii]ch hei(?:ß|ss)e|[Mm]ein Name ist|[Jj]e m['’]appelle|[Mm]e llamo|[Mm]i chiamo|[Mm]eu nome é|[Mm]i nombre es)\s+(?<v>${NAME})`,
      'gu',
    ),
    score: 0.85,
    accept: (text) =>
      !/^(?:[A-Z]{2,4}$|Sir|Madam|Team|Please|Thank|Thanks|The|We|Support|Customer|There|All|Everyone|Order|Invoice|Sales|Service)\b/.test(
        text,
      ),
  },
  {
    kind: 'person',
    pattern: new RegExp(
      String.raw`(?:[Rr]egards|[Ss]incerely|[Cc]heers|[Tt]hanks|[Tt]hank you|[Bb]est wishes|[Gg]r(?:ü|ue)(?:ß|ss)en?|[Cc]ordialement|[Ss]aludos|[Yy]ours(?: truly| faithfully)?)\s*[,!.]?\s*\n+\s*(?<v>${NAME})(?=\s*(?:\n|$))`,
      'gu',
    ),
    score: 0.85,
  },
  {
    kind: 'person',
    pattern: new RegExp(
      String.raw`(?=(?<![\p{L}])(?<v>${CAPITAL}(?:[ \t]+\p{Lu}\.)?(?:[ \t]+(?:van|von|de|da|del|der|di|la|le|al|bin|El)){0,2}[ \t]+${CAPITAL})(?![\p{L}]))`,
      'gu',
    ),
    score: 0.8,
    accept: (text) => {
      const [first = '', ...rest] = text.split(/\s+/);
      return (
        FIRST_NAMES.has(first.toLowerCase()) &&
        !PLACES.has(rest.at(-1) ?? '') &&
        !COMMON.has((rest.at(-1) ?? '').toLowerCase())
      );
    },
  },
];

/** First names that are words, months or places as well. */
const AMBIGUOUS: ReadonlySet<string> = new Set(
  'mark rose grace frank june may will jack dean rich art bill bob sue virginia florence sydney victoria sofia chase jan eve ray drew max hope faith joy dawn amber ruby pearl iris lily alba'.split(
    ' ',
  ),
);

/** Words that follow a first name without being a family name. */
const COMMON: ReadonlySet<string> = new Set([
  'street',
  'road',
  'and',
  'the',
  'is',
  'was',
  'from',
  'bank',
  'university',
  'day',
  'lane',
]);

const LONE_NAME: Rule = {
  kind: 'person',
  pattern: new RegExp(String.raw`(?<![\p{L}])${CAPITAL}(?![\p{L}])`, 'gu'),
  score: 0.6,
  accept: (text) => FIRST_NAMES.has(text.toLowerCase()) && !AMBIGUOUS.has(text.toLowerCase()) && !PLACES.has(text),
};

function hasDigits(text: string): boolean {
  return (text.match(/\d/g)?.length ?? 0) >= 2;
}

/**
 * Entities by rules: what has a form (dates, money, numbers, addresses), and names by what stands around them. No model is asked,
 * so that the same text always gives the same answer.
 *
 * @param products Names to be found as products, as the catalogue writes them.
 */
export function findEntities(text: string, products: readonly string[] = []): Entity[] {
  const found: Entity[] = [];
  const take = (entity: Entity) => {
    if (!found.some((other) => entity.start < other.end && entity.end > other.start)) found.push(entity);
  };
  const apply = (rules: readonly Rule[]) => {
    for (const { kind, pattern, score, accept } of rules) {
      for (const match of text.matchAll(pattern)) {
        const part = match.groups?.['v'] ?? match[0];
        // A rule that only looks ahead matches nothing itself.
        const start = match.index + Math.max(0, match[0].lastIndexOf(part));
        const trimmed = part.replace(/[\s.,;:]+$/, '');
        if (trimmed === '' || accept?.(trimmed, match[0]) === false) continue;
        take({ kind, text: trimmed, start, end: start + trimmed.length, value: meaningOf(kind, trimmed), score });
      }
    }
  };
  for (const product of [...products].sort((a, b) => b.length - a.length)) {
    const escaped = product.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    for (const match of text.matchAll(
      new RegExp(String.raw`(?<![\p{L}\p{N}])${escaped}(?:s|es)?(?![\p{L}\p{N}])`, 'giu'),
    )) {
      take({
        kind: 'product',
        text: match[0],
        start: match.index,
        end: match.index + match[0].length,
        value: product,
        score: 0.95,
      });
    }
  }
  apply(RULES);
  for (const { text: part, start, end, iso } of findDates(text))
    take({ kind: 'date', text: part, start, end, value: iso, score: 0.95 });
  for (const { text: part, start, end, amount, currency } of findMoney(text)) {
    take({ kind: 'money', text: part, start, end, value: `${amount} ${currency}`, score: 0.95 });
  }
  apply([...LATE_RULES, LONE_NAME]);
  for (const match of text.matchAll(new RegExp(String.raw`\b${CAPITAL}(?:\s+${CAPITAL})?`, 'gu'))) {
    for (const part of [match[0], match[0].split(/\s+/)[0] ?? '', match[0].split(/\s+/)[1] ?? '']) {
      if (part === '' || !PLACES.has(part)) continue;
      const start = match.index + match[0].indexOf(part);
      take({ kind: 'place', text: part, start, end: start + part.length, value: part, score: 0.85 });
    }
  }
  return found.sort((a, b) => a.start - b.start);
}

function meaningOf(kind: EntityKind, text: string): string {
  if (kind === 'iban' || kind === 'card') return text.replace(/[ -]/g, '');
  if (kind === 'phone') return text.replace(/[^\d+]/g, '');
  if (kind === 'email') return text.toLowerCase();
  return text.replace(/\s+/g, ' ');
}
