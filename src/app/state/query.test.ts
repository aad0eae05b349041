import { describe, expect, it } from 'vitest';
import { parseQuery } from './query.ts';

describe('parseQuery', () => {
  it('takes nothing as nothing', () => expect(parseQuery('')).toEqual({ load: {}, modelId: null, refused: [] }));

  it('reads backend, threads and model', () => {
    expect(parseQuery('?backend=cpu&threads=4&model=m')).toEqual({
      load: { backend: 'cpu', threads: 4 },
      modelId: 'm',
      refused: [],
    });
  });

  it.each(['0', '65', '-1', '1.5', '4x', '', '99999999999999999999'])('refuses threads=%s by name', (threads) => {
    expect(parseQuery(`?threads=${threads}`)).toMatchObject({ load: {}, refused: [`threads=${threads}`] });
  });

  it.each([
    ['auto', { backend: 'auto' }],
    ['webgpu', { backend: 'webgpu' }],
    ['threads', { backend: 'cpu' }],
    ['single-thread', { backend: 'cpu', threads: 1 }],
  ])('knows backend=%s', (name, load) => {
    expect(parseQuery(`?backend=${name}`)).toMatchObject({ load, refused: [] });
  });

  it('refuses an unknown backend by name', () => {
    expect(parseQuery('?backend=npu')).toMatchObject({ load: {}, refused: ['backend=npu'] });
  });
});
