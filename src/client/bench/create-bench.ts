import { proxy } from 'comlink';
import benchUrl from '../../../workers/bench.worker.ts?worker&url';
import type { BenchEvent, BenchModel, BenchPort, BenchRequest, BenchResult } from '../../protocol/index.ts';
import { trustedScriptUrl } from '../../shared/index.ts';
import { abortByCallId, SupervisedWorker } from '../supervised-worker.ts';

export interface MeasureCallOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: ((event: BenchEvent) => void) | undefined;
}

/** Measures engines in a thread of its own, so that the page only waits. */
export interface Bench {
  /** Rejects with what the engine rejects with, or AbortError. */
  measure(request: Omit<BenchRequest, 'callId'>, options?: MeasureCallOptions): Promise<BenchResult>;
  /** The file behind a model of random weights, for other engines to be measured on. */
  modelFile(model: BenchModel & { readonly kind: 'random' }): Promise<Blob>;
  /** Ends the thread, and with it all memory of the engines. The next call makes another. */
  stop(): void;
}

export function createBench(): Bench {
  const create = (name: string) => new Worker(trustedScriptUrl(benchUrl), { type: 'module', name });
  const worker = new SupervisedWorker<BenchPort>({ name: 'bench', create });
  return {
    measure: (request, { signal, onEvent = () => {} } = {}) =>
      worker.call(({ port, callId }) => port.measure({ ...request, callId }, proxy(onEvent)), {
        signal,
        abort: abortByCallId,
      }),
    modelFile: (model) => worker.call(({ port }) => port.modelFile(model)),
    stop: () => worker.stop(),
  };
}
