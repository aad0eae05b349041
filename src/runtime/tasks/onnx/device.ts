import type { LoadedOnnxModel } from '../../../protocol/index.ts';
import { isAbortError, SottoError } from '../../../shared/index.ts';

/** Something that was made on a device, and why on this one where another was asked for. */
export interface OnDevice<T> {
  readonly made: T;
  readonly device: 'wasm' | 'webgpu';
  readonly deviceReason?: NonNullable<LoadedOnnxModel['deviceReason']>;
}

/**
 * Makes something on the device that was asked for; WebAssembly, which every browser has, takes over where the graphics device
 * is missing or cannot do it. Rejects as `create` does on WebAssembly.
 */
export async function onDevice<T>(
  wanted: 'wasm' | 'webgpu' | undefined,
  create: (device: 'wasm' | 'webgpu') => Promise<T>,
): Promise<OnDevice<T>> {
  if (wanted !== undefined && wanted !== 'wasm' && wanted !== 'webgpu') {
    const message = `"device" must be wasm or webgpu, not ${JSON.stringify(wanted)}.`;
    throw new SottoError('invalid-option', message, { details: { option: 'device' } });
  }
  if (wanted !== 'webgpu') return { made: await create('wasm'), device: 'wasm' };
  if (!(await hasAdapter())) return { made: await create('wasm'), device: 'wasm', deviceReason: 'no-adapter' };
  try {
    return { made: await create('webgpu'), device: 'webgpu' };
  } catch (error) {
    if (isAbortError(error) || SottoError.isInstance(error)) throw error;
    return { made: await create('wasm'), device: 'wasm', deviceReason: 'gpu-failed' };
  }
}

async function hasAdapter(): Promise<boolean> {
  const { gpu } = globalThis.navigator as { readonly gpu?: GPU };
  return (await gpu?.requestAdapter().catch(() => null)) != null;
}
