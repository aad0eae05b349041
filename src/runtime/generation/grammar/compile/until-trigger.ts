import type { Automaton } from './automaton.ts';
import { ANY } from './code-points.ts';
import { characters, choice, literal, repeat, sequence } from './expression.ts';
import { languageOf, subtract } from './languages.ts';

/**
 * Text in which none of the triggers occurs (`free`), and text that ends with the first trigger in it (`untilTriggered`).
 */
export function untilTrigger(triggers: readonly string[]): { free: Automaton; untilTriggered: Automaton } {
  const any = repeat(characters(ANY), 0);
  const trigger = choice(triggers.map(literal));
  const all = languageOf(any);
  const holding = languageOf(sequence(any, trigger, any));
  const ending = languageOf(sequence(any, trigger));
  // What ends with a trigger and holds none before its last character.
  const later = languageOf(sequence(any, trigger, any, characters(ANY)));
  return { free: subtract(all, holding), untilTriggered: subtract(ending, later) };
}
