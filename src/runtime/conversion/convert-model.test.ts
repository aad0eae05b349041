import { describe, expect, it } from 'vitest';
import { readGguf } from '../../formats/gguf/index.ts';
import { MemoryByteSource } from '../../shared/index.ts';
import { decoderSpecFromGguf, encoderSpecFromGguf } from '../architectures/index.ts';
import { createCpuEncoder } from '../backends/cpu/index.ts';
import { compileFromDisk } from '../backends/cpu/testing/node-model.ts';
import { ScalarDecoder } from '../backends/reference/index.ts';
import { relativeError } from '../backends/testing/golden-models.ts';
import { createTokenizer } from '../text/index.ts';
import { convertModel } from './convert-model.ts';
import type { WrittenType } from './quantise.ts';
import {
  type GoldenFolder,
  goldenFolder,
  readConversionGoldens,
  tinyTokenizer,
  unpackFloats,
} from './testing/golden-folder.ts';

const goldens = readConversionGoldens();
const tokens = Array.from({ length: goldens.length }, (_, i) => (i * i * 7 + 3 * i + 1) % 96);

/** Two ways through the same arithmetic, one in double and one in single precision. */
const SAME_MODEL = 1e-3;

async function convert(folder: ReturnType<typeof goldenFolder>, type: WrittenType) {
  const converted = await convertModel({ files: folder, name: 'tiny', type });
  const bytes = new Uint8Array(await converted.file.arrayBuffer());
  return { ...converted, bytes, gguf: await readGguf(new MemoryByteSource(bytes)) };
}

/** The largest error of the logits that transformers gave. */
async function errorOf(golden: (typeof goldens.models)[number], folder: ReturnType<typeof goldenFolder>) {
  const { bytes, gguf } = await convert(folder, 'F32');
  const decoder = new ScalarDecoder(decoderSpecFromGguf(gguf), gguf, bytes, 64);
  const expected = unpackFloats(golden.logits);
  const width = expected.length / goldens.positions.length;
  let worst = 0;
  for (const [position, token] of tokens.entries()) {
    const logits = decoder.step(token);
    const at = goldens.positions.indexOf(position);
    if (at < 0) continue;
    worst = Math.max(worst, relativeError(logits, [...expected.slice(at * width, (at + 1) * width)]));
  }
  return worst;
}

describe('a folder becomes a file that computes what transformers computes', () => {
  it.each(goldens.models.map((golden) => [golden.name, golden] as const))('%s', async (_, golden) => {
    expect(await errorOf(golden, goldenFolder(golden))).toBeLessThan(SAME_MODEL);
  });

  it.each(['F32', 'F16'] as const)('from values in %s, in two files', async (type) => {
    const golden = goldens.models.find(({ name }) => name === 'llama-biases')!;
    expect(await errorOf(golden, goldenFolder(golden, { type, parts: 2 }))).toBeLessThan(SAME_MODEL);
  });

  it('under the names of a model that also sees', async () => {
    const golden = goldens.models.find(({ name }) => name === 'gemma3')!;
    const { model_type: _, ...text } = golden.config;
    const rename = (name: string) => name.replace(/^model\./, 'language_model.model.');
    const seeing = {
      config: { model_type: 'gemma3', text_config: { ...text, model_type: 'gemma3_text' }, vocab_size: 96 },
      tensors: golden.tensors.map(([name, shape]) => [rename(name), shape] as const),
    };
    const eye = ['vision_tower.vision_model.encoder.weight', [8, 8]] as const;
    const folder = goldenFolder({ ...seeing, tensors: [...seeing.tensors, eye] });
    expect(await errorOf(golden, folder)).toBeLessThan(SAME_MODEL);
  });
});

it('an encoder folder becomes a file whose vectors are those of transformers', async () => {
  const pooling = { path: '1_Pooling/config.json', file: new Blob(['{"pooling_mode_mean_tokens":true}']) };
  const { gguf, bytes } = await convert([...goldenFolder(goldens.bert), pooling], 'F32');
  const source = new MemoryByteSource(bytes);
  const spec = encoderSpecFromGguf(gguf);
  const encoder = await createCpuEncoder({ spec, gguf, source, threads: 1, compile: compileFromDisk });
  const vector = await encoder.encode([tokens]);
  encoder.dispose();
  const length = Math.hypot(...vector);
  const unit = vector.map((value) => value / length);
  expect(relativeError(unit, [...unpackFloats(goldens.bert.vector)])).toBeLessThan(0.02);
});

describe('rounding to blocks', () => {
  const golden = goldens.models.find(({ name }) => name === 'qwen3')!;

  it.each([
    ['F16', 0, 1e-3],
    ['Q8_0', 1e-3, 0.01],
    ['Q4_1', 0.02, 0.1],
  ] as const)('%s loses what its bits lose, and says so', async (type, least, most) => {
    const { loss, gguf } = await convert(goldenFolder(golden), type);
    expect(gguf.tensors.get('blk.0.ffn_up.weight')?.type).toBe(type);
    expect(gguf.tensors.get('blk.0.attn_norm.weight')?.type).toBe('F32');
    expect(loss.overall).toBeGreaterThanOrEqual(least);
    expect(loss.overall).toBeLessThan(most);
    expect(loss.worst.loss).toBeGreaterThanOrEqual(loss.overall);
  });

  it('keeps the table of tokens in more bits than Q4_1', async () => {
    const { gguf } = await convert(goldenFolder(golden), 'Q4_1');
    expect(gguf.tensors.get('token_embd.weight')?.type).toBe('Q8_0');
  });
});

it('says how far it is, and stops when told to', async () => {
  const files = goldenFolder(goldens.models[0]!);
  const steps: number[] = [];
  await convertModel({ files, name: 'x', type: 'Q8_0', onProgress: (done, total) => steps.push(done / total) });
  expect(steps.at(-1)).toBe(1);
  expect(steps).toEqual([...steps].sort((a, b) => a - b));
  const controller = new AbortController();
  const stopped = convertModel({
    files,
    name: 'x',
    type: 'Q8_0',
    signal: controller.signal,
    onProgress: () => controller.abort(),
  });
  await expect(stopped).rejects.toMatchObject({ name: 'AbortError' });
});

it('carries the template and the end of a turn over', async () => {
  const golden = goldens.models[0]!;
  const json = (path: string, value: unknown) => ({ path, file: new Blob([JSON.stringify(value)]) });
  const { gguf } = await convert(
    [
      ...goldenFolder(golden),
      json('tokenizer_config.json', {
        chat_template: [
          { name: 'default', template: '{{ messages }}' },
          { name: 'tool_use', template: '{{ tools }}' },
        ],
      }),
      { path: 'additional_chat_templates/rag.jinja', file: new Blob(['{{ documents }}']) },
      json('generation_config.json', { eos_token_id: [2, 7] }),
    ],
    'Q8_0',
  );
  expect(gguf.metadata.get('tokenizer.chat_template')).toBe('{{ messages }}');
  expect(gguf.metadata.get('tokenizer.chat_template.tool_use')).toBe('{{ tools }}');
  expect(gguf.metadata.get('tokenizer.chat_template.rag')).toBe('{{ documents }}');
  expect([...createTokenizer(gguf).endTokenIds]).toEqual(expect.arrayContaining([2, 7]));
});

describe('is refused', () => {
  const golden = goldens.models.find(({ name }) => name === 'llama-biases')!;
  const files = (change: Partial<GoldenFolder['config']>, extra: GoldenFolder['tensors'] = []) =>
    goldenFolder({ config: { ...golden.config, ...change }, tensors: [...golden.tensors, ...extra] });
  const without = (path: string) => goldenFolder(golden, { parts: 2 }).filter((file) => file.path !== path);
  const replaced = (path: string, content: string) => [...without(path), { path, file: new Blob([content]) }];

  it.each([
    ['a folder without settings', without('config.json'), 'model-files-missing'],
    ['a folder without a tokenizer', without('tokenizer.json'), 'model-files-missing'],
    ['a part of the weights that is not there', without('model-00002-of-00002.safetensors'), 'model-files-missing'],
    ['a settings file that is no JSON', replaced('config.json', '<html>'), 'model-config-invalid'],
    ['a settings file that is a list', replaced('config.json', '[]'), 'model-config-invalid'],
    ['a size that is no number', files({ hidden_size: '64' }), 'model-config-invalid'],
    ['another kind of model', files({ model_type: 'mamba' }), 'model-unsupported'],
    ['another activation', files({ hidden_act: 'relu' }), 'model-unsupported'],
    ['weights quantised by others', files({ quantization_config: { bits: 4 } }), 'model-unsupported'],
    ['a tensor without a place', files({}, [['model.layers.0.mlp.router.weight', [4, 64]]]), 'model-unsupported'],
    [
      'a tokenizer that cuts otherwise',
      goldenFolder(golden, { tokenizer: { ...tinyTokenizer(96), pre_tokenizer: { type: 'Whitespace' } } }),
      'tokenizer-unsupported',
    ],
    [
      'a tokenizer with more tokens than the model',
      goldenFolder(golden, { tokenizer: tinyTokenizer(97) }),
      'model-config-invalid',
    ],
  ])('%s', async (_, folder, code) => {
    await expect(convertModel({ files: folder, name: 'x', type: 'Q8_0' })).rejects.toMatchObject({ code });
  });
});
