import type { ComponentChildren } from 'preact';
import { TEXT } from '../text.ts';

/**
 * Characters that a reader cannot see and a model can: tags (a whole alphabet), variation selectors used as one, zero-width
 * and soft hyphens, invisible operators, and controls that turn the direction of text around (CVE-2021-42574).
 */
const HIDDEN =
  // biome-ignore lint/suspicious/noMisleadingCharacterClass: single code points are looked for, not what they compose
  /[\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}]|\u034f|\u200c|\u200d/gu;

/** England, Scotland and Wales are written as a black flag with tags: those are pictures, not hidden words. */
const FLAG = /\u{1f3f4}[\u{e0061}-\u{e007a}]{2,6}\u{e007f}/gu;

/** Joiners belong between the letters of many scripts and the parts of an emoji; between Latin letters they hide something. */
const JOINED =
  /[\p{Script=Arabic}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Gujarati}\p{Script=Gurmukhi}\p{Script=Kannada}\p{Script=Khmer}\p{Script=Malayalam}\p{Script=Mongolian}\p{Script=Oriya}\p{Script=Sinhala}\p{Script=Syriac}\p{Script=Tamil}\p{Script=Telugu}\p{Extended_Pictographic}\p{Emoji_Modifier}]|\ufe0f/u;

/** The text itself where all of it can be seen; else with each hidden character drawn as its number. */
export function visibleText(text: string): ComponentChildren {
  if (text.search(HIDDEN) < 0) return text;
  const flags = [...text.matchAll(FLAG)].map(({ index, 0: flag }) => [index, index + flag.length] as const);
  const parts: ComponentChildren[] = [];
  let shown = 0;
  for (const { index, 0: character } of text.matchAll(HIDDEN)) {
    if (isHarmless(text, index, character, flags)) continue;
    const name = `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
    parts.push(
      text.slice(shown, index),
      <span class="hidden-character" title={TEXT.answer.hidden}>
        {name}
      </span>,
    );
    shown = index + character.length;
  }
  if (parts.length === 0) return text;
  return [...parts, text.slice(shown)];
}

function isHarmless(
  text: string,
  index: number,
  character: string,
  flags: readonly (readonly [number, number])[],
): boolean {
  if (flags.some(([start, end]) => index >= start && index < end)) return true;
  // One at the very start is a mark of the file's encoding.
  if (character === '\ufeff') return index === 0;
  if (character === '\u200c' || character === '\u200d') {
    return JOINED.test(before(text, index)) || JOINED.test(text.slice(index + 1, index + 3));
  }
  // One selector after an ideograph chooses its shape; two make an alphabet.
  if (/[\u{e0100}-\u{e01ef}]/u.test(character)) return /\p{Script=Han}/u.test(before(text, index));
  return false;
}

/** The character before a place, both halves of it. */
function before(text: string, index: number): string {
  return [...text.slice(Math.max(0, index - 2), index)].at(-1) ?? '';
}
