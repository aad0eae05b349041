import type { StepRequest } from '../kernel-library.ts';
import type { WeightUpload } from '../weights/index.ts';
import { bankLayout } from './adapter-bank.ts';

/** Fours of ranks that can apply at once; the list of them lies in front of the low values. */
export const MOST_ACTIVE_QUADS = 256;
export const LOW_HEADER = 1 + MOST_ACTIVE_QUADS;
const LOW_THREADS = 64;

/** What kernels bind where adapters are loaded. */
export interface AdapterBuffers {
  /** The adapters of each matrix that one of them changes. */
  readonly banks: ReadonlyMap<WeightUpload, GPUBuffer>;
  /** Which ranks apply, and what A gave: for one token, and for a chunk. */
  readonly token: GPUBuffer;
  readonly chunk: GPUBuffer;
  /** Fours of ranks that apply now. */
  readonly active: () => number;
}

/** The same requests where no matrix is adapted; else one more in front of each that is. */
export function withAdapters(
  requests: readonly StepRequest[],
  adapters: AdapterBuffers | undefined,
  of: 'token' | 'chunk',
): StepRequest[] {
  return requests.flatMap((request) => {
    const bank = request.upload && adapters?.banks.get(request.upload);
    if (adapters === undefined || request.upload === undefined || bank === undefined) return [request];
    const layout = bankLayout(request.upload);
    const low = adapters[of];
    const adapter = {
      LOW_HEADER,
      MATRIX_PARTS: layout.parts,
      ALTERNATES: layout.alternates,
      SECOND_PART: layout.secondPart,
      THIRD_PART: layout.thirdPart,
      FOURTH_PART: layout.fourthPart,
      QUAD_WORDS: layout.quadWords,
    };
    const constants = { ...request.constants, ...adapter };
    return [
      {
        kernel: 'adapter-low',
        constants: { ...constants, WORKGROUP: LOW_THREADS },
        bindings: request.bindings.slice(0, 2),
        adapters: [bank, low],
        workgroups: (count) => [layout.parts * adapters.active(), count],
      },
      { ...request, constants, adapters: [bank, low] },
    ];
  });
}
