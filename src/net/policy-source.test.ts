import { describe, expect, it } from 'vitest';
import { OPEN_POLICY } from '../policy/index.ts';
import { systemClock } from '../shared/index.ts';
import { createPolicySource, type PolicyMemory } from './policy-source.ts';

const url = new URL('https://sotto.example/sotto.policy.json');
const STRICT = '{"policyVersion":1,"features":{"import":false}}';

function memoryOf(text?: string): PolicyMemory & { text: string | undefined } {
  return {
    text,
    async read() {
      return this.text;
    },
    async write(next) {
      this.text = next;
    },
  };
}

function source(answer: () => Response, memory = memoryOf(), pinnedKey = '') {
  return createPolicySource({ url, fetch: async () => answer(), clock: systemClock, memory, pinnedKey });
}

describe('the policy of the site', () => {
  it('is read, kept, and asked for once', async () => {
    let asked = 0;
    const memory = memoryOf();
    const policy = source(() => {
      asked += 1;
      return new Response(STRICT);
    }, memory);
    expect((await policy()).features.import).toBe(false);
    await policy();
    expect(asked).toBe(1);
    expect(memory.text).toBe(STRICT);
  });

  it('is open where the site has no such file, whatever it had before, and stays so out of its reach', async () => {
    const memory = memoryOf(STRICT);
    expect(await source(() => new Response('', { status: 404 }), memory)()).toEqual(OPEN_POLICY);
    expect(await source(() => new Response('', { status: 503 }), memory)()).toEqual(OPEN_POLICY);
  });

  it('is the last one that was seen where the site takes its time', async () => {
    const clock = {
      now: () => 0,
      sleep: async (ms: number) => (ms > 5_000 ? new Promise<never>(() => {}) : undefined),
    };
    const fetch = () => new Promise<never>(() => {});
    const policy = createPolicySource({ url, fetch, clock, memory: memoryOf(STRICT) });
    expect((await policy()).features.import).toBe(false);
  });

  it.each([
    ['the site is down', () => new Response('', { status: 503 })],
    ['a network asks to sign in', () => new Response('<!doctype html><title>Sign in</title>')],
  ])('is the last one that was seen where %s', async (_what, answer) => {
    expect((await source(answer, memoryOf(STRICT))()).features.import).toBe(false);
    await expect(source(answer)()).rejects.toMatchObject({
      code: expect.stringMatching(/download-failed|policy-invalid/),
    });
  });

  it('allows nothing while the file is broken, even where an older one is known, and says where', async () => {
    const broken = () => new Response('{"policyVersion":1,"features":{"imports":false}}');
    await expect(source(broken, memoryOf(STRICT))()).rejects.toMatchObject({
      code: 'policy-invalid',
      message: expect.stringContaining('features.imports'),
    });
  });

  it('asks again after a failure', async () => {
    let isUp = false;
    const policy = source(() => (isUp ? new Response(STRICT) : new Response('{')));
    await expect(policy()).rejects.toMatchObject({ code: 'policy-invalid' });
    isUp = true;
    expect((await policy()).features.import).toBe(false);
  });

  it('must be there and signed where the build has a key', async () => {
    const key = 'A'.repeat(43);
    await expect(source(() => new Response(STRICT), memoryOf(), key)()).rejects.toMatchObject({
      code: 'policy-invalid',
    });
    await expect(source(() => new Response('', { status: 404 }), memoryOf(), key)()).rejects.toMatchObject({
      code: 'policy-invalid',
    });
  });
});
