import { SottoError } from '../../../shared/index.ts';
import { buildOf, chooseBuild, type EngineBuild, type EngineKind } from './engine-module.ts';
import type { ComputeThread } from './thread-pool.ts';

/** How an engine is to be started, whatever it will run. */
export interface EngineOptions {
  /** Threads wanted, this one included (see chooseThreadCount); 1 where memory cannot be shared. */
  readonly threads: number;
  /** Makes a compute thread; without it there is one thread. */
  readonly createThread?: ((name: string) => ComputeThread) | undefined;
  /** How to get the compiled engine; absent: from the page's own origin. Tests outside a browser read it from disk. */
  readonly compile?: ((build: EngineBuild) => Promise<WebAssembly.Module>) | undefined;
  /** Absent: the best that runs here. */
  readonly build?: EngineKind | undefined;
}

const PAGE_BYTES = 65_536;
/** 256 MB: several adapters of a model that fits a browser. */
const ADAPTER_PAGES = 4096;

/** Pages that are not cross-origin isolated may have the constructor and still not be allowed to post the memory. */
export function canShareMemory(): boolean {
  return typeof SharedArrayBuffer !== 'undefined' && (globalThis.crossOriginIsolated ?? true);
}

export function buildFor(kind: EngineKind | undefined, isShared: boolean): EngineBuild {
  const best = chooseBuild(isShared);
  return kind === undefined ? best : buildOf(kind, isShared);
}

/**
 * All of it at once: growing would copy, and a failure is better before the download than in a chat. Only adapters and
 * more texts beside the first, of `laterBytes` at most, make it grow.
 */
export function allocate(totalBytes: number, isShared: boolean, laterBytes = 0): WebAssembly.Memory {
  const pages = Math.ceil(totalBytes / PAGE_BYTES);
  try {
    // The most is an address range, not memory.
    const maximum = Math.min(65_536, pages + ADAPTER_PAGES + Math.ceil(laterBytes / PAGE_BYTES));
    return new WebAssembly.Memory({ initial: pages, maximum, shared: isShared });
  } catch (cause) {
    const message = `The browser did not give ${totalBytes} bytes for the model.`;
    throw new SottoError('wasm-out-of-memory', message, { cause, details: { bytes: totalBytes } });
  }
}

export function noThread(): never {
  throw new SottoError('internal', 'A single-threaded engine asked for a thread.');
}
