import { describe, expect, it } from 'vitest';
import { SottoError } from '../shared/index.ts';
import { joinParts } from './model-parts.ts';

const file = (name: string, text = name) => new File([text], name);

function refused(files: readonly File[]): boolean {
  try {
    joinParts(files);
    return false;
  } catch (error) {
    return SottoError.isInstance(error) && error.code === 'invalid-option';
  }
}

describe('the parts of a split model', () => {
  it('become one file, in their order', async () => {
    const whole = joinParts([
      file('m-00002-of-00003.gguf', 'b'),
      file('m-00003-of-00003.gguf', 'c'),
      file('m-00001-of-00003.gguf', 'a'),
    ]);
    expect(whole.name).toBe('m.gguf');
    expect(await whole.text()).toBe('abc');
  });

  it('are refused where one is missing, twice, of another model or no part', () => {
    expect(refused([])).toBe(true);
    expect(refused([file('m-00001-of-00003.gguf'), file('m-00003-of-00003.gguf')])).toBe(true);
    expect(refused([file('m-00001-of-00002.gguf'), file('m-00001-of-00002.gguf')])).toBe(true);
    expect(refused([file('m-00001-of-00002.gguf'), file('n-00002-of-00002.gguf')])).toBe(true);
    expect(refused([file('m-00001-of-00002.gguf'), file('m.gguf')])).toBe(true);
  });

  it('are themselves where there is one', () => {
    const one = file('any.gguf');
    expect(joinParts([one])).toBe(one);
  });
});
