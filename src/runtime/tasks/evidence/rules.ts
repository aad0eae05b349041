import type { Embedder } from '../../experts/index.ts';
import { sentencesOf } from '../text/sentences.ts';
import { cosine } from '../text/summary.ts';

/** Something a text must or must not say. */
export interface TextRule {
  readonly id: string;
  readonly text: string;
  readonly kind?: 'require' | 'forbid';
  /** Sentences that do what the rule speaks of. */
  readonly examples?: readonly string[];
  /** Words that settle it: regular expressions, without regard to case. */
  readonly patterns?: readonly string[];
}

export interface RuleVerdict {
  readonly id: string;
  readonly rule: string;
  readonly kind: 'require' | 'forbid';
  readonly isMet: boolean;
  readonly score: number;
  /** The sentence that breaks a ban, or that satisfies a demand; null: there is none. */
  readonly evidence: { readonly quote: string; readonly start: number; readonly end: number } | null;
}

const FORBIDS =
  /\b(?:must|may|shall|should|can)\s*(?:not|n't)\b|\bcannot\b|\bnever\b|\bno\b|\bdo(?:es)? not\b|\bdon't\b|\bavoid\b|\bprohibit\w*|\bforbid\w*|\bforbidden\b|\bban(?:ned)?\b/i;
const NEGATED = /\b(?:not|never|no|cannot|can't|won't|don't|doesn't|isn't|aren't|nor|neither|without)\b/i;

/** Rules as records, or one a line. */
export function toRules(value: unknown): TextRule[] {
  const list = typeof value === 'string' ? value.split('\n') : Array.isArray(value) ? value : [];
  return list.flatMap((item: unknown, index) => {
    if (typeof item === 'string') {
      const text = item.replace(/^\s*(?:[-*•]|\d+[.)])\s*/, '').trim();
      return text === '' ? [] : [{ id: `rule-${index + 1}`, text }];
    }
    const rule = (item ?? {}) as Partial<TextRule> & { readonly rule?: unknown; readonly description?: unknown };
    const text = rule.text ?? rule.rule ?? rule.description;
    return typeof text === 'string' ? [{ ...rule, id: String(rule.id ?? `rule-${index + 1}`), text }] : [];
  });
}

/** "The text must not promise guaranteed returns" → "promise guaranteed returns". */
function coreOf(text: string): string {
  return text
    .replace(
      /^(?:the|every|each|any|a|an|all)\s+(?:\w+\s){1,3}(?=must|may|shall|should|has to|needs? to|never|cannot|do)/i,
      '',
    )
    .replace(
      /^(?:(?:must|may|shall|should|can|has to|have to|needs? to|do|does|is|are)\s*(?:not|never)?|cannot|never|avoid|no|include|state|mention|contain|provide|name|give|say)\s+/i,
      '',
    )
    .replace(
      /^(?:not\s+)?(?:be\s+)?(?:include|state|mention|contain|provide|name|give|say|promise|claim|use|ask for)\s+(?:that\s+|any\s+|a\s+|an\s+|the\s+)?/i,
      (verb) => (/promise|claim|use|ask/.test(verb) ? verb : ''),
    );
}

/** Things that rules speak of and that have a form: where a rule names the thing, its form in a sentence settles it. */
const CONCEPTS: readonly (readonly [named: RegExp, form: RegExp])[] = [
  [
    /\b(?:prices?|costs?|fees?|salar(?:y|ies)|wages?|amounts?|deposit|compensation|how much)\b/i,
    /[$€£]\s?\d|\d[\d.,]*\s?(?:[$€£]|euros?|dollars?|pounds?|EUR|USD|GBP|CHF)|\bfree of charge\b|\b(?:entrance|entry|admission|parking|delivery|shipping|it) (?:is|are) free\b|\bgratis\b|\b(?:\w+) (?:months?'?|weeks?'?) (?:rent|salary|pay)\b/iu,
  ],
  [
    /\b(?:dates?|deadlines?|when|day of)\b/i,
    /\b\d{1,2}(?:st|nd|rd|th|\.)?\s(?:january|february|march|april|may|june|july|august|september|october|november|december)|\b\d{4}-\d{2}-\d{2}\b|\b\d{1,2}[./]\d{1,2}[./]\d{2,4}\b|\b(?:january|february|march|april|may|june|july|august|september|october|november|december)\s\d{1,2}\b|\bwithin \d+ (?:working |business )?(?:days|weeks)/iu,
  ],
  [
    /\b(?:notice period|period of notice|how to cancel|cancellation)\b/i,
    /\bnotice\b|\bcancel\w*\b.*\b(?:days?|weeks?|months?)\b|\b(?:days?|weeks?|months?)'?\s(?:written\s)?notice\b/iu,
  ],
  [/\b(?:phone|telephone)\b/i, /(?:\+|\b)\(?\d[\d\s()/.-]{5,}\d\b/u],
  [
    /\bweights?\b|\bnet (?:quantity|contents?)\b/i,
    /\b\d+(?:[.,]\d+)?\s?(?:m?g|kg|kilos?|grams?|m?l|litres?|oz|ounces|lbs?|pounds)\b/iu,
  ],
  [/\b(?:place|location|venue|where)\b/i, /\b(?:in|at|our)\s(?:the\s)?\p{Lu}[\p{L}'-]+/u],
  [/\b(?:interest|apr|rates?|percent\w*)\b/i, /\d+(?:[.,]\d+)?\s?(?:%|percent\b)/iu],
  [/\b(?:opening hours|hours|time of)\b/i, /\b\d{1,2}(?:[:.]\d{2})?\s?(?:am|pm|o'clock|h\b)|\b\d{1,2}:\d{2}\b/iu],
  [
    /\b(?:passwords?|credentials)\b/i,
    /\bpass(?:word|code)s?\b[^.\n]{0,25}[:=]|\bpassword (?:is|for)\b|\b(?:admin|root|user)\s?\/\s?\S+/iu,
  ],
  [
    /\b(?:contact|e-?mail|reach)\b/i,
    /[\w.+-]+@[\w-]+\.\w+|\b(?:call|phone|tel)\w*\b[^.\n]{0,30}\d{3}|\+\d{1,3}[\s\d()-]{7,}/iu,
  ],
  [/\bapolog\w*|\bsorry\b/i, /\b(?:sorry|apolog\w+|regret)\b/iu],
  [
    /\bage\b|\bhow old\b/i,
    /\b(?:young|under|over|below|older|younger|aged?|between)\b[^.]{0,15}\b(?:\d{2}|person|people)\b|\b\d{2}\s?(?:years|-year)/iu,
  ],
  [/\b(?:religion|faith|confession)\b/i, /\b(?:religio\w+|church|faith|confession|christian|muslim|jewish|hindu)\b/iu],
  [/\b(?:pregnan\w+|children|family plans)\b/i, /\b(?:pregnan\w+|children|kids|family plan\w*)\b/iu],
  [
    /\ballergens?\b|\ballerg/i,
    /\b(?:contains?|traces of|allerg\w+)\b[^.]*\b(?:nuts?|peanuts?|milk|eggs?|wheat|gluten|soy|soya|fish|sesame|celery|mustard|shellfish|lactose|almonds?)\b|\ballergens?\b/iu,
  ],
  [
    /\b(?:cure|heal|health claim|disease|treat)/i,
    /\b(?:cures?|heals?|treats?|prevents?|reverses?)\s(?:\w+\s){0,2}\w+/iu,
  ],
  [/\b(?:warranty|guarantee period)\b/i, /\b(?:warranty|guarantee)\b/iu],
  [
    /\b(?:unsubscribe|opt out|object)\b/i,
    /\bunsubscrib\w+|\bopt[- ]?out|\breply stop\b|\bobject to\b|\bno longer (?:wish|want)\b/iu,
  ],
  [/\b(?:risk|can fall|lose value|loss)\b/i, /\b(?:at risk|risks?\b|lose|losses|loss of|go down|can fall|may fall)/iu],
  [/\b(?:refund|money back)\b/i, /\b(?:refund\w*|money back)\b/iu],
];

function conceptsOf({ text, examples }: TextRule): RegExp[] {
  // Whoever gives examples has said what is meant.
  return (examples?.length ?? 0) > 0 ? [] : CONCEPTS.filter(([named]) => named.test(text)).map(([, form]) => form);
}

/** Holds a text against rules and shows the sentence each verdict rests on. */
export async function checkRules(
  text: string,
  rules: readonly TextRule[],
  embedder: Embedder,
  signal: AbortSignal,
): Promise<RuleVerdict[]> {
  const sentences = sentencesOf(text);
  const probes = rules.flatMap((rule) =>
    [coreOf(rule.text), ...(rule.examples ?? [])].map((probe) => ({ rule, probe })),
  );
  const vectors = await embedder.embed(
    [...sentences.map(({ text: said }) => said), ...probes.map(({ probe }) => probe)],
    signal,
  );
  return rules.map((rule) => {
    const kind = rule.kind ?? (FORBIDS.test(rule.text) ? 'forbid' : 'require');
    // With examples to compare, near means near; the bare words of a rule are farther from what breaks it.
    const hasExamples = (rule.examples?.length ?? 0) > 0;
    const threshold = hasExamples ? (kind === 'forbid' ? 0.68 : 0.52) : 0.42;
    const patterns = [...(rule.patterns ?? []).map((pattern) => new RegExp(pattern, 'iu')), ...conceptsOf(rule)];
    const scored = sentences.map((sentence, at) => {
      const isHit = patterns.some((pattern) => {
        const hit = pattern.exec(sentence.text);
        if (hit === null || kind === 'require') return hit !== null;
        // "Is never passed on" denies what "passed on" says; "cannot lose" is what it looks for.
        const end = hit.index + (NEGATED.test(pattern.source) ? 0 : hit[0].length);
        return !NEGATED.test(sentence.text.slice(Math.max(0, hit.index - 25), end));
      });
      if (isHit) return { sentence, score: 1 };
      // "Dear investor." is near to much that is said of investments, and says nothing.
      if ((sentence.text.match(/\p{L}+/gu)?.length ?? 0) < 3) return { sentence, score: 0 };
      const isTurned = NEGATED.test(sentence.text);
      const own = probes.flatMap(({ rule: of, probe }, index) =>
        // "We do not sell your data" is near to "We sell your data", and its opposite.
        of !== rule || (kind === 'forbid' && NEGATED.test(probe) !== isTurned)
          ? []
          : [vectors[sentences.length + index]],
      );
      const vector = vectors[at];
      const score = Math.max(
        0,
        ...own.map((other) => (vector === undefined || other === undefined ? 0 : cosine(vector, other))),
      );
      return { sentence, score };
    });
    const best = scored.reduce<(typeof scored)[number] | undefined>(
      (a, b) => (a === undefined || b.score > a.score ? b : a),
      undefined,
    );
    const isFound = best !== undefined && best.score >= threshold;
    const { sentence, score } = best ?? { sentence: undefined, score: 0 };
    const evidence =
      isFound && sentence !== undefined ? { quote: sentence.text, start: sentence.start, end: sentence.end } : null;
    return { id: rule.id, rule: rule.text, kind, isMet: kind === 'require' ? isFound : !isFound, score, evidence };
  });
}
