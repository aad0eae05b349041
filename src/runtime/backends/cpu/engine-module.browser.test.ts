import { afterEach, describe, expect, it, vi } from 'vitest';
import { chooseBuild, compileEngine } from './engine-module.ts';
import { hasFusedDot, hasRelaxedSimd } from './simd-support.ts';

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

/** Counts how modules are compiled. */
function watch() {
  return {
    streaming: vi.spyOn(WebAssembly, 'compileStreaming'),
    whole: vi.spyOn(WebAssembly, 'compile'),
  };
}

describe('the engine', () => {
  it('is compiled while it arrives: so the browser may keep the code, too', async () => {
    const { streaming, whole } = watch();
    expect(await compileEngine('plain-unshared')).toBeInstanceOf(WebAssembly.Module);
    expect(streaming).toHaveBeenCalledTimes(1);
    // The response itself, whose code is kept with it.
    expect(await streaming.mock.calls[0]![0]).toBeInstanceOf(Response);
    expect(whole).not.toHaveBeenCalled();
  });

  it('runs from servers that do not know its type', async () => {
    const original = fetch;
    vi.stubGlobal('fetch', async (url: string) => {
      const bytes = await (await original(url)).arrayBuffer();
      return new Response(bytes, { headers: { 'content-type': 'application/octet-stream' } });
    });
    const { streaming, whole } = watch();
    expect(await compileEngine('plain-unshared')).toBeInstanceOf(WebAssembly.Module);
    expect(streaming).not.toHaveBeenCalled();
    expect(whole).toHaveBeenCalledTimes(1);
  });

  it.each([
    ['is not there', () => new Response('gone', { status: 404 })],
    ['is a page', () => new Response('<!doctype html>', { headers: { 'content-type': 'text/html' } })],
    [
      'is cut off',
      () => new Response(Uint8Array.of(0, 97, 115, 109, 1, 0, 0), { headers: { 'content-type': 'application/wasm' } }),
    ],
  ])('says what did not load where it %s', async (_, answer) => {
    vi.stubGlobal('fetch', async () => answer());
    await expect(compileEngine('plain-shared')).rejects.toMatchObject({
      code: 'worker-load-failed',
      details: { build: 'plain-shared' },
    });
  });

  it('comes in the best build that this browser has', () => {
    const kind = hasFusedDot() ? 'fused' : hasRelaxedSimd() ? 'relaxed' : 'plain';
    expect([chooseBuild(true), chooseBuild(false)]).toEqual([`${kind}-shared`, `${kind}-unshared`]);
    vi.spyOn(WebAssembly, 'validate').mockReturnValue(false);
    expect(() => chooseBuild(true)).toThrow(expect.objectContaining({ code: 'wasm-simd-missing' }));
  });

  it('takes the build for plain SIMD where relaxed SIMD is missing', () => {
    const original = WebAssembly.validate;
    // Only the first question, for 128-bit vectors, is answered with yes.
    let questions = 0;
    vi.spyOn(WebAssembly, 'validate').mockImplementation((bytes) => questions++ === 0 && original(bytes));
    expect(chooseBuild(false)).toBe('plain-unshared');
  });
});
