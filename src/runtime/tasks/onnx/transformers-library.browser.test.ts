import { expect, test } from 'vitest';
import { loadTransformers } from './transformers-library.ts';

/** Everything by which the library could reach another host or keep a copy of its own. */
function waysOut({ env }: typeof import('@xenova/transformers')) {
  const { wasm } = env.backends.onnx;
  const paths = wasm?.wasmPaths as { readonly mjs: string; readonly wasm: string };
  return {
    allowRemoteModels: env.allowRemoteModels,
    remoteHost: env.remoteHost,
    localModelPath: env.localModelPath,
    useBrowserCache: env.useBrowserCache,
    useFSCache: env.useFSCache,
    useWasmCache: env.useWasmCache,
    useCrossOriginStorage: env.experimental_useCrossOriginStorage,
    useCustomCache: env.useCustomCache,
    proxy: wasm?.proxy,
    scriptHost: new URL(paths.mjs).origin,
    moduleHost: new URL(paths.wasm).origin,
  };
}

const CLOSED = {
  allowRemoteModels: false,
  remoteHost: location.origin,
  localModelPath: '/never/',
  useBrowserCache: false,
  useFSCache: false,
  useWasmCache: false,
  useCrossOriginStorage: false,
  useCustomCache: true,
  proxy: false,
  scriptHost: location.origin,
  moduleHost: location.origin,
};

test('as it comes, the library points at public hosts; loaded by us, every way out is closed and stays closed', async () => {
  const untouched = await import('@xenova/transformers');
  // Were this to change, the guard might be looking at settings that no longer matter.
  expect(untouched.env.allowRemoteModels).toBe(true);
  expect(JSON.stringify(untouched.env.backends.onnx.wasm?.wasmPaths)).toContain('https://');

  const library = await loadTransformers();
  expect(waysOut(library)).toEqual(CLOSED);
  expect(waysOut(await import('@xenova/transformers'))).toEqual(CLOSED);

  // The ONNX runtime itself, whose settings the library shares, follows.
  const runtime = await import('onnxruntime-web/webgpu');
  expect(runtime.env.wasm.wasmPaths).toBe(library.env.backends.onnx.wasm?.wasmPaths);

  const response = await library.env.fetch?.('https://example.org/model.onnx');
  expect(response?.status).toBe(404);
  const cache = library.env.customCache as { match(key: string): Promise<unknown>; put(): Promise<void> };
  expect(await cache.match('https://example.org/model.onnx')).toBeUndefined();
  await expect(cache.put()).rejects.toMatchObject({ code: 'internal' });
});
