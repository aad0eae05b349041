import type { GgufFile } from '../../formats/gguf/index.ts';
import type { EngineReason, EngineTrial, LoadOptions } from '../../protocol/index.ts';
import type { ByteSource } from '../../shared/index.ts';
import type { DecoderSpec } from '../architectures/index.ts';
import type { DecoderBackend } from '../backends/decoder-backend.ts';

/** What a backend is made from. */
export interface BackendRequest {
  /** What the caller asked for; `auto` leaves it to the device. */
  readonly backend: 'auto' | 'cpu' | 'webgpu';
  readonly spec: DecoderSpec;
  readonly gguf: GgufFile;
  readonly source: ByteSource;
  readonly contextLength: number;
  /** Absent: the backend chooses for the device. */
  readonly threads: number | undefined;
  readonly power: LoadOptions['power'];
  readonly cacheKind: LoadOptions['kvCache'];
  readonly signal: AbortSignal;
  readonly onProgress: (loadedBytes: number, totalBytes: number) => void;
  /** Told how many kernels the graphics driver has compiled, of how many. */
  readonly onCompiled?: ((doneKernels: number, totalKernels: number) => void) | undefined;
  /** Told why this engine was taken, and what a trial said where there was one. */
  readonly onChoice: (reason: EngineReason, trial?: EngineTrial) => void;
  /** Told when the engine was made anew in the middle of an answer, and of what kind it is now. */
  readonly onRenewed: (kind: DecoderBackend['kind']) => void;
}

export type CreateBackend = (request: BackendRequest) => Promise<DecoderBackend>;
