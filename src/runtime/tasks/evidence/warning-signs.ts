import { readable } from '../text/index.ts';

export interface WarningSign {
  readonly id: string;
  readonly reason: string;
  readonly quote: string;
  readonly weight: number;
}

interface Sign {
  readonly id: string;
  readonly reason: string;
  readonly weight: number;
  readonly pattern: RegExp;
}

/** What deceit and advertising look like, and why each counts. */
const SIGNS: readonly Sign[] = [
  {
    id: 'credentials',
    weight: 0.9,
    reason: 'asks for a password, code or account data',
    pattern:
      /\b(?:confirm|verify|update|enter|provide|send|validate|share|reply with)\b[^.!?\n]{0,60}\b(?:password|pin|cvv|card (?:number|details)|account (?:number|details|information)|login|credentials|identity|social security|ssn|bank details|one-?time code|security code|otp|seed phrase|wallet)\b|\b(?:bestätigen|aktualisieren|verifizieren|confirmez|vérifiez|confirme|verifique|confermi)\b[^.!?\n]{0,40}\b(?:daten|kontodaten|passwort|zugangsdaten|données|coordonnées|mot de passe|datos|contraseña|dati|password)\b/i,
  },
  {
    id: 'threat',
    weight: 0.7,
    reason: 'threatens with loss if nothing is done at once',
    pattern:
      /\b(?:account|access|mailbox|card|service|profile|subscription|parcel|package)\b[^.!?\n]{0,50}\b(?:suspended|locked|closed|blocked|deactivated|terminated|limited|restricted|disabled|on hold|returned)\b|\b(?:konto|zugang|karte|compte|cuenta|conto)\b[^.!?\n]{0,40}\b(?:gesperrt|eingeschränkt|suspendu|bloqué|bloqueada?|suspendida?|bloccato|sospeso)\b|\blegal action\b|\barrest(?:ed)?\b|\bwarrant\b/i,
  },
  {
    id: 'urgency',
    weight: 0.4,
    reason: 'presses for time',
    pattern:
      /\b(?:urgent(?:ly)?|immediately|act now|within (?:\d+|twenty-four|24) ?(?:hours?|hrs?|minutes?)|final (?:notice|warning|reminder)|last chance|expires? (?:today|tonight|soon)|before midnight|don'?t (?:wait|delay|miss)|hurry|limited time|only today|right away)\b/i,
  },
  {
    id: 'prize',
    weight: 0.8,
    reason: 'promises a prize or an inheritance',
    pattern:
      /\b(?:congratulations|you(?:'ve| have)? (?:been selected|won)|winner|lottery|jackpot|inheritance|beneficiary|unclaimed (?:funds|money)|claim your (?:prize|reward|gift|bonus)|free (?:iphone|gift card|voucher|cash|spins))\b/i,
  },
  {
    id: 'money-transfer',
    weight: 0.8,
    reason: 'asks for money by a way that cannot be undone',
    pattern:
      /\b(?:gift cards?|western union|moneygram|bitcoin|btc|crypto(?:currency)?|usdt|wire (?:transfer|the|me|\$)|bank transfer|processing fee|release fee|customs fee|small fee|transfer (?:the|of) (?:funds|money|\$))\b/i,
  },
  {
    id: 'fee',
    weight: 1,
    reason: 'wants a fee before something is delivered',
    pattern:
      /\b(?:pay|settle|cover|transfer|bezahlen|zahlen|payer|réglez|pagar|pague)\b[^.!?\n]{0,40}\b(?:fees?|customs|duty|postage|surcharge|gebühr(?:en)?|zollgebühr(?:en)?|frais|droits de douane|tasas?|aduana)\b[^\n]{0,40}(?:\b[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}\/|https?:|\blink\b|\bhere\b|\bhier\b|\bici\b|\baquí\b)|\b(?:parcel|package|delivery|paket|colis|paquete)\b[^.!?\n]{0,40}\b(?:held|stopped|stuck|waiting|angehalten|bloqué|retenido)\b[^\n]{0,80}\b(?:pay|fee|confirm|gebühr|payer|pagar)\b/iu,
  },
  {
    id: 'impersonation',
    weight: 0.6,
    reason: 'claims to be somebody in need or in command',
    pattern:
      /\b(?:this is (?:your )?(?:ceo|boss|director|mum|mom|dad|grandson)|new (?:phone|number)|i'?m in a meeting|keep this (?:between us|confidential)|prince|diplomat|barrister|(?:microsoft|windows|apple|tech) support|irs|hmrc|tax (?:office|authority|refund)|updated (?:our )?bank(?:ing)? details|new bank account)\b/i,
  },
  {
    id: 'gain',
    weight: 0.7,
    reason: 'promises money without work or risk',
    pattern:
      /\b(?:guaranteed (?:returns?|profits?|income|approval|winners?)|double your|risk[- ]free|(?:make|earn)\s+(?:up to\s+)?[$€£]?\s?\d[\d,.]*\s?[$€£k]?\s*(?:a|per|every|\/)\s?(?:day|week|hour|month)|work from home|passive income|no experience|financial freedom|get rich|\d{2,4}% (?:return|profit|roi))\b/i,
  },
  {
    id: 'advertising',
    weight: 0.5,
    reason: 'reads like unasked advertising',
    pattern:
      /\b(?:buy now|order now|click here|shop now|best price|lowest price|% off|special offer|exclusive (?:deal|offer)|unsubscribe|miracle|lose (?:weight|\d+)|viagra|cialis|casino|hot singles|cheap (?:meds|watches|replica)|seo|backlinks|page one|rank(?:ing)? (?:#?1|first)|followers|no obligation|pre-?approved|100% (?:free|satisfaction|natural))\b/i,
  },
  {
    id: 'link',
    weight: 0.4,
    reason: 'leads to an address that hides where it goes',
    pattern:
      /\b(?:bit\.ly|tinyurl|t\.co|goo\.gl|is\.gd|cutt\.ly)\/\S+|https?:\/\/(?:\d{1,3}\.){3}\d{1,3}|https?:\/\/[^\s/]*(?:-(?:secure|login|verify|update|account|support)|(?:secure|login|verify|update)-)[^\s]*|\b[\w-]+\.(?:xyz|top|click|ru|tk|info|biz|win|loan)\b/i,
  },
  { id: 'shouting', weight: 0.25, reason: 'shouts', pattern: /(?:\b[A-Z]{4,}\b[\s!,.]*){3,}|!{2,}|[$€£]{2,}/ },
  {
    id: 'greeting',
    weight: 0.15,
    reason: 'knows no name',
    pattern: /\bdear (?:customer|user|friend|sir\/madam|account holder|beneficiary|winner|valued|client|member)\b/i,
  },
];

/** A word of Latin letters with Cyrillic or Greek ones among them. */
const DISGUISE =
  /(?:\p{Script=Latin}+[\p{Script=Cyrillic}\p{Script=Greek}]+\p{Script=Latin}|[\p{Script=Cyrillic}\p{Script=Greek}]+\p{Script=Latin}+[\p{Script=Cyrillic}\p{Script=Greek}])[\p{L}]*/u;

/** The signs a message bears, each with the words that show it. */
export function warningSigns(text: string): WarningSign[] {
  const { text: seen, placeOf } = readable(text);
  const signs = SIGNS.flatMap(({ id, reason, weight, pattern }) => {
    const match = pattern.exec(seen);
    if (match === null) return [];
    const quote = text.slice(placeOf(match.index), placeOf(match.index + match[0].length));
    return [{ id, reason, weight, quote: quote.trim().slice(0, 160) }];
  });
  const disguised = DISGUISE.exec(text);
  if (disguised === null) return signs;
  const reason = 'writes words with letters of another script that look alike';
  return [...signs, { id: 'disguise', reason, weight: 0.8, quote: disguised[0].slice(0, 160) }];
}

/** What each sign speaks for. */
const FRAUD: ReadonlySet<string> = new Set([
  'credentials',
  'threat',
  'prize',
  'money-transfer',
  'fee',
  'impersonation',
  'link',
  'disguise',
]);
const SPAM: ReadonlySet<string> = new Set(['advertising', 'gain']);

/**
 * Brings the expert's judgement and the signs together: each sign moves the odds by its weight. A message without any sign keeps what
 * the expert says, a little less sure of a bad verdict.
 */
export function screen(
  judged: Readonly<Record<string, unknown>>,
  signs: readonly WarningSign[],
): { label: string; score: number; reasons: string[]; model: string } {
  const scores = Array.isArray(judged['scores']) ? (judged['scores'] as { label: string; score: number }[]) : [];
  const of = (label: string) => Math.max(1e-4, scores.find((score) => score.label === label)?.score ?? 0);
  const weightOf = (group: ReadonlySet<string>) =>
    signs.reduce((sum, { id, weight }) => sum + (group.has(id) ? weight : 0), 0);
  const pressure = signs.reduce((sum, { id, weight }) => sum + (FRAUD.has(id) || SPAM.has(id) ? 0 : weight), 0);
  const odds = {
    fraud: of('fraud') * Math.exp(1.6 * weightOf(FRAUD) + 0.5 * pressure),
    spam: of('spam') * Math.exp(1.6 * weightOf(SPAM) + 0.5 * pressure),
    legitimate: of('legitimate') * Math.exp(signs.length === 0 ? 0.7 : 0),
  };
  const total = odds.fraud + odds.spam + odds.legitimate;
  const [label, score] = Object.entries(odds).sort((a, b) => b[1] - a[1])[0] ?? ['legitimate', 0];
  const reasons =
    label === 'legitimate'
      ? ['it reads like ordinary mail and asks for nothing dangerous']
      : [`its wording is like known ${label}`, ...signs.map(({ reason, quote }) => `${reason}: "${quote}"`)];
  return { label, score: score / total, reasons, model: String(judged['model'] ?? 'rules') };
}
