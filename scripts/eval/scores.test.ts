import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCpuEncoder } from '../../src/runtime/backends/cpu/index.ts';
import { EncoderModel } from '../../src/runtime/embedding/encoder-model.ts';
import type { Embedder } from '../../src/runtime/experts/index.ts';
import { FlowService } from '../../src/runtime/flows/index.ts';
import { isSampled, readCases, SETS } from './cases.mjs';
import { SYSTEMS } from './systems.mjs';

const FOLDER = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, FOLDER));
const MODEL = 'models/all-minilm-l6-v2';
const signal = new AbortController().signal;

interface Committed {
  readonly name: string;
  readonly baseline: number | null;
  readonly score: number;
  readonly sample: Readonly<Record<string, number>>;
}
const { flows } = JSON.parse(read('flows/scores.json').toString()) as { readonly flows: readonly Committed[] };

/** The shipped encoder on the real engine; one thread gives what many give. */
let model: EncoderModel;
let embedder: Embedder;

beforeAll(async () => {
  const bytes = read(`${MODEL}/all-MiniLM-L6-v2.Q8_0.gguf`);
  const source = {
    size: bytes.length,
    read: async (start: number, length: number) => new Uint8Array(bytes.buffer, bytes.byteOffset + start, length),
  };
  const compile = async (build: string) =>
    WebAssembly.compile(await readFile(new URL(`src/runtime/backends/cpu/generated/${build}.wasm`, FOLDER)));
  model = await EncoderModel.load(
    source,
    { backend: 'cpu', threads: 1 },
    (request) => createCpuEncoder({ ...request, threads: 1, build: 'plain', compile }),
    { fallbackName: 'encoder', signal, onEvent: () => {} },
  );
  const hash: string = JSON.parse(read(`${MODEL}/manifest.json`).toString()).file.sha256;
  const { dimensions } = model.description;
  const known = new Map<string, Float32Array>();
  const quiet = { signal, onProgress: () => {} };
  embedder = {
    ...{ modelId: 'all-minilm-l6-v2', hash, dimensions },
    async embed(texts) {
      const fresh = [...new Set(texts)].filter((text) => !known.has(text));
      const { vectors } = await model.embed({ texts: fresh, truncate: 'end' }, quiet);
      for (const [at, text] of fresh.entries()) known.set(text, vectors.slice(at * dimensions, (at + 1) * dimensions));
      return texts.map((text) => known.get(text) ?? new Float32Array(dimensions));
    },
    async embedWords(words) {
      const { vectors, dimensions: width } = await model.embed({ texts: [], truncate: 'end', words }, quiet);
      let at = 0;
      return words.map((list) => list.map(() => vectors.slice(at++ * width, at * width)));
    },
  };
}, 60_000);

afterAll(() => model.dispose());

/** Another build of the kernels may tip one case over; two are a change of the flow. */
const SLACK = 1;

describe('a part of the test sets, against the committed scores', () => {
  it.each(Object.entries(SYSTEMS))(
    '%s does what it is said to do',
    async (name, system) => {
      const service = new FlowService();
      const tools = {
        embedder: () => Promise.resolve(embedder),
        generate: () => Promise.reject(new Error('These flows ask no language model.')),
        keptExpert: () => Promise.resolve(undefined),
      };
      const committed = flows.find((one) => one.name === name);
      const due = Object.values(committed?.sample ?? {}).reduce((sum, points) => sum + points, 0);
      let points = 0;
      for (const one of SETS.flatMap((set) => readCases(name, set).filter((_, index) => isSampled(name, index)))) {
        const { output } = await service.run({ flow: name, input: system.input(one) }, tools, signal, () => {});
        points += system.grade(one, output);
      }
      expect(due, 'its points are committed').toBeGreaterThan(0);
      expect(points, 'npm run eval -- --wrong --only says which cases').toBeGreaterThanOrEqual(due - SLACK);
      expect(committed?.score ?? 0, 'it beats the single model').toBeGreaterThan(committed?.baseline ?? 0);
    },
    60_000,
  );
});
