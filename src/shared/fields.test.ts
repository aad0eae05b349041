import { describe, expect, it } from 'vitest';
import { Fields } from './fields.ts';

const fail = (message: string): never => {
  throw new Error(message);
};
const fields = (value: unknown) => new Fields(value, 'thing', fail);

describe('Fields', () => {
  it('gives what was checked', () => {
    const thing = fields({ name: 'x', count: 3, list: ['a'], inner: { ratio: 0.5 } });
    expect(thing.text('name', { pattern: /^x$/ })).toBe('x');
    expect(thing.integer('count', { least: 3, most: 3 })).toBe(3);
    expect(thing.texts('list', { limit: 1 })).toEqual(['a']);
    expect(thing.object('inner').number('ratio')).toBe(0.5);
  });

  it('names the field that is wrong', () => {
    const thing = fields({
      name: 5,
      count: 1.5,
      big: 2 ** 60,
      list: ['a', 1],
      text: 'abc',
      nan: Number.NaN,
      inner: [],
    });
    expect(() => thing.text('name')).toThrow('thing.name is missing or wrong.');
    expect(() => thing.integer('count')).toThrow('thing.count');
    expect(() => thing.integer('big')).toThrow('thing.big');
    expect(() => thing.integer('absent')).toThrow('thing.absent');
    expect(() => thing.number('nan')).toThrow('thing.nan');
    expect(() => thing.texts('list')).toThrow('thing.list');
    expect(() => thing.texts('text')).toThrow('thing.text');
    expect(() => thing.text('text', { limit: 2 })).toThrow('thing.text');
    expect(() => thing.object('inner')).toThrow('thing.inner is not an object.');
  });

  it('does not take inherited names for fields', () => {
    expect(() => fields({}).object('__proto__')).toThrow();
    expect(fields({}).raw('constructor')).toBeUndefined();
    for (const value of [null, undefined, 3, 'x', []]) expect(() => fields(value)).toThrow('thing is not an object.');
  });
});
