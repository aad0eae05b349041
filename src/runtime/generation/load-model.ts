import { readGguf } from '../../formats/gguf/index.ts';
import type { EngineReason, EngineTrial, LoadedModel, LoadOptions } from '../../protocol/index.ts';
import { type ByteSource, SottoError, throwIfAborted } from '../../shared/index.ts';
import { decoderSpecFromGguf } from '../architectures/index.ts';
import type { DecoderBackend } from '../backends/decoder-backend.ts';
import { engineVersion } from '../backends/engine-version.ts';
import { holdCodebooks } from '../backends/hold-codebooks.ts';
import { createTokenizer } from '../text/index.ts';
import type { BackendRequest, CreateBackend } from './backend-request.ts';
import { checkNumber } from './check-generate-request.ts';
import { describeModel } from './describe-model.ts';
import { openDraft } from './load-draft.ts';
import { checkTemplateOption } from './model-templates.ts';
import { createRequestMasks, type RequestMasks } from './request-masks.ts';
import { createSession, type Session } from './session.ts';
import { engineName, ModelSnapshots, modelFingerprint, type OpenSnapshots } from './snapshots/index.ts';

/** Tokens of context where the caller does not say: enough for a long chat, and the KV cache stays small. */
export const DEFAULT_CONTEXT_LENGTH = 4_096;

export interface LoadRequest {
  readonly source: ByteSource;
  /** A smaller model that guesses. */
  readonly draft?: ByteSource | undefined;
  /** Used where the file does not name itself. */
  readonly fallbackName: string;
  readonly options: LoadOptions;
  readonly signal: AbortSignal;
  readonly onProgress: (loadedBytes: number, totalBytes: number) => void;
  readonly onCompiled?: BackendRequest['onCompiled'];
}

/** A model that can answer. */
export interface RunningModel {
  readonly description: LoadedModel;
  readonly session: Session;
  readonly mask: RequestMasks;
  readonly backend: DecoderBackend;
  readonly draft: DecoderBackend | undefined;
  /** Absent where the engine cannot copy its cache. */
  readonly snapshots: ModelSnapshots | undefined;
}

/** What a load is given besides the request. */
export interface LoadTools {
  readonly createBackend: CreateBackend;
  readonly openSnapshots: OpenSnapshots;
  readonly onRenewed?: BackendRequest['onRenewed'];
  /** Absent: that of this build. */
  readonly version?: string | undefined;
}

/** Refuses options that no load can honour, with `invalid-option`. */
export function checkLoadOptions({
  backend = 'auto',
  threads,
  power,
  kvCache,
  contextLength,
  chatTemplate,
}: LoadOptions): void {
  checkTemplateOption(chatTemplate);
  if (backend !== 'auto' && backend !== 'cpu' && backend !== 'webgpu') {
    throw new SottoError('invalid-option', `"backend" must be auto, cpu or webgpu, not ${JSON.stringify(backend)}.`, {
      details: { option: 'backend' },
    });
  }
  checkOneOf('power', power, ['full', 'saving']);
  checkOneOf('kvCache', kvCache, ['int8', 'f16', 'f32']);
  if (threads !== undefined) checkNumber('threads', threads, { low: 1, high: 256, isWhole: true });
  if (contextLength !== undefined)
    checkNumber('contextLength', contextLength, { low: 2, high: 2 ** 31, isWhole: true });
}

function checkOneOf(option: string, value: string | undefined, choices: readonly string[]): void {
  if (value === undefined || choices.includes(value)) return;
  const message = `"${option}" must be ${choices.join(' or ')}, not ${JSON.stringify(value)}.`;
  throw new SottoError('invalid-option', message, { details: { option } });
}

/** Refuses a file that no engine can run, by its header alone. */
export async function checkModel(files: Pick<LoadRequest, 'source' | 'draft' | 'signal'>): Promise<void> {
  await readModel(files);
}

async function readModel({ source, draft, signal }: Pick<LoadRequest, 'source' | 'draft' | 'signal'>) {
  const gguf = await readGguf(source, signal);
  const tokenizer = createTokenizer(gguf);
  const held = await holdCodebooks(gguf, source);
  const spec = decoderSpecFromGguf(held.gguf);
  if (tokenizer.vocabularySize > spec.vocabularySize) {
    const message = `The tokenizer has ${tokenizer.vocabularySize} tokens, the model only ${spec.vocabularySize}.`;
    throw new SottoError('gguf-invalid', message);
  }
  const loadDraft = draft && (await openDraft(draft, tokenizer, signal));
  throwIfAborted(signal);
  return { gguf, tokenizer, held, spec, loadDraft };
}

/**
 * File → running model. Everything that can be refused from the header alone is, before a byte of the weights is read.
 * Rejects with the coded errors of the reader, the tokenizer, the architectures and the engine, or with an AbortError.
 */
export async function loadModel(
  request: LoadRequest,
  { createBackend, openSnapshots, onRenewed = () => {}, version }: LoadTools,
): Promise<RunningModel> {
  const { source, draft, fallbackName, options, signal, onProgress, onCompiled } = request;
  const started = performance.now();
  const { gguf, tokenizer, held, spec, loadDraft } = await readModel(request);
  const contextLength = options.contextLength ?? Math.min(spec.contextLength, DEFAULT_CONTEXT_LENGTH);
  const { threads, chatTemplate } = options;
  let engineReason: EngineReason | undefined;
  let engineTrial: EngineTrial | undefined;
  const backend = await createBackend({
    backend: options.backend ?? 'auto',
    spec,
    gguf: held.gguf,
    source: held.source,
    contextLength,
    threads,
    power: options.power,
    cacheKind: options.kvCache,
    signal,
    onProgress,
    onCompiled,
    onChoice: (reason, trial) => {
      engineReason = reason;
      engineTrial = trial;
    },
    onRenewed,
  });
  const draftBackend = await loadDraft?.(createBackend, contextLength).catch((error) => {
    backend.dispose();
    throw error;
  });
  source.release?.();
  draft?.release?.();
  const loadMs = performance.now() - started;
  const description = describeModel({
    gguf,
    tokenizer,
    backend,
    requantised: [...held.requantised(), ...(backend.requantised ?? [])],
    leftOut: spec.leftOut,
    engineReason,
    engineTrial,
    fallbackName,
    fileBytes: source.size,
    loadMs,
    chatTemplate,
  });
  const { pages } = backend;
  // All that is kept of the header: its vocabulary, which the tokenizer has its own way, weighs megabytes.
  const { dataOffset } = gguf;
  const snapshots =
    pages &&
    new ModelSnapshots({
      open: openSnapshots,
      model: description.name,
      binding: async () => ({
        model: await modelFingerprint({ dataOffset }, source),
        version: version ?? engineVersion(),
        engine: await engineName({ format: pages.format, description: backend.description }, spec, contextLength),
      }),
    });
  return {
    description,
    session: createSession(backend, tokenizer, { readTexts: snapshots, draftBackend }),
    mask: createRequestMasks(tokenizer),
    backend,
    draft: draftBackend,
    snapshots,
  };
}
