import { expect, it } from 'vitest';
import { lazily, once } from './lazily.ts';

class Part {
  readonly #name = 'part';
  async hello(to: string, greeting = 'hello'): Promise<string> {
    return `${greeting} ${to} from ${this.#name}`;
  }
  async fails(): Promise<never> {
    throw new RangeError('its own error');
  }
}

it('loads a part at its first call, once, and tries again where that failed', async () => {
  let loads = 0;
  const load = once(async () => {
    loads += 1;
    if (loads === 1) throw new TypeError('no network');
    return new Part();
  });
  const part = lazily<Part>(load, { hello: 1, fails: 1 });
  expect(loads).toBe(0);
  await expect(part.hello('you')).rejects.toThrow('no network');
  expect(await Promise.all([part.hello('you'), part.hello('me', 'hi')])).toEqual([
    'hello you from part',
    'hi me from part',
  ]);
  await expect(part.fails()).rejects.toThrow(RangeError);
  expect(loads).toBe(2);
  expect(Object.keys(part)).toEqual(['hello', 'fails']);
});
