import type { MemoryPlan } from './memory-plan.ts';
import * as outline from './outline-fields.ts';
import * as fields from './plan-fields.ts';
import { writeLayer, writeMatrix } from './write-layer.ts';

const CACHE_NUMBERS = {
  int8: fields.CACHE_INT8,
  f16: fields.CACHE_FLOAT16,
  f32: fields.CACHE_FLOAT32,
} as const;

/** Writes the plan into WASM memory, where the kernels read it. */
export function writePlan(plan: MemoryPlan, buffer: ArrayBufferLike): void {
  const view = new DataView(buffer);
  const integer = (offset: number, value: number) => view.setUint32(fields.PLAN + offset, value, true);
  const float = (offset: number, value: number) => view.setFloat32(fields.PLAN + offset, value, true);
  const { spec, buffers, scratch } = plan;

  integer(fields.HIDDEN, spec.hiddenSize);
  integer(fields.LAYERS, plan.layers.length);
  integer(fields.CONTEXT, plan.context);
  integer(fields.THREADS, plan.threads);
  integer(fields.BALANCE, plan.balance);
  integer(fields.VOCABULARY, plan.head.groups * 8);
  integer(fields.NORM, spec.norm.kind === 'rms' ? fields.NORM_RMS : fields.NORM_LAYER);
  integer(fields.PARALLEL, spec.isParallel ? 1 : 0);
  integer(fields.CACHE_KIND, CACHE_NUMBERS[plan.cacheKind]);

  float(fields.EPSILON, spec.norm.epsilon);
  float(fields.EMBEDDING_SCALE, spec.embeddingScale);
  float(fields.RESIDUAL_SCALE, spec.residualScale);
  float(fields.LOGIT_SCALE, spec.logitScale);
  float(fields.LOGIT_CAP, spec.logitSoftCap ?? 0);

  integer(fields.TOKENS, buffers.tokens);
  integer(fields.ROWS, buffers.rows);
  integer(fields.X, buffers.x);
  integer(fields.QKV, buffers.qkv);
  integer(fields.ATTENTION, buffers.attention);
  integer(fields.GATED, buffers.gated);
  integer(fields.NORMALISED, buffers.normalised);
  integer(fields.EIGHT_BIT, buffers.eightBit);
  integer(fields.SIXTEEN_BIT, buffers.sixteenBit);
  integer(fields.TABLES, buffers.tables);
  integer(fields.QUERY, buffers.query);
  integer(fields.QUERY_SCALE, buffers.queryScale);
  integer(fields.LOGITS, buffers.logits);
  integer(fields.PARTIAL, buffers.partial);
  integer(fields.PARTIAL_STATS, buffers.partialStats);
  integer(fields.ROUTED, buffers.routed);
  integer(fields.RECURRENT_IN, buffers.recurrentIn);
  integer(fields.RECURRENT_OUT, buffers.recurrentOut);
  integer(fields.LAYER_INPUTS, buffers.layerInputs);
  integer(fields.LAYER_INPUTS_PROJECTED, buffers.layerInputsProjected);
  integer(fields.STREAMS, buffers.streams);
  integer(fields.WAITING_GATES, buffers.waitingGates);
  integer(fields.STAGING, buffers.staging);

  integer(fields.SCRATCH, scratch.address);
  integer(fields.SCRATCH_STRIDE, scratch.stride);
  integer(fields.SCRATCH_NORMALISED, scratch.offsets.normalised);
  integer(fields.SCRATCH_EIGHT_BIT, scratch.offsets.eightBit);
  integer(fields.SCRATCH_SIXTEEN_BIT, scratch.offsets.sixteenBit);
  integer(fields.SCRATCH_TABLES, scratch.offsets.tables);
  integer(fields.SCRATCH_QUERY, scratch.offsets.query);
  integer(fields.SCRATCH_QUERY_SCALE, scratch.offsets.queryScale);
  integer(fields.SCRATCH_SCORES, scratch.offsets.scores);
  integer(fields.SCRATCH_WEIGHTS, scratch.offsets.weights);
  integer(fields.SCRATCH_ROWS, scratch.offsets.rows);
  integer(fields.SCRATCH_PARTIAL, scratch.offsets.partial);
  integer(fields.SCRATCH_PARTIAL_STATS, scratch.offsets.partialStats);
  integer(fields.SCRATCH_CHOICE, scratch.offsets.choice);
  integer(fields.SCRATCH_TILE_SUMS, scratch.offsets.tileSums);
  integer(fields.SCRATCH_FOUND, scratch.offsets.found);

  integer(fields.FINAL_NORM, plan.finalNorm.weight);
  integer(fields.FINAL_NORM_BIAS, plan.finalNorm.bias);
  integer(fields.LAYER_TABLE, plan.layerTable);
  writeMatrix(view, fields.PLAN + fields.EMBEDDING, plan.embedding);
  writeMatrix(view, fields.PLAN + fields.HEAD, plan.head);
  if (plan.outline !== undefined) {
    writeMatrix(view, fields.PLAN + outline.OUTLINE, plan.outline.matrix);
    integer(outline.OUTLINE_ERRORS, plan.outline.errors);
    integer(outline.OUTLINE_GROUP_ERRORS, plan.outline.groupErrors);
    integer(outline.OUTLINE_PEAKS, plan.outline.peaks);
    integer(outline.OUTLINE_MARKS, plan.outline.marks);
    integer(outline.OUTLINE_BESIDES, plan.outline.besides);
    integer(outline.OUTLINE_ROWS, plan.head.weight.rows);
  }
  if (plan.positionEmbedding) writeMatrix(view, fields.PLAN + fields.POSITION_EMBEDDING, plan.positionEmbedding);
  if (plan.layerInputs !== undefined) {
    integer(fields.LAYER_INPUT_SIZE, spec.layerInputs!.size);
    integer(fields.LAYER_INPUTS_NORM, plan.layerInputs.norm);
    writeMatrix(view, fields.PLAN + fields.LAYER_INPUTS_MATRIX, plan.layerInputs.projection);
  }
  if (plan.streams !== undefined) {
    const { begin, end, beginTable, endTable } = plan.streams;
    integer(fields.STREAM_COUNT, spec.streams!.count);
    integer(fields.STREAM_BEGIN, beginTable);
    integer(fields.STREAM_END, endTable);
    for (const [index, place] of begin.entries()) writeMatrix(view, beginTable + index * fields.MATRIX_BYTES, place);
    for (const [index, place] of end.entries()) writeMatrix(view, endTable + index * fields.MATRIX_BYTES, place);
  }
  for (const [index, layer] of plan.layers.entries()) {
    writeLayer(view, plan.layerTable + index * fields.LAYER_BYTES, layer);
  }
}
