import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StopMatcher } from './stop-matcher.ts';

function run(stops: readonly string[], parts: readonly string[]): { shown: string[]; isStopped: boolean } {
  const matcher = new StopMatcher(stops);
  const shown: string[] = [];
  let isStopped = false;
  for (const part of parts) {
    const match = matcher.push(part);
    shown.push(match.text);
    isStopped ||= match.isStopped;
  }
  shown.push(matcher.flush());
  return { shown, isStopped };
}

/** The definition, letter by letter and without any holding back. */
function reference(stops: readonly string[], text: string): { text: string; isStopped: boolean } {
  for (let end = 1; end <= text.length; end++) {
    const endings = stops.filter((stop) => stop !== '' && text.slice(0, end).endsWith(stop));
    if (endings.length > 0) {
      return { text: text.slice(0, end - Math.max(...endings.map((stop) => stop.length))), isStopped: true };
    }
  }
  return { text, isStopped: false };
}

describe('StopMatcher', () => {
  it('shows at once what cannot begin a stop string, and holds back what can', () => {
    expect(run(['END'], ['one ', 'E', 'N', 'ough'])).toEqual({
      shown: ['one ', '', '', 'ENough', ''],
      isStopped: false,
    });
  });

  it('never shows a part of a stop string that arrives letter by letter', () => {
    expect(run(['\n\nUser:'], [...'Hi.\n\nUser: more'])).toMatchObject({ isStopped: true });
    expect(run(['\n\nUser:'], [...'Hi.\n\nUser: more']).shown.join('')).toBe('Hi.');
  });

  it('gives back at the end what was held', () => {
    expect(run(['STOP'], ['a ST']).shown.join('')).toBe('a ST');
  });

  it('finds a stop string that begins inside a failed beginning', () => {
    expect(run(['aab'], ['aa', 'ab', 'c'])).toMatchObject({ isStopped: true });
    expect(run(['aab'], ['aa', 'ab', 'c']).shown.join('')).toBe('a');
  });

  it('ignores empty stop strings', () => {
    expect(run([''], ['abc'])).toEqual({ shown: ['abc', ''], isStopped: false });
  });

  it('swallows everything after a stop', () => {
    expect(run(['x'], ['ax', 'bcd']).shown.join('')).toBe('a');
  });

  it('agrees with the definition however the text is cut', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '😀', '\n'), maxLength: 24 });
    const stops = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', '😀', '\n'), maxLength: 4 }), { maxLength: 3 });
    fc.assert(
      fc.property(stops, fc.array(letters, { maxLength: 8 }), (list, parts) => {
        const expected = reference(list, parts.join(''));
        const { shown, isStopped } = run(list, parts);
        expect({ text: shown.join(''), isStopped }).toEqual(expected);
      }),
      { numRuns: 2_000 },
    );
  });
});
