import { ADDRESS_RULES } from './address-rules.ts';
import { findMoney } from './amounts.ts';
import { isCardNumber, isIban } from './checksums.ts';
import { findDates } from './dates.ts';
import { type EntityKind, type EntityRule, hasDigits } from './entity-rule.ts';
import { HANDLE_RULES, IDENTITY_RULES } from './identity-rules.ts';
import { COMPANY_ENDINGS, PLACES } from './names.ts';
import { CAPITAL, LIKELY_NAME, LONE_NAME, PERSON_RULES } from './person-rules.ts';

export type { EntityKind } from './entity-rule.ts';

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

const CODE = String.raw`(?=[A-Z0-9/-]*\d)[A-Z0-9]+(?:[-/][A-Z0-9]+)*`;

/** In order of trust: what an earlier rule took, a later one does not get. */
const FORMS: readonly EntityRule[] = [
  { kind: 'email', pattern: /(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}/gu, score: 0.99 },
  // Written so that machines do not find them: "anna (at) mail dot org", "anna [at] mail [dot] org", "anna at mail punkt org".
  {
    kind: 'email',
    pattern:
      /(?<![\w.+-])[\w.+-]{1,64}\s?(?:[([{<]\s?(?:at|@|arroba|chiocciola|æt)\s?[)\]}>]|\s(?:AT|arroba|chiocciola)\s)\s?[\w-]{1,63}(?:\s?(?:\.|[([{<]\s?(?:dot|punkt|point|punto|ponto|\.)\s?[)\]}>]|\s(?:dot|DOT|punkt|point|punto|ponto)\s)\s?[\w-]{2,63}){1,4}|(?<![\w.+-])[\w.+-]{1,64}\sat\s[\w-]{1,63}(?:\s(?:dot|punkt|punto|ponto)\s[\w-]{2,63}){1,4}/gu,
    score: 0.9,
  },
  { kind: 'url', pattern: /\b(?:https?:\/\/|www\.)[^\s<>"')\]]+/giu, score: 0.99 },
  {
    kind: 'iban',
    pattern: /\b[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{4}){2,7}(?:[ -]?[A-Z0-9]{1,3})?\b/gu,
    score: 0.99,
    accept: isIban,
  },
  { kind: 'card', pattern: /\b(?:\d[ -]?){12,18}\d\b/gu, score: 0.97, accept: isCardNumber },
  {
    kind: 'ip',
    pattern:
      /(?<!\b(?:version|release|build|firmware|ver\.?|v) ?)\b(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)\b/gu,
    score: 0.95,
  },
];

/** Numbers of business, by the word before them. */
const NUMBERS: readonly EntityRule[] = [
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
];

const LATE_RULES: readonly EntityRule[] = [
  { kind: 'percent', pattern: /[-+]?\d+(?:[.,]\d+)?\s?(?:%|percent\b)/giu, score: 0.95 },
  {
    kind: 'phone',
    pattern:
      /(?<![\w.,-])(?:\+|00)\d{1,3}[\s().-]*(?:\d[\s().-]*){6,12}\d\b|(?<![\w.,-])\(?0\d{1,5}\)?[\s/.-]+(?:\d[\s.-]*){4,9}\d\b|(?<![\w.,-])\(?\d{3}\)?[\s.-]\d{3}[\s.-]\d{4}\b|\b(?:phone|tel|mobile|mob|call|cell|fax|whatsapp|telefon|handy|mobil|rufnummer|téléphone|portable|móvil|telefono|teléfono|cellulare|telemóvel|telefone|celular|gsm|komórka)\w*\.?\s*(?:me|us|number|no\.?|nr\.?|on|at|is|ist|est|es|[:.])*\s*(?<v>\+?\(?\d(?:[\s()./-]{0,2}\d){5,14})|(?<![\w.,-])1-\d{3}-\d{3}-\d{4}\b|(?<!\d)1[3-9]\d{9}(?!\d)/giu,
    score: 0.9,
  },
];

const ORGANISATION: EntityRule = {
  kind: 'organisation',
  pattern: new RegExp(
    String.raw`(?:\p{Lu}[\p{L}\d&'’.-]*\s+(?:(?:&|and|of|und)\s+)?){1,4}(?:${COMPANY_ENDINGS})(?![\p{L}])\.?`,
    'gu',
  ),
  score: 0.9,
  accept: (text) => !/^(?:The|A|An|Our|Your|My|This|Dear)\s\w+$/.test(text),
};

/** "University of Oslo", "Ministère de la Santé", "Museum of Modern Art". */
const INSTITUTION: EntityRule = {
  kind: 'organisation',
  pattern:
    /(?<![\p{L}])(?:(?:University|College|Ministry|Bank|Museum|Institute|Department|Academy|Bureau|Council|Embassy|Church|Hospital|School)\sof|Universit(?:ät|é|à|eit)(?:\s(?:de|di|zu|van))?|Universidad de|Ministère (?:de la|du|des)|Ministerio de|Ministero della?|Stadtwerke|Volksbank|Sparkasse|Banque|Banco|Banca)\s(?:the\s)?\p{Lu}[\p{L}-]+(?:\s\p{Lu}[\p{L}-]+){0,2}/gu,
  score: 0.85,
};

/** Things whose names are known everywhere, with the model behind. */
const KNOWN_PRODUCT: EntityRule = {
  kind: 'product',
  pattern:
    /(?<![\p{L}\d])(?:iPhone|iPad|iMac|MacBook|AirPods|Apple Watch|Galaxy [A-Z]\d+|Pixel \d|PlayStation|Xbox|Nintendo Switch|Kindle|Chromebook|ThinkPad|Surface (?:Pro|Go)|GoPro|Echo Dot|Fire TV|Model [3SXY](?=\b)|Thermomix|Roomba)(?:\s(?:Pro|Max|Mini|Plus|Ultra|Air|SE|Lite|OLED|Series [A-Z]|\d{1,4}[a-z]?)(?![\p{L}]))*/gu,
  score: 0.8,
};

/** "AirLoop", "SmartMug 2": two words grown together name things that are sold; people's "McDonald" and "DeVito" are not meant. */
const GROWN_PRODUCT: EntityRule = {
  kind: 'product',
  pattern:
    /(?<![\p{L}\d@/.])(?!(?:Mc|Mac|De|Di|Du|La|Le|Van|Von|Fitz|Mrs?|Dr|Ph)\p{Lu})\p{Lu}\p{Ll}+\p{Lu}\p{Ll}+(?:\s\d{1,4})?(?![\p{L}\d@/])/gu,
  score: 0.6,
};

/**
 * Entities by rules: what has a form (dates, money, numbers, addresses), and names by what stands around them. No model is asked,
 * so that the same text always gives the same answer.
 *
 * @param products Names to be found as products, as the catalogue writes them.
 * @param isEager Takes for a person what may be one.
 */
export function findEntities(text: string, products: readonly string[] = [], isEager = false): Entity[] {
  const found: Entity[] = [];
  const take = (entity: Entity) => {
    if (!found.some((other) => entity.start < other.end && entity.end > other.start)) found.push(entity);
  };
  const apply = (rules: readonly EntityRule[]) => {
    for (const { kind, pattern, score, accept } of rules) {
      for (const match of text.matchAll(pattern)) {
        const part = match.groups?.['v'] ?? match[0];
        // A rule that only looks ahead matches nothing itself.
        const start = match.index + Math.max(0, match[0].lastIndexOf(part));
        // "s.r.o." ends in a full stop of its own.
        const end = /\.\s?\p{L}{1,2}\.$/u.test(part) ? /[\s,;:]+$/ : /[\s.,;:]+$/;
        const trimmed = part.replace(end, '').replace(kind === 'person' ? /['’]s?$/ : /$^/, '');
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
  apply([...FORMS.filter(({ kind }) => kind === 'email'), ...HANDLE_RULES, ...FORMS, ...IDENTITY_RULES, ...NUMBERS]);
  for (const { text: part, start, end, iso } of findDates(text))
    take({ kind: 'date', text: part, start, end, value: iso, score: 0.95 });
  for (const { text: part, start, end, amount, currency } of findMoney(text)) {
    take({ kind: 'money', text: part, start, end, value: `${amount} ${currency}`, score: 0.95 });
  }
  apply([
    ...LATE_RULES,
    ...ADDRESS_RULES,
    ORGANISATION,
    INSTITUTION,
    KNOWN_PRODUCT,
    ...PERSON_RULES,
    LONE_NAME,
    ...(isEager ? [LIKELY_NAME] : []),
    GROWN_PRODUCT,
  ]);
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
