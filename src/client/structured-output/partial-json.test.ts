import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePartialJson } from './partial-json.ts';

describe('parsePartialJson', () => {
  it.each<[string, unknown]>([
    ['', undefined],
    ['  ', undefined],
    ['{', {}],
    ['{"na', {}],
    ['{"name"', {}],
    ['{"name":', {}],
    ['{"name": "A', { name: 'A' }],
    ['{"name": "A\\', { name: 'A' }],
    ['{"name": "A\\u00', { name: 'A' }],
    ['{"name": "\\ud83d', { name: '' }],
    ['{"name": "\\ud83d\\ude0', { name: '' }],
    ['{"name": "\\\\', { name: '\\' }],
    ['{"name": "A", "age": 4', { name: 'A' }],
    ['{"name": "A", "age": 42,', { name: 'A', age: 42 }],
    ['{"ok": tru', {}],
    ['{"ok": true', { ok: true }],
    ['[1, 2', [1]],
    ['[1, 2, {"a": [', [1, 2, { a: [] }]],
    ['"text', 'text'],
    ['42', 42],
    ['{"__proto__": {"a": 1}', JSON.parse('{"__proto__": {"a": 1}}')],
    ['{"a": 1} and more', { a: 1 }],
    ['no JSON', undefined],
    ['{"a\\"', {}],
  ])('reads %j', (text, value) => {
    expect(parsePartialJson(text)).toEqual(value);
  });

  it('reads a whole text as JSON.parse does, and each of its beginnings without complaint', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        expect(parsePartialJson(text)).toEqual(JSON.parse(text));
        for (let length = 0; length < text.length; length++) parsePartialJson(text.slice(0, length));
      }),
      { numRuns: 200 },
    );
  });

  it('only adds to what it has read of an object', () => {
    const text = '{"a": {"b": [10, 20, "thirty"]}, "c": -1.5e2, "d": null}';
    let before = 0;
    for (let length = 1; length <= text.length; length++) {
      const size = JSON.stringify(parsePartialJson(text.slice(0, length))).length;
      expect(size).toBeGreaterThanOrEqual(before);
      before = size;
    }
  });

  it('does not run out of stack', () => {
    expect(() => parsePartialJson('['.repeat(100_000))).not.toThrow();
  });
});
