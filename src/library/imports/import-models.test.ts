import { beforeEach, describe, expect, it } from 'vitest';
import { externalTensor, graphOf, modelOf, nodeWith } from '../../formats/onnx/testing/onnx-writer.ts';
import { createMemoryPinStore, type PinStore } from '../../storage/index.ts';
import { createMemoryWeightStore } from '../../storage/weights/memory-weight-store.ts';
import { openStoredModel } from '../../storage/weights/open-stored-model.ts';
import type { WeightStore } from '../../storage/weights/weight-store.ts';
import { exportModel } from '../exports.ts';
import { parseManifest } from '../manifest.ts';
import { fingerprintOf, readPackHeader } from '../pack/index.ts';
import { sampleGguf } from '../testing/sample-gguf.ts';
import { type GivenFile, importModels } from './index.ts';

let store: WeightStore;
let pins: PinStore;
beforeEach(() => {
  store = createMemoryWeightStore();
  pins = createMemoryPinStore();
});

const given = (path: string, bytes: Uint8Array<ArrayBuffer> | string): GivenFile => ({ path, blob: new Blob([bytes]) });
const give = (files: readonly GivenFile[], trust?: string, into = { store, pins }) =>
  importModels(
    { ...into, trusted: [], known: () => undefined, signal: new AbortController().signal, onProgress: () => {} },
    files,
    trust,
  );
async function bytesOf(from: WeightStore, id: string): Promise<Uint8Array> {
  const source = await openStoredModel(from, id);
  return source.read(0, source.size);
}
const readBack = async (key: string) => new Blob([(await bytesOf(store, key)).slice()]);
const codeOf = async (attempt: Promise<unknown>) =>
  attempt.then(
    () => 'none',
    (error: { code?: string }) => error.code,
  );

describe('importing a .gguf file', () => {
  it('calls a file that is named by its hash by the first digits of it', async () => {
    const [record] = await give([given(`blobs/sha256-${'0123456789ab'.padEnd(64, 'c')}`, sampleGguf())]);
    expect(record?.id).toBe('sha256-0123456789ab');
  });

  it('stores it, describes it by its header, and gives it back byte for byte', async () => {
    const bytes = sampleGguf({ weightBytes: 5 * 2 ** 20 });
    const [record] = await give([given('folder/My Model (1).Q4_K_M.gguf', bytes)]);
    expect(record).toMatchObject({ id: 'my-model-1-.q4_k_m', name: 'Sample', isSealed: true });
    expect(parseManifest(record?.manifestText ?? '')).toMatchObject({ hashes: 'imported', capabilities: ['chat'] });
    const [file] = await exportModel(store, pins, record?.id ?? '', 'files', readBack);
    expect(file?.name).toBe('My-Model-1-.Q4_K_M.gguf');
    expect(Buffer.from(await file!.blob.arrayBuffer()).equals(Buffer.from(bytes))).toBe(true);
  });

  it('twice stores it once; another one of the same name gets an id of its own', async () => {
    const [first] = await give([given('a.gguf', sampleGguf())]);
    const [again] = await give([given('b.gguf', sampleGguf())]);
    expect(again?.id).toBe(first?.id);
    const [other] = await give([given('a.gguf', sampleGguf({ seed: 2 }))]);
    expect(other?.id).toMatch(/^a-[0-9a-f]{8}$/);
    expect(await store.list()).toHaveLength(2);
  });

  it('goes on where it was interrupted', async () => {
    const bytes = sampleGguf({ weightBytes: 9 * 2 ** 20 });
    const stop = new AbortController();
    const putChunk = store.putChunk.bind(store);
    let written = 0;
    store.putChunk = (...put) => {
      written += 1;
      if (written === 2) stop.abort();
      return putChunk(...put);
    };
    const tools = { store, pins, trusted: [], known: () => undefined, onProgress: () => {} };
    await expect(
      importModels({ ...tools, signal: stop.signal }, [given('a.gguf', bytes)], undefined),
    ).rejects.toMatchObject({ name: 'AbortError' });
    await expect(openStoredModel(store, 'a')).rejects.toMatchObject({ code: 'chunk-corrupt' });
    written = 10;
    const [record] = await give([given('a.gguf', bytes)]);
    expect(record?.id).toBe('a');
    expect(written).toBeLessThanOrEqual(12);
    expect(Buffer.from(await bytesOf(store, 'a')).equals(Buffer.from(bytes))).toBe(true);
  });

  it.each([
    ['a page', given('a.gguf', '<!doctype html><title>Sign in</title>'), 'gguf-invalid'],
    ['a file that ends early', given('a.gguf', sampleGguf().slice(0, 300)), 'gguf-truncated'],
    ['a pickle', given('pytorch_model.bin', '\u0080\u0002x'), 'model-unsupported'],
    ['a note', given('README.md', '# Read me'), 'model-unsupported'],
    ['one part of two', given('m-00001-of-00002.gguf', sampleGguf()), 'invalid-option'],
  ])('refuses %s and stores nothing', async (_what, file, code) => {
    expect(await codeOf(give([file]))).toBe(code);
    expect(await store.list()).toEqual([]);
  });
});

/** A graph of one node, `kind` telling it from others. */
const graph = (kind: number) => Uint8Array.from(modelOf(graphOf([nodeWith(`Relu${kind}`)], [])));

describe('importing a folder', () => {
  it('of an ONNX model keeps its files under their paths', async () => {
    const [record] = await give([
      given('tiny-bert/config.json', '{"model_type":"bert","max_position_embeddings":64}'),
      given('tiny-bert/tokenizer.json', '{}'),
      given('tiny-bert/onnx/model_quantized.onnx', graph(0)),
      given('tiny-bert/onnx/model.onnx', graph(1)),
      given('tiny-bert/README.md', '# tiny'),
    ]);
    const manifest = parseManifest(record?.manifestText ?? '');
    expect(record?.id).toBe('tiny-bert');
    expect(manifest.file.path).toBe('onnx/model_quantized.onnx');
    expect(manifest.companions?.map(({ path }) => path)).toEqual(['config.json', 'tokenizer.json']);
    expect(manifest).toMatchObject({ architecture: 'bert', contextLength: 64, capabilities: ['tasks'] });
  });
});

describe('importing an ONNX model of several graphs', () => {
  it('keeps all of them in one precision each, with the weights beside them', async () => {
    const [record] = await give([
      given('t5/config.json', '{"model_type":"t5","architectures":["T5ForConditionalGeneration"]}'),
      given('t5/tokenizer.json', '{}'),
      given('t5/encoder_model.onnx', graph(0)),
      given('t5/decoder_model.onnx', graph(1)),
      given('t5/decoder_model_merged.onnx', graph(2)),
      given('t5/decoder_model_merged_quantized.onnx', graph(3)),
      given('t5/encoder_model.onnx_data', new Uint8Array([1, 2, 3])),
    ]);
    const manifest = parseManifest(record?.manifestText ?? '');
    expect(manifest.file.path).toBe('onnx/encoder_model.onnx');
    expect(manifest.companions?.map(({ path }) => path)).toEqual([
      'config.json',
      'tokenizer.json',
      'onnx/decoder_model_merged_quantized.onnx',
      'onnx/encoder_model.onnx_data',
    ]);
    expect(manifest.capabilities).toEqual(['tasks']);
  });

  it.each([
    ['an HTML page', new TextEncoder().encode('<!doctype html>'), 'onnx-invalid'],
    [
      'a graph that wants a file from outside',
      Uint8Array.from(modelOf(graphOf([], [externalTensor('w', [4], { location: '../../secret' })]))),
      'onnx-invalid',
    ],
    ['a graph that is cut off', graph(1).subarray(0, 12), 'onnx-truncated'],
  ])('refuses %s before anything is stored', async (_, bytes, code) => {
    const files = [given('x/config.json', '{"model_type":"opt"}'), given('x/onnx/model.onnx', bytes)];
    await expect(give(files)).rejects.toMatchObject({ code });
    expect(await store.list()).toEqual([]);
  });

  it('says of a decoder that it can chat', async () => {
    const [record] = await give([
      given('opt/config.json', '{"model_type":"opt","architectures":["OPTForCausalLM"]}'),
      given('opt/onnx/model_q4.onnx', graph(4)),
    ]);
    const manifest = parseManifest(record?.manifestText ?? '');
    expect(manifest).toMatchObject({ capabilities: ['chat', 'tasks'], quantisation: 'q4' });
    expect(manifest.defaults.maxTokens).toBeGreaterThan(100);
  });
});

describe('a model pack', () => {
  const weights = sampleGguf({ weightBytes: 5 * 2 ** 20, seed: 4 });

  async function packed(): Promise<{ readonly bytes: Uint8Array<ArrayBuffer>; readonly signer: string }> {
    const [record] = await give([given('packed.gguf', weights)]);
    const [file] = await exportModel(store, pins, record?.id ?? '', 'pack', readBack);
    const bytes = new Uint8Array(await file!.blob.arrayBuffer());
    const header = await readPackHeader({
      size: bytes.length,
      read: async (at, length) => bytes.slice(at, at + length),
    });
    return { bytes, signer: await fingerprintOf(header.publicKey) };
  }
  const elsewhere = () => ({ store: createMemoryWeightStore(), pins: createMemoryPinStore() });

  it('moves a model to a machine that trusts its signer, who is then known there', async () => {
    const { bytes, signer } = await packed();
    const other = elsewhere();
    await expect(give([given('x.sotto', bytes)], undefined, other)).rejects.toMatchObject({
      code: 'pack-untrusted',
      details: { signer },
    });
    expect(await codeOf(give([given('x.sotto', bytes)], 'another', other))).toBe('pack-untrusted');
    expect(await other.store.list()).toEqual([]);
    const [record] = await give([given('x.sotto', bytes)], signer, other);
    expect(parseManifest(record?.manifestText ?? '')).toMatchObject({ hashes: 'signed', origin: { signer } });
    expect(Buffer.from(await bytesOf(other.store, 'packed')).equals(Buffer.from(weights))).toBe(true);
    await other.store.remove('packed');
    expect(await give([given('x.sotto', bytes)], undefined, other)).toHaveLength(1);
  });

  it.each([
    [
      'a byte of the weights changed',
      (bytes: Uint8Array) => bytes.with(bytes.length - 9, bytes.at(-9)! ^ 1),
      'pack-tampered',
    ],
    ['a byte of the header changed', (bytes: Uint8Array) => bytes.with(300, bytes[300]! ^ 1), 'pack-tampered'],
    ['a byte of the key changed', (bytes: Uint8Array) => bytes.with(20, bytes[20]! ^ 1), 'pack-tampered'],
    ['a byte of the signature changed', (bytes: Uint8Array) => bytes.with(60, bytes[60]! ^ 1), 'pack-tampered'],
    ['another version', (bytes: Uint8Array) => bytes.with(8, 2), 'pack-invalid'],
    ['the end missing', (bytes: Uint8Array) => bytes.slice(0, -1), 'pack-truncated'],
    ['the files missing', (bytes: Uint8Array) => bytes.slice(0, 900), 'pack-truncated'],
    ['only its first bytes', (bytes: Uint8Array) => bytes.slice(0, 50), 'pack-truncated'],
    ['something behind its end', (bytes: Uint8Array) => new Uint8Array([...bytes, 0]), 'pack-invalid'],
  ])('with %s is refused, and leaves nothing', async (_what, spoil, code) => {
    const { bytes, signer } = await packed();
    const other = elsewhere();
    expect(await codeOf(give([given('x.sotto', spoil(bytes) as Uint8Array<ArrayBuffer>)], signer, other))).toBe(code);
    expect(await other.store.list()).toEqual([]);
  });
});
