import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ggmlTypeByName } from '../../../formats/gguf/ggml-types.ts';
import type { GgmlTypeName } from '../../../formats/gguf/types.ts';
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
import { createCpuBackend } from './create-cpu-backend.ts';
import { compileFromDisk } from './testing/node-model.ts';

const goldens = JSON.parse(readFileSync('scripts/goldens/architectures.json', 'utf8')) as ArchitectureGoldens;

/**
 * The scalar reference differs from llama.cpp's F32 by rounding only: most in Gemma 4, whose scores nothing scales down,
 * because llama.cpp looks GELU up in a table of half floats. The engine's int8 cache, and in block types
 * llama.cpp's own 8-bit activations, cost a few percent of models this small; a wrong part costs the whole spread.
 */
const SAME_ARITHMETIC = 3e-3;
const SAME_MODEL = 0.07;
/** Block types of 256 values: llama.cpp gives all 256 activations one scale, the engine gives every 16 one of their own. */
const SAME_BUT_FOR_COARSE_SCALES = 0.16;
/** Where rounding tips the choice between two experts that are as good as equal, one of a few parts of a sum changes. */
const SAME_BUT_FOR_AN_EXPERT = 0.2;
/** A state carries that on to the tokens behind it. */
const SAME_BUT_FOR_EXPERTS_BEFORE = 0.45;

/**
 * A state carries what llama.cpp loses by 8-bit activations from token to token: its logits are up to 14 % off in these
 * models. So there the engine is held against exact arithmetic, too.
 */
const SAME_BUT_FOR_A_STATE = 0.2;
const NEARLY_EXACT = 0.03;

/**
 * The same where nothing scales scores down (Gemma 4): random weights make attention so sharp that 8-bit activations and
 * keys tip it. The cache holds half floats there.
 */
const FLOATS: readonly GgmlTypeName[] = ['F32', 'F16', 'BF16'];

const hasSharpScores = (spec: DecoderSpec) => attentionsOf(spec).some(({ scale }) => scale === 1);

/** A choice of experts is so nearly a tie in these that a cache of eight bits tips it. */
const HAVE_TIES = ['bailingmoe', 'dots1', 'hunyuan-moe', 'llama (experts)'];

/** Positions whose choice of experts is looked at. */
const MANY = 96;

/** What has been compared, for the page that says so. */
const ran = new Map<string, GgmlTypeName[]>();

const isRouted = ({ metadata }: GoldenModel) => metadata['expert_count'] !== undefined;

async function logitsOf(model: GoldenModel, type: GgmlTypeName): Promise<Float32Array[]> {
  const built = buildGoldenModel(model, type);
  const { gguf, source } = await holdCodebooks(built.gguf, built.source);
  const spec = decoderSpecFromGguf(gguf);
  const tokens = goldenTokens(goldens, spec.vocabularySize);
  const backend = await createCpuBackend({
    spec,
    gguf,
    source,
    contextLength: model.context,
    // Eight bits where a large model of this kind would have them.
    cacheKind: FLOATS.includes(type) || hasSharpScores(spec) || HAVE_TIES.includes(model.name) ? 'f16' : 'int8',
    threads: 1,
    build: 'plain',
    compile: compileFromDisk,
  });
  try {
    // As a prompt up to near the end, then token by token: both ways through the engine.
    const border = tokens.length - 8;
    const prompt = await backend.forward(tokens.slice(0, border), { logits: 'all' });
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
  if (isPlain || FLOATS.includes(type)) return undefined;
  const reference = new ScalarDecoder(spec, gguf, bytes, model.context);
  return goldenTokens(goldens, spec.vocabularySize).map((token) => [...reference.step(token)]);
}

describe.each(goldens.models.map((model) => [model.name, model] as const))('%s', (_, model) => {
  it('is described as llama.cpp runs it', () => {
    const { spec, gguf, bytes } = buildGoldenModel(model, 'F32');
    const reference = new ScalarDecoder(spec, gguf, bytes, model.context);
    const expected = goldenLogits(goldens, model, 'F32');
    // Far positions tell windows apart; without one the near ones tell all.
    const length = attentionsOf(spec).some(({ window }) => window !== undefined) ? goldens.length : 41;
    for (const [position, token] of goldenTokens(goldens, spec.vocabularySize).slice(0, length).entries()) {
      const logits = reference.step(token);
      const row = expected.get(position);
      if (row !== undefined) expect(relativeError(logits, row), `position ${position}`).toBeLessThan(SAME_ARITHMETIC);
    }
  });

  it.each(Object.keys(model.logits) as GgmlTypeName[])('runs on the CPU in %s', async (type) => {
    const rows = await logitsOf(model, type);
    const mayTip = type !== 'F32' && isRouted(model);
    const exact = exactLogits(model, type);
    const hasCoarseScales = ggmlTypeByName(type).blockLength === 256;
    const most = mayTip
      ? exact
        ? SAME_BUT_FOR_EXPERTS_BEFORE
        : SAME_BUT_FOR_AN_EXPERT
      : exact
        ? SAME_BUT_FOR_A_STATE
        : hasCoarseScales
          ? SAME_BUT_FOR_COARSE_SCALES
          : SAME_MODEL;
    ran.set(model.name, [...(ran.get(model.name) ?? []), type]);
    for (const [position, expected] of goldenLogits(goldens, model, type)) {
      // Where llama.cpp's own rounding tipped a choice, exact arithmetic tells.
      if (mayTip && exact && relativeError(rows[position]!, exact[position]!) < NEARLY_EXACT) continue;
      expect(relativeError(rows[position]!, expected), `position ${position}`).toBeLessThan(most);
      if (exact === undefined || mayTip) continue;
      expect(relativeError(rows[position]!, exact[position]!), `exact, position ${position}`).toBeLessThan(
        NEARLY_EXACT,
      );
    }
  });
});

const routed = goldens.models.filter(isRouted);

describe('the choice of experts', () => {
  it.each(routed.map((model) => [model.name, model] as const))(
    'is that of exact arithmetic in %s',
    async (_, model) => {
      const { spec, gguf, bytes } = buildGoldenModel(model, 'F32');
      const reference = new ScalarDecoder(spec, gguf, bytes, model.context);
      const rows = await logitsOf(model, 'F32');
      const tokens = goldenTokens(goldens, spec.vocabularySize).slice(0, MANY);
      const errors = tokens.map((token, position) => relativeError(rows[position]!, [...reference.step(token)]));
      // The half floats of the cache may tip one choice; a wrong rule tips more.
      expect(errors.filter((error) => error > NEARLY_EXACT).length).toBeLessThanOrEqual(1);
    },
  );
});

it('has its page up to date', async () => {
  const page = [
    '# Architectures on the CPU',
    '',
    'Made by the test run (`src/runtime/backends/cpu/architectures.test.ts`); not edited by hand. Of each model below, tiny',
    'and random, with its weights in each of these block types, the engine gave the logits of llama.cpp at several positions',
    'of a text of 150 tokens, read as a prompt and token by token. The scalar reference, which runs the same description in',
    'double precision, agreed with llama.cpp in F32 to three thousandths.',
    '',
    ...[...ran].map(([name, types]) => `- ${name}: ${types.join(', ')}`),
    '',
  ].join('\n');
  await expect(page).toMatchFileSnapshot('../../../../docs/models/cpu.md');
});
