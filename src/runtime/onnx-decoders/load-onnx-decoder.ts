import type { EngineReason, LoadedModel, LoadOptions, OnnxModelSource } from '../../protocol/index.ts';
import { isAbortError, SottoError, throwIfAborted } from '../../shared/index.ts';
import { DEFAULT_CONTEXT_LENGTH, type RunningModel } from '../generation/load-model.ts';
import { templatesOf } from '../generation/model-templates.ts';
import { createRequestMasks } from '../generation/request-masks.ts';
import { createSession } from '../generation/session.ts';
import {
  type CheckedModel,
  checkModel,
  loadTransformers,
  type ModelFiles,
  onDevice,
  openModelFiles,
  sessionOptions,
  threadCount,
  useThreads,
  withOfferedFiles,
} from '../tasks/onnx/index.ts';
import { OnnxBackend, type OnnxDecoder } from './onnx-backend.ts';
import { type DecoderSettings, readSettings } from './read-tokenizer.ts';

export interface OnnxDecoderRequest {
  readonly model: OnnxModelSource;
  readonly options: LoadOptions;
  readonly signal: AbortSignal;
  readonly onProgress: (loadedBytes: number, totalBytes: number) => void;
}

/** What the settings of a decoder call the longest text it was trained on. */
const CONTEXT_FIELDS = ['max_position_embeddings', 'n_positions', 'n_ctx', 'max_seq_len', 'seq_length'];

/**
 * Files of an ONNX decoder → running model. Rejects with `onnx-…`, `model-config-invalid`, `tokenizer-unsupported`,
 * `model-unsupported` (a part is missing, or it is no decoder), `unsupported-option`, or an AbortError.
 */
export async function loadOnnxDecoder(request: OnnxDecoderRequest): Promise<RunningModel> {
  const { model, options, signal, onProgress } = request;
  refuseOptions(options);
  const started = performance.now();
  const files = counted(await openModelFiles(model), onProgress);
  const cores = options.threads ?? threadCount();
  useThreads(options.power === 'saving' ? Math.ceil(cores / 2) : cores);
  const library = await loadTransformers();
  throwIfAborted(signal);
  const wanted = options.backend === 'webgpu' ? 'webgpu' : 'wasm';
  const { made, deviceReason } = await onDevice(wanted, async (device) => {
    const { files: open, ...checked } = await checkModel(files);
    if (checked.precisions['model'] === undefined) {
      const named = [...checked.graphs.keys()].join(', ');
      throw new SottoError('model-unsupported', `Not a decoder: its graphs are ${named}, and none is "model".`);
    }
    const settings = await readSettings(open);
    const session = { device, ...sessionOptions(checked) };
    const decoder = (await withOfferedFiles(open, (name) =>
      library.AutoModelForCausalLM.from_pretrained(name, session),
    ).catch((error) => coded(error, device))) as unknown as OnnxDecoder;
    const backend = new OnnxBackend({
      library,
      decoder,
      device,
      threads: threadCount(),
      vocabularySize: settings.vocabularySize,
      contextLength: contextOf(settings, options),
      weightBytes: [...checked.graphs.keys()].reduce((sum, path) => sum + (files.get(path)?.size ?? 0), 0),
    });
    try {
      // One token, whose answer nobody reads: a graph that wants other inputs is found here, not in a chat.
      await backend.forward([0], { signal });
      backend.truncate(0);
      return { checked, settings, backend };
    } catch (error) {
      backend.dispose();
      return coded(error, device);
    }
  });
  return running({ ...made, model, options, deviceReason, loadMs: performance.now() - started });
}

/** Faults of the runtime say what it met; on a graphics device they are a reason to try without. */
function coded(cause: unknown, device: 'wasm' | 'webgpu'): never {
  if (SottoError.isInstance(cause) || isAbortError(cause) || device === 'webgpu') throw cause;
  const message = (cause instanceof Error ? cause.message : String(cause)).slice(0, 500);
  throw new SottoError('model-unsupported', `This ONNX model cannot write text: ${message}`, { cause });
}

function contextOf({ config }: DecoderSettings, { contextLength = DEFAULT_CONTEXT_LENGTH }: LoadOptions): number {
  const trained = CONTEXT_FIELDS.map((name) => config.raw(name)).find((value) => typeof value === 'number');
  return typeof trained === 'number' ? Math.min(contextLength, trained) : contextLength;
}

/** An option that such a model cannot honour is refused, never passed over. */
function refuseOptions({ draft, kvCache }: LoadOptions): void {
  const option = draft === undefined ? kvCache && 'kvCache' : 'draftModel';
  if (option === undefined) return;
  throw new SottoError('unsupported-option', `An ONNX model does not take "${option}".`, { details: { option } });
}

interface Parts {
  readonly model: OnnxModelSource;
  readonly checked: Omit<CheckedModel, 'files'>;
  readonly settings: DecoderSettings;
  readonly backend: OnnxBackend;
  readonly options: LoadOptions;
  readonly deviceReason: EngineReason | undefined;
  readonly loadMs: number;
}

function running({ model, checked, settings, backend, options, deviceReason, loadMs }: Parts): RunningModel {
  const { tokenizer, metadata } = settings;
  const name = model.kind === 'stored' ? model.modelId : model.name;
  const asked = options.backend === undefined || options.backend === 'auto' ? undefined : ('asked-for' as const);
  const engineReason = deviceReason ?? asked;
  const description: LoadedModel = {
    name,
    architecture: checked.architecture,
    quantisation: checked.precisions['model'] ?? 'fp32',
    fileBytes: checked.fileBytes,
    parameters: checked.parameters,
    contextLength: backend.contextLength,
    vocabularySize: backend.vocabularySize,
    backend: backend.kind,
    backendDescription: backend.description,
    ...(engineReason && { engineReason }),
    threads: backend.threads,
    memoryBytes: backend.memoryBytes,
    requantised: [],
    loadMs,
    ...templatesOf({ metadata }, tokenizer.controlTokens, name, options.chatTemplate),
    bosToken: tokenizer.beginToken,
    eosToken: tokenizer.endToken,
    specialTokens: tokenizer.controlTokens,
  };
  return {
    description,
    session: createSession(backend, tokenizer),
    mask: createRequestMasks(tokenizer),
    backend,
    draft: undefined,
    snapshots: undefined,
  };
}

/** The same files, and how much of them was read. */
function counted(files: ModelFiles, onProgress: OnnxDecoderRequest['onProgress']): ModelFiles {
  const total = [...files.values()].reduce((sum, { size }) => sum + size, 0);
  const read = new Set<string>();
  let done = 0;
  onProgress(0, total);
  const note = (path: string, size: number) => {
    if (read.has(path)) return;
    read.add(path);
    done += size;
    onProgress(done, total);
  };
  return new Map(
    [...files].map(([path, file]) => [
      path,
      {
        size: file.size,
        read: async () => {
          const bytes = await file.read();
          note(path, file.size);
          return bytes;
        },
      },
    ]),
  );
}
