/** A text as a reader sees it, and where each of its signs stands in the original. */
export interface ReadableText {
  readonly text: string;
  /** The place in the original, in UTF-16 units, of a place in the readable text. */
  readonly placeOf: (place: number) => number;
}

/** Cyrillic and Greek letters that look like Latin ones. */
const LOOK_ALIKES: Readonly<Record<string, string>> = Object.fromEntries(
  'аaеeоoрpсcуyхxіiјjѕsԁdһhгrАAВBЕEКKМMНHОOРPСCТTХXІIЈJЅSУYαaοoνvρpιiΑAΒBΕEΖZΗHΙIΚKΜMΝNΟOΡPΤTΥYΧX'
    .match(/../gu)
    ?.map((pair) => [pair[0] ?? '', pair[1] ?? '']) ?? [],
);

/** What nobody sees: joiners, marks of direction, soft hyphens, tags, selectors. */
const HIDDEN =
  /[\u00ad\u061c\u180e\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]|\u034f|\u200d|[\ufe00-\ufe0f]|[\u{e0000}-\u{e00ff}]|[\u{e0100}-\u{e01ef}]/u;
/** What has a plain twin: wide and mathematical letters, figures of other scripts, blanks and hyphens of other kinds. */
const STYLED =
  /[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000\u2010-\u2012\u2212\ufe63\uff01-\uff5e\u0660-\u0669\u06f0-\u06f9\u0966-\u096f\u{1d400}-\u{1d7ff}\u2460-\u2468]/u;
const ANY = new RegExp(`${HIDDEN.source}|${STYLED.source}`, 'u');
const MIXED =
  /\p{Script=Latin}[\p{L}\p{M}]*[\p{Script=Cyrillic}\p{Script=Greek}]|[\p{Script=Cyrillic}\p{Script=Greek}][\p{L}\p{M}]*\p{Script=Latin}/u;

/**
 * Takes out what cannot be seen and writes plainly what is written to look like something else ("p\u0430ssword" with a Cyrillic а), so that a rule
 * reads what a person reads. Words that are wholly of another script stay as they are.
 */
export function readable(text: string): ReadableText {
  if (!ANY.test(text) && !MIXED.test(text)) return { text, placeOf: (place) => place };
  const places: number[] = [];
  let plain = '';
  let at = 0;
  for (const sign of text) {
    const shown = HIDDEN.test(sign) ? '' : STYLED.test(sign) ? plainOf(sign) : sign;
    for (let unit = 0; unit < shown.length; unit++) places.push(at + Math.min(unit, sign.length - 1));
    plain += shown;
    at += sign.length;
  }
  places.push(text.length);
  const unmixed = plain.replace(/[\p{L}\p{M}]+/gu, (word) =>
    MIXED.test(word) ? word.replace(/[\u0370-\u03ff\u0400-\u052f]/g, (letter) => LOOK_ALIKES[letter] ?? letter) : word,
  );
  return { text: unmixed, placeOf: (place) => places[place] ?? text.length };
}

function plainOf(sign: string): string {
  if (/\p{Zs}/u.test(sign)) return ' ';
  if (/[\u2010-\u2012\u2212\ufe63]/.test(sign)) return '-';
  const code = sign.codePointAt(0) ?? 0;
  // Figures of other scripts stand ten in a row, from nought on.
  for (const nought of [0x660, 0x6f0, 0x966]) if (code >= nought && code < nought + 10) return String(code - nought);
  return sign.normalize('NFKC');
}
