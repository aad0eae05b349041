import { readGguf } from '../../formats/gguf/index.ts';
import {
  type BenchEngine,
  type BenchEvent,
  type BenchModel,
  type BenchPort,
  type BenchProfile,
  type BenchRequest,
  type BenchResult,
  type EngineReason,
  type Envelope,
  settle,
} from '../../protocol/index.ts';
import { abortError, type ByteSource, SottoError } from '../../shared/index.ts';
import { decoderSpecFromGguf } from '../architectures/index.ts';
import type { EngineRequest } from '../backends/create-backend.ts';
import type { DecoderBackend } from '../backends/decoder-backend.ts';
import { holdCodebooks } from '../backends/hold-codebooks.ts';
import { FileByteSource } from '../generation/index.ts';
import { measureEngine } from './measure-engine.ts';
import { randomModelFile } from './random-model.ts';

export interface BenchServiceOptions {
  readonly openStored: (modelId: string) => Promise<ByteSource>;
  readonly createBackend: (request: EngineRequest) => Promise<DecoderBackend>;
}

/** Tokens decoded behind the longest cache that is measured. */
const ROOM_TOKENS = 256;

const WISHES: Readonly<Record<BenchEngine, Pick<EngineRequest, 'backend' | 'threads'>>> = {
  auto: { backend: 'auto', threads: undefined },
  webgpu: { backend: 'webgpu', threads: undefined },
  threads: { backend: 'cpu', threads: undefined },
  'single-thread': { backend: 'cpu', threads: 1 },
};

/** The worker's side of `BenchPort`: one engine at a time, made for the measurement and given back after it. */
export class BenchService implements Omit<BenchPort, 'hello'> {
  readonly #options: BenchServiceOptions;
  readonly #controllers = new Map<string, AbortController>();
  #turns: Promise<unknown> = Promise.resolve();

  constructor(options: BenchServiceOptions) {
    this.#options = options;
  }

  measure(request: BenchRequest, onEvent: (event: BenchEvent) => void): Promise<Envelope<BenchResult>> {
    const controller = new AbortController();
    const { signal } = controller;
    this.#controllers.set(request.callId, controller);
    const turn = this.#turns.then(() => {
      if (signal.aborted) throw abortError();
      return this.#measure(request, onEvent, signal);
    });
    this.#turns = turn.catch(() => {});
    return settle(async () => {
      try {
        return await turn;
      } finally {
        this.#controllers.delete(request.callId);
      }
    });
  }

  modelFile(model: BenchModel & { readonly kind: 'random' }): Promise<Envelope<Blob>> {
    return settle(() => randomModelFile(model));
  }

  abort(callId: string): void {
    this.#controllers.get(callId)?.abort();
  }

  async #measure(
    request: BenchRequest,
    onEvent: (event: BenchEvent) => unknown,
    signal: AbortSignal,
  ): Promise<BenchResult> {
    const tell = (event: BenchEvent) => void Promise.resolve(onEvent(event)).catch(() => {});
    const source = await this.#open(request.model);
    const held = await holdCodebooks(await readGguf(source, signal), source);
    const { gguf } = held;
    const spec = decoderSpecFromGguf(gguf);
    const wanted = Math.max(...request.decodeAt, ...request.prefill, 16) + ROOM_TOKENS;
    const contextLength = Math.min(spec.contextLength, wanted);
    let reason: EngineReason | undefined;
    const started = performance.now();
    const engine = await this.#options.createBackend({
      ...WISHES[request.engine],
      spec,
      gguf,
      source: held.source,
      contextLength,
      signal,
      onProgress: (loaded, total) => tell({ type: 'bench-load', share: total === 0 ? 1 : loaded / total }),
      onChoice: (why) => {
        reason = why;
      },
      onRenewed: () => {},
    });
    const loadMs = performance.now() - started;
    try {
      const figures = [];
      for await (const figure of measureEngine(engine, { ...request, signal })) {
        figures.push(figure);
        tell({ type: 'bench-figure', figure });
      }
      return {
        engine: request.engine,
        backend: engine.kind,
        description: engine.description,
        ...(request.engine === 'auto' && reason !== undefined ? { reason } : {}),
        threads: engine.threads,
        model: nameOf(request.model),
        loadMs,
        memoryBytes: engine.memoryBytes,
        figures,
        profile: await profileOf(engine),
      };
    } finally {
      engine.dispose();
    }
  }

  async #open(model: BenchModel): Promise<ByteSource> {
    if (model.kind === 'stored') return this.#options.openStored(model.modelId);
    if (model.kind === 'file') return new FileByteSource(model.file, model.name);
    return new FileByteSource(randomModelFile(model), nameOf(model));
  }
}

/** Over an empty cache: the shortest that there is. A device that cannot be timed spoils no figures. */
async function profileOf(engine: DecoderBackend): Promise<BenchProfile | null> {
  try {
    const profile = await engine.profile?.();
    return profile === undefined ? null : { ...profile, deviceMs: profile.deviceMs ?? null };
  } catch (error) {
    if (SottoError.isInstance(error) && error.code === 'device-lost') return null;
    throw error;
  }
}

function nameOf(model: BenchModel): string {
  if (model.kind === 'stored') return model.modelId;
  return model.kind === 'file' ? model.name : `${model.shape} ${model.quantisation}`;
}
