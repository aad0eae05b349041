import { expect, it } from 'vitest';
import goldensJson from '../../../../scripts/goldens/architectures.json';
import type { GgmlTypeName } from '../../../formats/gguf/types.ts';
import { SottoError } from '../../../shared/index.ts';
import { attentionsOf, type DecoderSpec, decoderSpecFromGguf, recurrencesOf } from '../../architectures/index.ts';
import { holdCodebooks } from '../hold-codebooks.ts';
import { ScalarDecoder } from '../reference/index.ts';
import {
  type ArchitectureGoldens,
  buildGoldenModel,
  type GoldenModel,
  goldenLogits,
  goldenTokens,
  relativeError,
} from '../testing/golden-models.ts';
import { createWebGpuBackend } from './index.ts';

const goldens = goldensJson as unknown as ArchitectureGoldens;

/** The adapter in software compiles for seconds a model: these few have parts that no other test here has. */
const SOME = [
  'bailingmoe2',
  'bitnet',
  'falcon-h1',
  'gemma3',
  'gpt-oss',
  'granitemoe (shared block)',
  'lfm2',
  'mamba2',
  'phi2',
  'qwen35',
];
/** `VITE_ARCHITECTURES=all`: all of them, for `docs/models/webgpu.md`, which a machine with a GPU makes in a minute. */
const isWhole = import.meta.env['VITE_ARCHITECTURES'] === 'all';
const models = goldens.models.filter(({ name }) => isWhole || SOME.includes(name));

/** The engine computes in f32 with the file's own values: in F32 it differs from llama.cpp by rounding and by the cache. */
const SAME_ARITHMETIC = 3e-3;
/** llama.cpp rounds activations to 8 bits where weights are quantised; this engine does not. */
const SAME_MODEL = 0.06;
const SAME_BUT_FOR_COARSE_SCALES = 0.16;
/**
 * A state carries what llama.cpp loses so from token to token, and where nothing scales scores down (Gemma 4) random weights
 * make attention so sharp that it is tipped. There the engine is held against exact arithmetic, too.
 */
const SAME_BUT_FOR_A_STATE = 0.2;
/** Where rounding tips the choice between two experts that are as good as equal, one of a few parts of a sum changes. */
const SAME_BUT_FOR_AN_EXPERT = 0.2;
/** And what another expert added is carried on by a state. */
const SAME_BUT_FOR_EXPERTS_BEFORE = 0.45;
/** IQ4_XS is held as another type, nearly exactly. */
const NEARLY_EXACT = 0.01;

const hasSharpScores = (spec: DecoderSpec) => attentionsOf(spec).some(({ scale }) => scale === 1);

async function logitsOf(model: GoldenModel, type: GgmlTypeName): Promise<Float32Array[]> {
  const built = buildGoldenModel(model, type);
  const { gguf, source } = await holdCodebooks(built.gguf, built.source);
  const spec = decoderSpecFromGguf(gguf);
  const tokens = goldenTokens(goldens, spec.vocabularySize);
  const cacheFormat = hasSharpScores(spec) ? 'f32' : 'f16';
  const backend = await createWebGpuBackend({ spec, gguf, source, contextLength: model.context, cacheFormat });
  try {
    const border = tokens.length - 8;
    const prompt = (await backend.forward(tokens.slice(0, border), { logits: 'all' })).slice();
    const size = spec.vocabularySize;
    const rows = Array.from({ length: border }, (_, i) => prompt.slice(i * size, (i + 1) * size));
    for (const token of tokens.slice(border)) rows.push((await backend.forward([token])).slice());
    return rows;
  } finally {
    backend.dispose();
  }
}

/** Of every position, where the model carries a state or has sharp scores and its weights are not floats. */
function exactLogits(model: GoldenModel, type: GgmlTypeName): number[][] | undefined {
  const { spec, gguf, bytes } = buildGoldenModel(model, type);
  const isPlain = recurrencesOf(spec).length === 0 && !hasSharpScores(spec);
  if (isPlain || ['F32', 'F16', 'BF16'].includes(type)) return undefined;
  const reference = new ScalarDecoder(spec, gguf, bytes, model.context);
  return goldenTokens(goldens, spec.vocabularySize).map((token) => [...reference.step(token)]);
}

const isRouted = ({ metadata }: GoldenModel) => metadata['expert_count'] !== undefined;

/** How far the engine may be from llama.cpp. */
function mostOf(model: GoldenModel, type: GgmlTypeName, hasState: boolean): number {
  if (type === 'F32') return SAME_ARITHMETIC;
  if (isRouted(model)) return hasState ? SAME_BUT_FOR_EXPERTS_BEFORE : SAME_BUT_FOR_AN_EXPERT;
  if (hasState) return SAME_BUT_FOR_A_STATE;
  return type.endsWith('_K') ? SAME_BUT_FOR_COARSE_SCALES : SAME_MODEL;
}

/** What has been compared, for the page that says so; a reason where the engine refuses the model. */
const page = new Map<string, string>();

it.each(models.map((model) => [model.name, model] as const))(
  '%s runs on the GPU as in llama.cpp',
  async (name, model) => {
    const types = Object.keys(model.logits) as GgmlTypeName[];
    for (const type of isWhole ? types : types.slice(0, 1)) {
      let rows: Float32Array[];
      try {
        rows = await logitsOf(model, type);
      } catch (error) {
        // Said beforehand and by its code; automatic choice then takes the processor.
        if (!isWhole || !SottoError.isInstance(error) || error.code !== 'model-unsupported') throw error;
        page.set(name, `not on the GPU (${String(error.details['part'] ?? error.message)})`);
        return;
      }
      const exact = exactLogits(model, type);
      const most = mostOf(model, type, exact !== undefined);
      for (const [position, expected] of goldenLogits(goldens, model, type)) {
        expect(relativeError(rows[position]!, expected), `${type}, position ${position}`).toBeLessThan(most);
        if (exact === undefined || isRouted(model)) continue;
        const apart = relativeError(rows[position]!, exact[position]!);
        const mostApart = type === 'IQ4_XS' ? NEARLY_EXACT : SAME_ARITHMETIC;
        expect(apart, `${type}, exact, position ${position}`).toBeLessThan(mostApart);
      }
      page.set(name, [page.get(name), type].filter(Boolean).join(', '));
    }
  },
);

const hasItsPage = async () => {
  const lines = [
    '# Architectures on the GPU',
    '',
    'Made by a run of `src/runtime/backends/webgpu/architectures.browser.test.ts` with `VITE_ARCHITECTURES=all`; not edited by',
    'hand. Of each model below, tiny and random, with its weights in each of these block types, the engine gave the logits of',
    'llama.cpp at several positions of a text of 150 tokens, read as a prompt and token by token.',
    '',
    ...[...page].map(([name, types]) => `- ${name}: ${types}`),
    '',
  ].join('\n');
  await expect(lines).toMatchFileSnapshot('../../../../docs/models/webgpu.md');
};
// Of a part of the models there is no page: nothing is left out then.
if (isWhole) it('has its page up to date', hasItsPage);
