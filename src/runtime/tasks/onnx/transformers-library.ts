import runtimeScript from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.mjs?url';
import runtimeModule from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url';
import { allowOwnScripts, SottoError } from '../../../shared/index.ts';
import type { CheckedModel, ModelFiles } from './model-files.ts';

/** A folder that no server has: every file of a model is asked for below it, and answered by us. */
const MODELS_ROOT = '/never/';

export type TransformersLibrary = typeof import('@xenova/transformers');

/** More threads than cores that compute lose time waiting for each other. */
const MOST_THREADS = 4;

const models = new Map<string, ModelFiles>();
let library: Promise<TransformersLibrary> | undefined;

let offers = 0;
let threads = self.crossOriginIsolated ? Math.max(1, Math.min(MOST_THREADS, navigator.hardwareConcurrency ?? 1)) : 1;

/** Makes the files of a model known to the library, under a name of their own, while `use` runs. */
export async function withOfferedFiles<T>(files: ModelFiles, use: (name: string) => Promise<T>): Promise<T> {
  const name = `model-${++offers}`;
  models.set(name, files);
  try {
    return await use(name);
  } finally {
    models.delete(name);
  }
}

/** What a session is made with: the precision of each graph, and the weights beside them, which were checked. */
export function sessionOptions({ precisions, outside }: Pick<CheckedModel, 'precisions' | 'outside'>) {
  return {
    dtype: precisions,
    use_external_data_format: false,
    ...(outside.length > 0 ? { session_options: { externalData: [...outside] } } : {}),
  };
}

export function threadCount(): number {
  return threads;
}

/** Before the library is loaded. Where the page is not isolated there is one thread. */
export function useThreads(count: number): void {
  if (self.crossOriginIsolated) threads = Math.min(count, MOST_THREADS);
}

/**
 * transformers.js on onnxruntime-web, with every way out of this machine closed. As it comes, it points at a public hub and a
 * public script host, and keeps caches of its own; nothing is loaded before all of that is undone.
 */
export function loadTransformers(): Promise<TransformersLibrary> {
  library ??= load().catch((error: unknown) => {
    library = undefined;
    throw new SottoError('worker-load-failed', 'The ONNX runtime did not load.', { cause: error });
  });
  return library;
}

async function load(): Promise<TransformersLibrary> {
  // The runtime starts its threads from plain strings.
  allowOwnScripts();
  const transformers = await import('@xenova/transformers');
  closeWaysOut(transformers.env);
  return transformers;
}

/** @internal Exported for the test that pins every one of these settings. */
export function closeWaysOut(env: TransformersLibrary['env']): void {
  env.allowRemoteModels = false;
  // Both off is refused as a contradiction; "local" leads to `customCache`, and from there to us.
  env.allowLocalModels = true;
  env.remoteHost = self.location.origin;
  env.localModelPath = MODELS_ROOT;
  env.useBrowserCache = false;
  env.useFSCache = false;
  env.useWasmCache = false;
  env.experimental_useCrossOriginStorage = false;
  env.useCustomCache = true;
  env.customCache = { match: answer, put: refusePut };
  env.fetch = () => Promise.resolve(new Response(null, { status: 404 }));
  const { wasm } = env.backends.onnx;
  if (wasm === undefined) throw new SottoError('internal', 'The ONNX runtime offers no settings.');
  wasm.wasmPaths = {
    mjs: new URL(runtimeScript, self.location.href).href,
    wasm: new URL(runtimeModule, self.location.href).href,
  };
  wasm.numThreads = threadCount();
  // It would start a second worker beside this one.
  wasm.proxy = false;
}

async function answer(request: unknown): Promise<Response | undefined> {
  const key = String(request);
  if (!key.startsWith(MODELS_ROOT)) return undefined;
  const [id = '', ...path] = key.slice(MODELS_ROOT.length).split('/');
  const file = models.get(decodeURIComponent(id))?.get(path.join('/'));
  if (file === undefined) return undefined;
  return new Response(await file.read(), { headers: { 'content-length': String(file.size) } });
}

function refusePut(): Promise<void> {
  return Promise.reject(new SottoError('internal', 'The ONNX runtime tried to keep a copy of a model.'));
}
