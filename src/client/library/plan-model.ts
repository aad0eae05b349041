import type { MemoryNeeds, ModelManifest } from '../../protocol/index.ts';

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
}

/** Why a model cannot work here, with the numbers. */
export interface PlanProblem {
  /** `storage`: the disk; `memory`: the machine; `address-space`: what WebAssembly can address. */
  readonly what: 'storage' | 'memory' | 'address-space';
  readonly neededBytes: number;
  readonly availableBytes: number;
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

/** Keys and values: manifests count two bytes each, as a graphics card holds them; the processor takes one, and a scale a head. */
const CACHE_SHARE = { cpu: 0.57, webgpu: 1 } as const;
const FLOATS: ReadonlySet<string> = new Set(['F32', 'F16', 'BF16']);
/** Copies of texts that were read take as much as one more context, and no more than this; so do further answers at once. */
const MOST_COPIED = 256 * 2 ** 20;
const FURTHER_ANSWERS = 3;
/** The engine's thread: its code, the tokenizer, a chunk of the file, what waits for the garbage collector. */
const THREAD_BYTES = 32 * 2 ** 20;

function cacheAt({ cacheBytesPerToken }: MemoryNeeds, context: number, backend: ModelPlan['backend']): number {
  return Math.round(cacheBytesPerToken * CACHE_SHARE[backend] * context);
}

/** What the engine addresses: weights, buffers, keys and values. */
function engineBytesAt(needs: MemoryNeeds, context: number, backend: ModelPlan['backend']): number {
  const unloaded = backend === 'cpu' ? (needs.unloadedBytes ?? 0) : 0;
  return needs.weightsBytes - unloaded + needs.workingBytes + cacheAt(needs, context, backend);
}

/** Memory of a model at a context, with all that it may come to take for one answer at a time. */
export function memoryAt(needs: MemoryNeeds, context: number, backend: ModelPlan['backend']): number {
  const copies = Math.min(MOST_COPIED, cacheAt(needs, context, backend));
  return engineBytesAt(needs, context, backend) + copies + THREAD_BYTES;
}

/** The needs that a manifest names; estimated for manifests from before it named them. */
export function needsOf(manifest: ModelManifest, storedBytes = 0): ModelNeeds {
  const { file, companions = [], contextLength, memory, memoryBytes, quantisation } = manifest;
  const fileBytes = companions.reduce((sum, { size }) => sum + size, file.size);
  const context = Math.min(DEFAULT_CONTEXT, contextLength);
  const estimated = {
    weightsBytes: file.size,
    workingBytes: Math.round(file.size * 0.2),
    cacheBytesPerToken: Math.max(0, Math.round((memoryBytes - file.size * 1.2) / context)),
  };
  const needs = memory ?? estimated;
  // Beside weights that are floats the processor, too, takes two bytes.
  const share = FLOATS.has(quantisation) ? 1 / CACHE_SHARE.cpu : 1;
  const cacheBytesPerToken = Math.round(needs.cacheBytesPerToken * share);
  return { fileBytes, storedBytes, memory: { ...needs, cacheBytesPerToken }, contextLength };
}

/** Decides, before a byte is fetched or a weight is read, whether a model can work here, and how. */
export function planModel(needs: ModelNeeds, device: DeviceFacts, wantedContext?: number): ModelPlan {
  const wanted = Math.min(wantedContext ?? DEFAULT_CONTEXT, needs.contextLength);
  const machine = device.memoryBytes === null || device.memoryBytes >= MOST_REPORTED ? null : device.memoryBytes;
  const isOnGpu = device.gpuBufferBytes !== null && needs.memory.weightsBytes <= 4 * device.gpuBufferBytes;
  const backend = isOnGpu ? 'webgpu' : 'cpu';
  // A context that was asked for is kept or refused; one that nobody asked for gives way.
  let contextLength = wanted;
  const isTooMuch = (context: number) =>
    engineBytesAt(needs.memory, context, backend) > ADDRESS_SPACE ||
    (machine !== null && memoryAt(needs.memory, context, backend) > machine);
  while (wantedContext === undefined && contextLength > LEAST_CONTEXT && isTooMuch(contextLength)) {
    contextLength = Math.max(LEAST_CONTEXT, Math.floor(contextLength / 2));
  }
  const memoryBytes = memoryAt(needs.memory, contextLength, backend);
  const downloadBytes = Math.max(0, needs.fileBytes - needs.storedBytes);
  const problems: PlanProblem[] = [];
  const engineBytes = engineBytesAt(needs.memory, contextLength, backend);
  if (engineBytes > ADDRESS_SPACE) {
    problems.push({ what: 'address-space', neededBytes: engineBytes, availableBytes: ADDRESS_SPACE });
  }
  if (machine !== null && memoryBytes > machine) {
    problems.push({ what: 'memory', neededBytes: memoryBytes, availableBytes: machine });
  }
  if (downloadBytes > 0 && device.freeBytes !== null && downloadBytes + STORAGE_RESERVE > device.freeBytes) {
    problems.push({ what: 'storage', neededBytes: downloadBytes, availableBytes: device.freeBytes });
  }
  return {
    fits: problems.length === 0,
    backend,
    contextLength,
    downloadBytes,
    memoryBytes,
    // One text at a time is computed on a graphics card.
    togetherBytes:
      backend === 'cpu' ? Math.min(MOST_COPIED, FURTHER_ANSWERS * cacheAt(needs.memory, contextLength, backend)) : 0,
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
