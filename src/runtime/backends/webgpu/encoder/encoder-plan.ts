import { SottoError } from '../../../../shared/index.ts';
import type {
  DecoderSpec,
  EncoderLayer,
  EncoderSpec,
  HeadNormSpec,
  LayerSpec,
  NormSpec,
  RopeSpec,
  VectorSpec,
} from '../../../architectures/index.ts';
import type { EncoderSteps } from '../../pad-encoder.ts';
import {
  cacheBytes,
  type LayerPlan,
  type ModelPlan,
  matricesOf,
  type PlanLimits,
  planLayer,
  TILE_TOKENS,
} from '../gpu-plan.ts';
import { modelShape } from '../model-shape.ts';
import { checkBytes, checkType, checkWorkgroups, inOrder, planTable, type TablePart } from '../table-plan.ts';
import { fuseRows, matrixBytes, type WeightMatrix } from '../weights/index.ts';
import { type EncoderScratch, encoderScratch } from './encoder-scratch.ts';

/** Everything of an encoder that will lie in GPU memory, worked out before anything is allocated. */
export interface GpuEncoderPlan extends ModelPlan {
  readonly encoder: EncoderSpec;
  /** Most tokens of one text. */
  readonly contextLength: number;
  /** Most tokens of one job, whole tiles of every kernel. */
  readonly tokens: number;
  readonly scratch: EncoderScratch;
  readonly layers: readonly LayerPlan[];
  readonly embedding: readonly TablePart[];
  readonly embeddingNorm: NormSpec | undefined;
  readonly finalNorm: NormSpec | undefined;
  readonly projections: readonly WeightMatrix[];
}

/** What the kernels go through at once: rows of a matrix have any length. */
export const GPU_ENCODER_STEPS: EncoderSteps = { columns: 1, head: 4 };

/** Tokens of one job where the device can hold them: some ten passages, which fill a large GPU. */
const JOB_TOKENS = 2_048;

/**
 * Plans the buffers. Throws `model-unsupported` for block types and shapes without kernels, `backend-unavailable` with the
 * numbers for what the adapter's limits cannot hold: before a byte has been read.
 */
export function planGpuEncoder(encoder: EncoderSpec, contextLength: number, limits: PlanLimits): GpuEncoderPlan {
  const spec = asDecoder(encoder);
  const largest = Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize);
  const planFor = (tokens: number) => {
    const shape = modelShape(spec, tokens, limits.maxComputeWorkgroupStorageSize);
    return { shape, tokens, scratch: encoderScratch(shape, tokens, encoder.projections) };
  };
  const least = Math.ceil(contextLength / TILE_TOKENS) * TILE_TOKENS;
  let sized = planFor(Math.max(JOB_TOKENS, least));
  while (sized.scratch.byteLength > largest && sized.tokens > least) {
    sized = planFor(Math.max(least, sized.tokens / 2));
  }
  checkBytes(`the working space for a text of ${contextLength} tokens`, sized.scratch.byteLength, largest);
  const { shape } = sized;
  const layers = spec.layers.map((layer, index) => planLayer(spec, layer, shape.layers[index]!, largest));
  const projections = encoder.projections.map((weight) => {
    checkType(weight);
    return fuseRows([inOrder(weight)]);
  });
  for (const matrix of [...layers.flatMap(matricesOf), ...projections]) {
    const name = matrix.parts.map((part) => part.weight.name).join(' + ');
    checkBytes(name, matrixBytes(matrix, matrix.rows), largest);
    checkWorkgroups(matrix.rows, limits.maxComputeWorkgroupsPerDimension);
  }
  for (const mixer of shape.layers.flatMap(({ mixers }) => mixers)) {
    if (mixer.kind === 'attention' && mixer.prefillTile === undefined) {
      const message = `An encoder's heads of ${mixer.headSize} values do not run on the GPU.`;
      throw new SottoError('model-unsupported', message, { details: { headSize: mixer.headSize } });
    }
    checkBytes('keys and values', cacheBytes(mixer, shape, CACHE_FORMAT), largest);
  }
  return {
    ...sized,
    encoder,
    contextLength,
    spec,
    cacheFormat: CACHE_FORMAT,
    layers,
    embedding: planTable(encoder.embedding, largest, undefined),
    embeddingNorm: encoder.embeddingNorm,
    finalNorm: encoder.finalNorm,
    projections,
  };
}

/** Keys and values live for one job only: there is nothing to save by halves. */
const CACHE_FORMAT = 'f32';

/**
 * The encoder as the spec that the kernels' constants are read from: its layers are a decoder's, but for who sees what and
 * where the output norms stand. Its head, which it has not, is never planned.
 */
function asDecoder(encoder: EncoderSpec): DecoderSpec {
  const ropes = new Map<number, RopeSpec>();
  const { architecture, hiddenSize, vocabularySize, contextLength, norm, embeddingScale, embedding } = encoder;
  return {
    architecture,
    hiddenSize,
    vocabularySize,
    contextLength,
    norm,
    isParallel: false,
    embeddingScale,
    residualScale: 1,
    logitScale: 1,
    logitSoftCap: undefined,
    embedding,
    positionEmbedding: undefined,
    layerInputs: undefined,
    streams: undefined,
    layers: encoder.layers.map((layer) => denseLayer(encoder, layer, ropes)),
    finalNorm: encoder.finalNorm ?? { weight: undefined, bias: undefined },
    output: embedding,
    isTied: true,
    leftOut: [],
  };
}

function denseLayer(encoder: EncoderSpec, layer: EncoderLayer, ropes: Map<number, RopeSpec>): LayerSpec {
  const { heads, keyValueHeads, headSize, trueHeadSize = headSize, feedForwardSize, activation } = encoder;
  return {
    attentionNorm: layer.attentionNorm,
    attention: {
      kind: 'attention',
      heads,
      keyValueHeads,
      headSize,
      scale: 1 / Math.sqrt(trueHeadSize),
      softCap: undefined,
      window: undefined,
      sinks: undefined,
      rope: layer.ropeBase === undefined ? undefined : ropeOf(layer.ropeBase, trueHeadSize, ropes),
      query: layer.query,
      key: layer.key,
      value: layer.value,
      queryNorm: headNorm(layer.queryNorm),
      keyNorm: headNorm(layer.keyNorm),
      isValueNormed: false,
      sharesCacheOf: undefined,
      innerNorm: undefined,
      outputGate: undefined,
      output: layer.attentionOutput,
    },
    besideAttention: undefined,
    attentionPostNorm: layer.attentionOutputNorm,
    feedForwardNorm: layer.feedForwardNorm,
    feedForward: {
      kind: 'dense',
      size: feedForwardSize,
      activation,
      gate: layer.gate,
      up: layer.up,
      cutoff: undefined,
      innerNorm: undefined,
      down: layer.down,
    },
    feedForwardPostNorm: layer.feedForwardOutputNorm,
    lowRank: undefined,
    layerInput: undefined,
    streams: undefined,
    outputScale: undefined,
  };
}

const headNorm = (weight: VectorSpec | undefined): HeadNormSpec | undefined =>
  weight && { weight, over: 'head', isAfterRope: false };

/** One object a base: layers that share it share a table of angles. */
function ropeOf(base: number, headSize: number, ropes: Map<number, RopeSpec>): RopeSpec {
  const known = ropes.get(base);
  if (known !== undefined) return known;
  const rope: RopeSpec = {
    kind: 'halves',
    dimensions: headSize,
    base,
    positionScale: 1,
    factors: undefined,
    longFactors: undefined,
    yarn: undefined,
    magnitude: 1,
  };
  ropes.set(base, rope);
  return rope;
}
