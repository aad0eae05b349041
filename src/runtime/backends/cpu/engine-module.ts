import { SottoError } from '../../../shared/index.ts';
import fusedSharedUrl from './generated/fused-shared.wasm?url';
import fusedUnsharedUrl from './generated/fused-unshared.wasm?url';
import plainSharedUrl from './generated/plain-shared.wasm?url';
import plainUnsharedUrl from './generated/plain-unshared.wasm?url';
import relaxedSharedUrl from './generated/relaxed-shared.wasm?url';
import relaxedUnsharedUrl from './generated/relaxed-unshared.wasm?url';
import { hasFusedDot, hasRelaxedSimd, hasSimd } from './simd-support.ts';

/** What the kernels are made of: SIMD128, relaxed SIMD too, and the relaxed dot that adds to 32 bits as well. */
export type EngineKind = 'fused' | 'relaxed' | 'plain';

/** The builds that scripts/build-wasm.mjs makes. */
export type EngineBuild = `${EngineKind}-${'shared' | 'unshared'}`;

/** What the driver and the compute threads call; assembly/index.ts says what each does. */
export interface EngineExports {
  repack(type: number, from: number, rows: number, blocks: number, to: number, stride: number): void;
  /** The same into the groups of an encoder's weights, from Q8_0 rows. */
  repackEncoder(from: number, rows: number, blocks: number, to: number): void;
  /** Makes the outline of groups of the head, which have been repacked; for a plan that has one. */
  outline(firstGroup: number, groups: number): void;
  /** Runs the job in the plan on all threads; 0 or a FAULT_ code. */
  run(): number;
  /** Never returns while the engine lives. */
  compute(thread: number): void;
}

const URLS: Readonly<Record<EngineBuild, string>> = {
  'fused-shared': fusedSharedUrl,
  'fused-unshared': fusedUnsharedUrl,
  'relaxed-shared': relaxedSharedUrl,
  'relaxed-unshared': relaxedUnsharedUrl,
  'plain-shared': plainSharedUrl,
  'plain-unshared': plainUnsharedUrl,
};

/** The fastest build this browser runs. Throws `wasm-simd-missing`. */
export function chooseBuild(isShared: boolean): EngineBuild {
  if (!hasSimd()) throw new SottoError('wasm-simd-missing', 'This browser lacks 128-bit WebAssembly SIMD.');
  return buildOf(hasFusedDot() ? 'fused' : hasRelaxedSimd() ? 'relaxed' : 'plain', isShared);
}

/** For people, as the beginning of a report's description. */
export function describeBuild(build: EngineBuild): string {
  if (build.startsWith('fused')) return 'WebAssembly, relaxed SIMD with fused dots';
  return build.startsWith('relaxed') ? 'WebAssembly, relaxed SIMD' : 'WebAssembly, SIMD';
}

export function buildOf(kind: EngineKind, isShared: boolean): EngineBuild {
  return `${kind}-${isShared ? 'shared' : 'unshared'}`;
}

/** Fetches and compiles a build from the page's own origin. Throws `worker-load-failed`. */
export async function compileEngine(build: EngineBuild): Promise<WebAssembly.Module> {
  const url = URLS[build];
  try {
    const response = await fetch(url);
    if (!response.ok) throw new Error(`the server answered ${response.status}`);
    // Servers that do not know application/wasm are common; they cost the streaming, not the engine.
    const isTyped = response.headers.get('content-type')?.startsWith('application/wasm') ?? false;
    return isTyped
      ? await WebAssembly.compileStreaming(response)
      : await WebAssembly.compile(await response.arrayBuffer());
  } catch (cause) {
    throw new SottoError('worker-load-failed', `The engine (${build}) did not load.`, { cause, details: { build } });
  }
}

/** One instance of the engine over a memory; threads make one each over the same memory. */
export async function instantiateEngine(
  module: WebAssembly.Module,
  memory: WebAssembly.Memory,
): Promise<EngineExports> {
  const instance = await WebAssembly.instantiate(module, { env: { memory } });
  return instance.exports as unknown as EngineExports;
}
