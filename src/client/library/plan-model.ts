import type { MemoryNeeds, ModelManifest } from '../../protocol/index.ts';
import { usualCacheKind } from '../../shared/index.ts';

/** What is known of the device. `null`: the browser does not say. */
export interface DeviceFacts {
  /** Memory of the machine; browsers round it, and some say 8 GiB for anything above. */
  readonly memoryBytes: number | null;
  readonly threads: number;
  /** Largest buffer of the graphics adapter; null where there is none to use. */
  readonly gpuBufferBytes: number | null;
  /** Room that the browser says this site may still fill. It may be wrong in both directions. */
  readonly freeBytes: number | null;
}

/** What a model takes, before it is there. */
export interface ModelNeeds {
  readonly fileBytes: number;
  /** Bytes of it that are stored already. */
  readonly storedBytes: number;
  readonly memory: MemoryNeeds;
  readonly contextLength: number;
  /** How the processor's engine holds keys and values where nobody says; absent: int8. */
  readonly kvCache?: 'int8' | 'f16' | undefined;
}

/** Why a model cannot work here, with the numbers. */
export interface PlanProblem {
  /** `storage`: the disk; `memory`: the machine; `address-space`: what WebAssembly can address. */
  readonly what: 'storage' | 'memory' | 'address-space';
  readonly neededBytes: number;
  readonly availableBytes: number;
}

/** How a model is to be loaded, as far as memory depends on it. */
export interface PlanWish {
  readonly contextLength?: number | undefined;
  /** Absent: as the engine chooses. */
  readonly backend?: 'cpu' | 'webgpu' | undefined;
  /** How the processor's engine holds keys and values; absent: as suits the model. */
  readonly kvCache?: keyof typeof CPU_CACHE_SHARE | undefined;
  /** A model that guesses, on the processor whatever the other one runs on. */
  readonly draft?: ModelNeeds | undefined;
  /** Of LoRA adapters beside the model, once they are loaded. */
  readonly adapterBytes?: number | undefined;
}

/** Of what the memory that a plan states is made up, in bytes. */
export interface PlanParts {
  readonly weights: number;
  readonly working: number;
  /** Keys and values of the context. */
  readonly cache: number;
  /** Copies of texts that were read before, at most. */
  readonly copies: number;
  readonly draft: number;
  readonly adapters: number;
  /** The engine's thread: its code, the tokenizer, a chunk of the file, what waits for the garbage collector. */
  readonly thread: number;
}

/** How a model would run here. */
export interface ModelPlan {
  readonly fits: boolean;
  readonly backend: 'cpu' | 'webgpu';
  /** Tokens of context that fit; the wanted ones where they do. */
  readonly contextLength: number;
  readonly downloadBytes: number;
  /** The most that one answer at a time takes: weights, keys and values, copies of what was read before, the engine. */
  readonly memoryBytes: number;
  readonly parts: PlanParts;
  /** The most that further answers at once take on top. It is taken when they first come. */
  readonly togetherBytes: number;
  readonly problems: readonly PlanProblem[];
  /** True where it fits, but other programs will feel it. */
  readonly isTight: boolean;
}

/** WebAssembly memory is addressed by 32 bits. */
const ADDRESS_SPACE = 2 ** 32;
/** Where nothing else is asked for, as the engine does. */
const DEFAULT_CONTEXT = 4096;
const LEAST_CONTEXT = 512;
/** Share of the machine that a page can take before other programs are pushed out. */
const COMFORTABLE_SHARE = 0.5;
/** A browser says this for anything above, so it is no limit. */
const MOST_REPORTED = 8 * 2 ** 30;
/** Other data of the site, and what a database needs while it writes. */
const STORAGE_RESERVE = 16 * 2 ** 20;

/** Keys and values: manifests count two bytes each, as a graphics card holds them; int8 takes one, and a scale a head. */
const CPU_CACHE_SHARE = { int8: 0.57, f16: 1, f32: 2 } as const;
const FLOATS: ReadonlySet<string> = new Set(['F32', 'F16', 'BF16']);
/** What a manifest does not say of attention: whose scores nothing scales down, and whose keys have neither norms nor biases. */
const UNSCALED: ReadonlySet<string> = new Set(['gemma4']);
const PLAIN_KEYS: ReadonlySet<string> = new Set(['llama']);
/** Copies of texts that were read take as much as one more context, and no more than this; so do further answers at once. */
const MOST_COPIED = 256 * 2 ** 20;
const FURTHER_ANSWERS = 3;
/** Chunks and logits of a GPU engine, where a manifest from before does not say. */
const GRAPHICS_BYTES = 32 * 2 ** 20;
const THREAD_BYTES = 32 * 2 ** 20;

/** Where and how a model runs. */
interface Engine extends Pick<PlanWish, 'kvCache' | 'draft' | 'adapterBytes'> {
  readonly backend: ModelPlan['backend'];
}

/** Memory of a model at a context, with all that it may come to take for one answer at a time. */
export function partsAt(needs: MemoryNeeds, context: number, engine: Engine): PlanParts {
  const { backend, kvCache = 'int8', draft, adapterBytes = 0 } = engine;
  const isOnGpu = backend === 'webgpu';
  const share = isOnGpu ? 1 : CPU_CACHE_SHARE[kvCache];
  const cache = Math.round(needs.cacheBytesPerToken * share * context);
  return {
    weights: needs.weightsBytes - (isOnGpu ? 0 : (needs.unloadedBytes ?? 0)),
    working: isOnGpu ? (needs.graphicsBytes ?? needs.workingBytes + GRAPHICS_BYTES) : needs.workingBytes,
    cache,
    copies: Math.min(MOST_COPIED, cache),
    draft: draft === undefined ? 0 : draftBytes(draft, context),
    adapters: adapterBytes,
    thread: THREAD_BYTES,
  };
}

/** A draft model keeps no copies, and lives in the same thread. */
function draftBytes({ memory, contextLength, kvCache }: ModelNeeds, context: number): number {
  const { weights, working, cache } = partsAt(memory, Math.min(context, contextLength), { backend: 'cpu', kvCache });
  return weights + working + cache;
}

/** What one engine addresses: weights, buffers, keys and values, adapters. */
const engineBytes = ({ weights, working, cache, adapters }: PlanParts) => weights + working + cache + adapters;

const totalBytes = (parts: PlanParts) => Object.values<number>({ ...parts }).reduce((sum, bytes) => sum + bytes, 0);

/** The needs that a manifest names; estimated for manifests from before it named them. */
export function needsOf(manifest: ModelManifest, storedBytes = 0): ModelNeeds {
  const { file, companions = [], contextLength, memory, memoryBytes, quantisation, architecture } = manifest;
  const fileBytes = companions.reduce((sum, { size }) => sum + size, file.size);
  const context = Math.min(DEFAULT_CONTEXT, contextLength);
  const estimated = {
    weightsBytes: file.size,
    workingBytes: Math.round(file.size * 0.2),
    cacheBytesPerToken: Math.max(0, Math.round((memoryBytes - file.size * 1.2) / context)),
  };
  const needs = memory ?? estimated;
  const kvCache = usualCacheKind({
    hasFloatWeights: FLOATS.has(quantisation),
    hasUnscaledScores: UNSCALED.has(architecture),
    hasGreatKeys: !PLAIN_KEYS.has(architecture),
    weightsBytes: needs.weightsBytes,
    cacheBytesPerToken: needs.cacheBytesPerToken,
  });
  return { fileBytes, storedBytes, memory: needs, contextLength, kvCache };
}

/** Decides, before a byte is fetched or a weight is read, whether a model can work here, and how. */
export function planModel(needs: ModelNeeds, device: DeviceFacts, wish: PlanWish = {}): ModelPlan {
  const wantedContext = wish.contextLength;
  const wanted = Math.min(wantedContext ?? DEFAULT_CONTEXT, needs.contextLength);
  const machine = device.memoryBytes === null || device.memoryBytes >= MOST_REPORTED ? null : device.memoryBytes;
  const isOnGpu = device.gpuBufferBytes !== null && needs.memory.weightsBytes <= 4 * device.gpuBufferBytes;
  const backend = wish.backend ?? (isOnGpu ? 'webgpu' : 'cpu');
  const at = (context: number) =>
    partsAt(needs.memory, context, { ...wish, backend, kvCache: wish.kvCache ?? needs.kvCache });
  // A context that was asked for is kept or refused; one that nobody asked for gives way.
  let contextLength = wanted;
  const isTooMuch = (context: number) =>
    engineBytes(at(context)) > ADDRESS_SPACE || (machine !== null && totalBytes(at(context)) > machine);
  while (wantedContext === undefined && contextLength > LEAST_CONTEXT && isTooMuch(contextLength)) {
    contextLength = Math.max(LEAST_CONTEXT, Math.floor(contextLength / 2));
  }
  const parts = at(contextLength);
  const memoryBytes = totalBytes(parts);
  const downloadBytes = Math.max(0, needs.fileBytes - needs.storedBytes);
  const problems: PlanProblem[] = [];
  if (engineBytes(parts) > ADDRESS_SPACE) {
    problems.push({ what: 'address-space', neededBytes: engineBytes(parts), availableBytes: ADDRESS_SPACE });
  }
  if (machine !== null && memoryBytes > machine) {
    problems.push({ what: 'memory', neededBytes: memoryBytes, availableBytes: machine });
  }
  const roomBytes = downloadBytes + STORAGE_RESERVE;
  if (downloadBytes > 0 && device.freeBytes !== null && roomBytes > device.freeBytes) {
    problems.push({ what: 'storage', neededBytes: roomBytes, availableBytes: device.freeBytes });
  }
  return {
    fits: problems.length === 0,
    backend,
    contextLength,
    downloadBytes,
    memoryBytes,
    parts,
    // One text at a time is computed on a graphics card.
    togetherBytes: backend === 'cpu' ? Math.min(MOST_COPIED, FURTHER_ANSWERS * parts.cache) : 0,
    problems,
    isTight: memoryBytes > COMFORTABLE_SHARE * (device.memoryBytes ?? ADDRESS_SPACE),
  };
}

/** What is compared of models that could be had here. */
export interface Candidate {
  readonly id: string;
  readonly name: string;
  readonly architecture: string;
  readonly parameters: number;
  readonly fileBytes: number;
  readonly plan: ModelPlan;
}

/**
 * The most able one that fits first. Of one model in several quantisations the most exact one that other programs will not feel
 * comes first; `betterId` of the others names it.
 */
export function rank<C extends Candidate>(candidates: readonly C[]): readonly (C & { readonly betterId?: string })[] {
  const ordered = [...candidates].sort(
    (a, b) =>
      Number(b.plan.fits) - Number(a.plan.fits) ||
      (isSameModel(a, b) ? Number(a.plan.isTight) - Number(b.plan.isTight) || b.fileBytes - a.fileBytes : 0) ||
      b.parameters - a.parameters,
  );
  return ordered.map((candidate, index) => {
    const better = ordered.slice(0, index).find((other) => isSameModel(other, candidate));
    return better === undefined ? candidate : { ...candidate, betterId: better.id };
  });
}

/** Block types in a name: "Qwen3 0.6B Q4_K_M", "qwen3-0.6b.iq4_xs". */
const QUANTISATION = /[\s._-]*\b(i?q\d\w*|tq\d\w*|mxfp4|b?f16|f32)\b/gi;

function isSameModel(a: Candidate, b: Candidate): boolean {
  const plain = ({ name }: Candidate) => name.replace(QUANTISATION, '').trim().toLowerCase();
  return a.architecture === b.architecture && plain(a) === plain(b);
}
