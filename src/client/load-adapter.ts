import { proxy } from 'comlink';
import type { ModelSource } from '../protocol/index.ts';
import { SottoError } from '../shared/index.ts';
import type { AdapterLoadOptions, ModelLoadEvent, ReadyModel } from './model-load.ts';
import { modelName } from './model-name.ts';
import { checkOptions, SIGNAL } from './options.ts';
import { abortByCallId } from './supervised-worker.ts';
import type { Workers } from './workers.ts';

/** What is asked of the models of a page here. */
interface LoadedModels {
  readonly loaded: ReadyModel | null;
  readonly adapters: Map<string, ModelSource>;
  ready(modelId: string, signal?: AbortSignal): Promise<unknown>;
}

/** Reads an adapter beside the loaded model, and remembers where from; see `Models.loadAdapter`. */
export async function loadAdapter(
  workers: Workers,
  models: LoadedModels,
  name: string,
  given: string | Blob,
  options: AdapterLoadOptions,
): Promise<readonly string[]> {
  checkOptions(options, { ...SIGNAL, onProgress: 'function' });
  const { signal, onProgress } = options;
  const { loaded } = models;
  if (loaded === null) throw new SottoError('model-not-loaded', 'No model is loaded.');
  if (typeof given !== 'string') await workers.permit('file');
  await models.ready(loaded.id, signal);
  const source: ModelSource =
    typeof given === 'string'
      ? { kind: 'stored', modelId: (await fetchAdapter(workers, given, { signal, onProgress })).id }
      : { kind: 'file', file: given, name };
  const names = await add(workers, name, source, signal);
  models.adapters.set(name, source);
  return names;
}

/** After the thread that held them was lost. */
export async function loadAgain(
  workers: Workers,
  adapters: ReadonlyMap<string, ModelSource>,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (const [name, source] of adapters) await add(workers, name, source, signal);
}

function add(workers: Workers, name: string, source: ModelSource, signal: AbortSignal | undefined) {
  return workers.inference.call(({ port, callId }) => port.loadAdapter(callId, name, source), {
    signal,
    abort: abortByCallId,
  });
}

function fetchAdapter(workers: Workers, address: string, { signal, onProgress }: AdapterLoadOptions) {
  const listener = proxy((event: ModelLoadEvent) => onProgress?.(event));
  return workers.download.call(({ port, callId }) => port.download(callId, modelName(address), listener), {
    signal,
    abort: abortByCallId,
  });
}
