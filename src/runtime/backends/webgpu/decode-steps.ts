import { type AdapterBuffers, withAdapters } from './adapters/adapter-requests.ts';
import { expertsDecode } from './experts-decode.ts';
import type { GpuBuffers, MixerBuffers } from './gpu-buffers.ts';
import type { GpuPlan } from './gpu-plan.ts';
import type { KernelLibrary, KernelStep, StepRequest } from './kernel-library.ts';
import { layerInputsRequests } from './layer-inputs-steps.ts';
import { layerRequests } from './layer-steps.ts';
import { matvecConstants, matvecRequest } from './matvec-request.ts';
import { ATTENTION_THREADS, type AttentionShape } from './mixer-shapes.ts';
import { type MixerContext, type MixerRequests, rawRequests } from './mixer-steps.ts';
import { attentionConstants, modelConstants } from './model-constants.ts';
import type { Phase } from './phase.ts';
import { attentionBindings, embedRequests, normRequest, outputGateRequests, placeRequest } from './shared-steps.ts';

const CHOOSE_THREADS = 256;
const JOIN_THREADS = 64;

/** What one token takes: five dispatches a layer in a plain model, and the head, the choice and the embedding around them. */
export interface DecodeSteps {
  /** token → hidden */
  readonly embed: readonly KernelStep[];
  /** hidden → hidden, keys, values */
  readonly layers: readonly KernelStep[];
  /** hidden → logits and candidates */
  readonly head: readonly KernelStep[];
  /** candidates → token; the position moves on. The same with penalties, and with a draw among the likeliest. */
  readonly choose: readonly KernelStep[];
  readonly choosePenalised: readonly KernelStep[];
  readonly draw: readonly KernelStep[];
}

/** Workgroups of the head, each of which leaves one candidate. */
export function candidateCount({ shape, head }: GpuPlan): number {
  return Math.ceil(shape.vocabularySize / matvecConstants('head', head[0]!.matrix.columns).TILE_ROWS);
}

/** Compiles and binds the decode kernels of a model. */
export async function createDecodeSteps(
  library: KernelLibrary,
  plan: GpuPlan,
  buffers: GpuBuffers,
): Promise<DecodeSteps> {
  const build = (requests: readonly StepRequest[]) =>
    Promise.all(withAdapters(requests, buffers.adapters, 'token').map((request) => library.step(request)));
  const choice = (kernel: 'choose' | 'draw', isPenalised: boolean): StepRequest => ({
    kernel,
    constants: {
      ...modelConstants(plan, buffers.token.layout),
      WORKGROUP: CHOOSE_THREADS,
      CANDIDATES: candidateCount(plan),
      TILE_ROWS: matvecConstants('head', plan.head[0]!.matrix.columns).TILE_ROWS,
      IS_PENALISED: isPenalised,
    },
    bindings: [buffers.token.buffer, buffers.logits],
    workgroups: () => [1, 1],
  });
  const phase: Phase = {
    name: 'decode',
    scratch: buffers.token,
    multiply: matvecRequest,
    attention: (context, mixer) => attentionRequests(context, mixer, buffers.adapters),
    experts: (experts, layer, target) => expertsDecode(plan, buffers, experts, layer, target),
  };
  const [embed, layers, head, choose, choosePenalised, draw] = await Promise.all([
    build([...embedRequests(plan, buffers, buffers.token), ...layerInputsRequests(plan, buffers, phase)]),
    build(buffers.layers.flatMap((layer) => layerRequests(plan, layer, phase))),
    build(headRequests(plan, buffers)),
    build([choice('choose', false)]),
    build([choice('choose', true)]),
    build([choice('draw', true)]),
  ]);
  return { embed, layers, head, choose, choosePenalised, draw };
}

/** One token's attention: positions are dealt out, and what became of them is joined on the way to the output. */
function attentionRequests(
  context: MixerContext,
  mixer: MixerBuffers<AttentionShape>,
  adapters: AdapterBuffers | undefined,
): MixerRequests {
  const { plan, scratch, input, into, project } = context;
  const { shape } = mixer;
  // Adapters of the output want the joined heads in their region.
  const joinsInOutput = shape.joinsInOutput && adapters?.banks.has(mixer.output) !== true;
  const { regions } = scratch.layout;
  const constants = attentionConstants(plan, scratch.layout, shape);
  const qkv = shape.isPlaced
    ? rawRequests(context, mixer)
    : mixer.input.map((upload) =>
        matvecRequest('qkv', upload, {
          kernel: 'qkv-decode',
          cache: plan.cacheFormat,
          constants: { ...constants, INPUT_AT: regions[input], CACHE_BINDING: 2 },
          bindings: [scratch.buffer, upload.buffer, mixer.cache],
        }),
      );
  const output: StepRequest[] = joinsInOutput
    ? [
        matvecRequest('output', mixer.output, {
          kernel: 'attention-output-decode',
          constants: { ...constants, ...into },
          bindings: [scratch.buffer, mixer.output.buffer],
        }),
      ]
    : [
        {
          kernel: 'attention-join-decode',
          constants: { ...constants, WORKGROUP: JOIN_THREADS },
          bindings: [scratch.buffer],
          workgroups: () => [Math.ceil(shape.queryWidth / 4 / JOIN_THREADS), 1],
        },
        ...outputGateRequests(plan, scratch, shape),
        project('output', mixer.output, 'attended', into),
      ];
  return {
    mix: [
      ...qkv,
      ...(shape.isPlaced ? [placeRequest(plan, scratch, mixer)] : []),
      {
        kernel: shape.spec.sinks === undefined ? 'attention-decode' : 'attention-sinks-decode',
        cache: plan.cacheFormat,
        constants: { ...constants, WORKGROUP: ATTENTION_THREADS, CACHE_BINDING: 1 },
        bindings: attentionBindings(scratch, mixer),
        workgroups: () => [plan.shape.splits, shape.heads / shape.groupHeads],
      },
    ],
    add: output,
  };
}

function headRequests(plan: GpuPlan, buffers: GpuBuffers): StepRequest[] {
  const { token, finalNorm } = buffers;
  const norm = finalNorm === undefined ? [] : [normRequest(plan, token, finalNorm, 'hidden', 'normed')];
  const INPUT_AT = token.layout.regions[finalNorm === undefined ? 'hidden' : 'normed'];
  return [
    ...norm,
    ...buffers.head.map((part) =>
      matvecRequest('head', part, {
        kernel: 'head-decode',
        constants: { ...modelConstants(plan, token.layout), INPUT_AT },
        bindings: [token.buffer, part.buffer, buffers.logits],
      }),
    ),
  ];
}
