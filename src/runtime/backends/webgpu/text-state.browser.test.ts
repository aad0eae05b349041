import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import goldensJson from '../../../../scripts/goldens/architectures.json';
import { createSession } from '../../generation/session.ts';
import { createByteTokenizer } from '../../generation/testing/byte-tokenizer.ts';
import { GREEDY } from '../../generation/testing/greedy.ts';
import type { DecoderBackend } from '../decoder-backend.ts';
import { RenewingBackend } from '../renewing-backend.ts';
import { type ArchitectureGoldens, buildGoldenModel, type GoldenModel } from '../testing/golden-models.ts';
import { createWebGpuBackend } from './index.ts';
import { expectClose } from './testing/expect-close.ts';
import { gpuWith } from './testing/staged-gpu.ts';

const goldens = goldensJson as unknown as ArchitectureGoldens;
const isWhole = import.meta.env['VITE_ARCHITECTURES'] === 'all';
/** A short convolution and a state; with `VITE_ARCHITECTURES=all` a scan, and one beside attention, too. */
const NAMES = ['lfm2', 'qwen35', ...(isWhole ? ['granitehybrid', 'falcon-h1'] : [])];
const CONTEXT = 512;
/** A chunk and single steps round otherwise. */
const TOLERANCE = 2e-3;

/** The model with tokens for all bytes, so that it reads texts. */
function readingBytes(name: string) {
  const model = goldens.models.find((other) => other.name === name)!;
  const isTable = (tensor: string) => tensor === 'token_embd.weight' || tensor === 'output.weight';
  const tensors = model.tensors.map(
    ([tensor, type, [columns, ...rest]]) =>
      [tensor, type, isTable(tensor) ? [columns!, 258] : [columns!, ...rest]] as const,
  );
  const reading: GoldenModel = { ...model, metadata: { ...model.metadata, vocab_size: 258 }, tensors };
  return buildGoldenModel(reading, 'F32');
}

const text = (seed: number, length: number) => Array.from({ length }, (_, i) => (i * 31 + seed * 7 + (i >> 3)) % 256);
const ahead = { maxTokens: 40, recent: [], randoms: () => [], sampling: GREEDY };

async function answer(backend: DecoderBackend, token: number, length: number): Promise<number[]> {
  const tokens: number[] = [];
  for await (const step of backend.decodeAhead!(token, ahead)) if (tokens.push(step.token) === length) break;
  return tokens;
}

describe.each(NAMES)('the text that %s has read', (name) => {
  const { spec, gguf, source } = readingBytes(name);
  const devices: GPUDevice[] = [];
  const create = async () => {
    const { gpu, opened } = gpuWith({});
    const engine = await createWebGpuBackend({ spec, gguf, source, contextLength: CONTEXT, gpu });
    devices.push(opened.device!);
    return engine;
  };
  let backend: RenewingBackend;
  beforeAll(async () => {
    backend = new RenewingBackend(await create(), create);
  }, 120_000);
  afterAll(() => backend.dispose());
  const freshly = async (tokens: readonly number[]) => {
    backend.truncate(0);
    return (await backend.forward(tokens)).slice();
  };

  it('goes on after an answer that was stopped while steps beyond it were running', async () => {
    const tokens = text(1, 120);
    await backend.forward(tokens.slice(0, 90), { logits: 'none' });
    const written = await answer(backend, tokens[90]!, 7);
    expect(backend.position).toBe(97);
    const next = (await backend.forward([written.at(-1)!, ...tokens.slice(91, 100)])).slice();
    const all = [...tokens.slice(0, 91), ...written, ...tokens.slice(91, 100)];
    expectClose(next, await freshly(all), TOLERANCE);
  });

  it('is cut where it can be, and goes on as if the rest had never been', async () => {
    const tokens = text(2, 300);
    const fresh = await freshly(tokens.slice(0, 100));
    backend.truncate(0);
    await backend.forward(tokens.slice(0, 60), { logits: 'none' });
    await backend.forward(tokens.slice(60, 100), { logits: 'none' });
    for (const token of tokens.slice(200, 230)) await backend.forward([token], { logits: 'none' });
    const isFree = name === 'lfm2';
    expect(backend.rewindsFreely).toBe(isFree);
    expect(backend.pages).toBeUndefined();
    backend.truncate(99);
    // A convolution's inputs are at hand; states were copied before each chunk, which is as long as the device is quick.
    expect(backend.position).toBeGreaterThanOrEqual(isFree ? 99 : 60);
    expect(backend.position).toBeLessThanOrEqual(99);
    expectClose(await backend.forward(tokens.slice(backend.position, 100)), fresh, TOLERANCE);
    backend.truncate(100);
    expect(backend.position).toBe(100);
    await backend.forward(tokens.slice(100, 300), { logits: 'none' });
    // Further back than the ring of inputs reaches, and before any copy.
    backend.truncate(isFree ? 80 : 50);
    if (isFree) expect(backend.position).toBe(64);
    else expect(backend.position).toBeLessThanOrEqual(50);
    expectClose(await backend.forward(tokens.slice(backend.position, 100)), fresh, TOLERANCE);
  });

  it('holds whole chunks after an abort in the middle of a prompt', async () => {
    const tokens = text(3, 300);
    const fresh = await freshly(tokens);
    backend.truncate(0);
    const controller = new AbortController();
    const running = backend.forward(tokens, { signal: controller.signal });
    controller.abort();
    await expect(running).rejects.toMatchObject({ name: 'AbortError' });
    // A fast device reads all of it in the one chunk that was under way.
    expect(backend.position).toBeLessThanOrEqual(300);
    if (backend.position === tokens.length) backend.truncate(tokens.length - 1);
    expectClose(await backend.forward(tokens.slice(backend.position)), fresh, TOLERANCE);
  });

  it('gives every conversation the answer that it has alone: longer, changed, forked, and the first again', async () => {
    const tokenizer = createByteTokenizer();
    const generate = async (session: ReturnType<typeof createSession>, prompt: string) => {
      const request = { callId: prompt, prompt: [{ kind: 'text' as const, text: prompt }], stop: [], maxTokens: 8 };
      return (await session.generate({ ...request, sampling: GREEDY, speculation: 'auto' })).tokenIds;
    };
    const one = 'one fish, two fish, '.repeat(4);
    const prompts = [one, `${one}red fish, blue fish`, `${one.slice(0, 50)}no more fish`, `${one}green fish`, one];
    const alone: (readonly number[])[] = [];
    for (const prompt of prompts) {
      backend.truncate(0);
      alone.push(await generate(createSession(backend, tokenizer), prompt));
    }
    backend.truncate(0);
    const session = createSession(backend, tokenizer);
    for (const [index, prompt] of prompts.entries()) expect(await generate(session, prompt)).toEqual(alone[index]);
  });

  const isReadAgain = async () => {
    backend.truncate(0);
    const whole = await answer(backend, 5, 30);
    backend.truncate(0);
    const written: number[] = [];
    for await (const { token } of backend.decodeAhead(5, ahead)) {
      if (written.push(token) === 12) devices.at(-1)!.destroy();
      if (written.length === 30) break;
    }
    expect(devices.length).toBe(2);
    expect(written).toEqual(whole);
    expect(backend.position).toBe(30);
  };
  // The kernels are compiled once more for it: of a part of the models, for the one with the larger state.
  if (isWhole || name === 'qwen35') it('is read again where the device is lost, in mid-answer', isReadAgain, 120_000);
});
