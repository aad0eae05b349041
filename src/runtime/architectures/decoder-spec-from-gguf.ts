import type { GgufFile } from '../../formats/gguf/types.ts';
import { SottoError } from '../../shared/index.ts';
import { cohere2Spec, commandRSpec } from './cohere.ts';
import type { DecoderSpec } from './decoder-spec.ts';
import {
  bitnetSpec,
  ernieMoeSpec,
  gptOssSpec,
  hunyuanMoeSpec,
  lfm2Spec,
  olmoeSpec,
  qwen2moeSpec,
  qwen3moeSpec,
  sharedExpertsSpec,
} from './experts.ts';
import { falconSpec, gptneoxSpec, gptSpec, gptWithRopeSpec, nemotronSpec, stablelmSpec } from './falcon.ts';
import { gemma2Spec, gemma3nSpec, gemma3Spec, gemma4Spec, gemmaSpec } from './gemma.ts';
import { graniteSpec, graniteSwaSpec, minicpmSpec } from './granite.ts';
import { falconH1Spec, graniteHybridSpec, jambaSpec, mambaSpec, nemotronHSpec, qwen35Spec } from './hybrids.ts';
import { arceeSpec, llamaLikeSpec, llamaSpec, mistral3Spec, smollm3Spec } from './llama.ts';
import { MISSING_PARTS } from './missing-parts.ts';
import { exaone4Spec, olmo2Spec, olmoSpec } from './olmo.ts';
import { glm4Spec, hunyuanSpec, maincoderSpec, orionSpec, plamo3Spec, seedOssSpec, splitHalvesSpec } from './others.ts';
import { phi2Spec, phi3Spec, phimoeSpec } from './phi.ts';
import { qwen2Spec, qwenSpec } from './qwen.ts';

const ARCHITECTURES: ReadonlyMap<string, (gguf: GgufFile) => DecoderSpec> = new Map([
  ['llama', llamaSpec],
  ['mistral3', mistral3Spec],
  ['smollm3', smollm3Spec],
  ['arcee', arceeSpec],
  ['internlm2', llamaLikeSpec('internlm2')],
  ['xverse', llamaLikeSpec('xverse')],
  ['ernie4_5', llamaLikeSpec('ernie4_5')],
  ['ernie4_5-moe', ernieMoeSpec],
  ['chatglm', llamaLikeSpec('chatglm')],
  ['qwen', qwenSpec],
  ['qwen2', qwen2Spec('qwen2')],
  ['qwen2vl', qwen2Spec('qwen2vl')],
  ['qwen3', qwen2Spec('qwen3')],
  ['qwen3vl', qwen2Spec('qwen3vl')],
  ['gemma', gemmaSpec],
  ['gemma2', gemma2Spec],
  ['gemma3', gemma3Spec],
  ['gemma3n', gemma3nSpec],
  ['gemma4', gemma4Spec],
  ['olmoe', olmoeSpec],
  ['qwen2moe', qwen2moeSpec],
  ['qwen3moe', qwen3moeSpec('qwen3moe')],
  ['qwen3vlmoe', qwen3moeSpec('qwen3vlmoe')],
  ['lfm2', lfm2Spec('lfm2')],
  ['lfm2moe', lfm2Spec('lfm2moe')],
  ['bitnet', bitnetSpec],
  ['gpt-oss', gptOssSpec],
  ['bailingmoe', sharedExpertsSpec('bailingmoe')],
  ['bailingmoe2', sharedExpertsSpec('bailingmoe2')],
  ['dots1', sharedExpertsSpec('dots1')],
  ['deepseek', sharedExpertsSpec('deepseek')],
  ['hunyuan-moe', hunyuanMoeSpec],
  ['phi2', phi2Spec],
  ['phi3', phi3Spec],
  ['phimoe', phimoeSpec],
  ['granite', graniteSpec('granite')],
  ['granitemoe', graniteSpec('granitemoe')],
  ['granite_swa', graniteSwaSpec],
  ['granitehybrid', graniteHybridSpec],
  ['falcon-h1', falconH1Spec],
  ['jamba', jambaSpec],
  ['mamba', mambaSpec('mamba')],
  ['mamba2', mambaSpec('mamba2')],
  ['nemotron_h', nemotronHSpec],
  ['qwen35', qwen35Spec('qwen35')],
  ['qwen35moe', qwen35Spec('qwen35moe')],
  ['minicpm', minicpmSpec],
  ['falcon', falconSpec],
  ['gptneox', gptneoxSpec],
  ['stablelm', stablelmSpec],
  ['starcoder2', gptWithRopeSpec('starcoder2')],
  ['codeshell', gptWithRopeSpec('codeshell')],
  ['gpt2', gptSpec('gpt2')],
  ['starcoder', gptSpec('starcoder')],
  ['nemotron', nemotronSpec('nemotron')],
  ['jais2', nemotronSpec('jais2')],
  ['olmo', olmoSpec],
  ['olmo2', olmo2Spec],
  ['exaone', splitHalvesSpec('exaone')],
  ['exaone4', exaone4Spec],
  ['openelm', splitHalvesSpec('openelm')],
  ['paddleocr', splitHalvesSpec('paddleocr')],
  ['pangu-embedded', splitHalvesSpec('pangu-embedded')],
  ['command-r', commandRSpec],
  ['cohere2', cohere2Spec],
  ['hunyuan-dense', hunyuanSpec('hunyuan-dense')],
  ['hunyuan_vl', hunyuanSpec('hunyuan_vl')],
  ['maincoder', maincoderSpec],
  ['plamo3', plamo3Spec],
  ['seed_oss', seedOssSpec],
  ['glm4', glm4Spec],
  ['orion', orionSpec],
]);

/**
 * Maps a GGUF header to what the backends run.
 * Throws `model-unsupported` (naming the architecture and the part that is missing) or `gguf-invalid` (a missing or
 * misshapen tensor).
 */
export function decoderSpecFromGguf(gguf: GgufFile): DecoderSpec {
  const architecture = gguf.metadata.get('general.architecture');
  if (typeof architecture !== 'string') {
    throw new SottoError('gguf-invalid', 'The file does not say which architecture it holds.');
  }
  const toSpec = ARCHITECTURES.get(architecture);
  if (toSpec !== undefined) return toSpec(gguf);
  const part = MISSING_PARTS.get(architecture);
  const known = [...ARCHITECTURES.keys()].join(', ');
  const message =
    part === undefined
      ? `This model is not supported: ${architecture}, because this engine does not know that architecture; it knows ${known}.`
      : `This model is not supported: ${architecture}, because of ${part}.`;
  throw new SottoError('model-unsupported', message, { details: { architecture, part: part ?? 'architecture' } });
}
