import { BUFFER_USAGE, MAP_READ } from '../buffer-usage.ts';
import { type GpuDevice, openGpuDevice } from '../gpu-device.ts';
import { encodeSteps, KernelLibrary } from '../kernel-library.ts';
import type { CacheFormat, KernelName, ShaderConstants } from '../kernel-sources.ts';
import type { WeightFormat } from '../weights/index.ts';

/** What a kernel binds: read-only data, data it changes, or the uniform state. */
export type KernelInput = Float32Array | Uint32Array | Uint8Array;

export interface KernelRun {
  readonly kernel: KernelName;
  readonly constants: ShaderConstants;
  readonly format?: WeightFormat;
  readonly cache?: CacheFormat;
  /** In the order of the shader. */
  readonly bindings: readonly KernelInput[];
  /** Indexes of the bindings that are `var<uniform>`. */
  readonly uniforms?: readonly number[];
  readonly workgroups: readonly [x: number, y: number];
}

let device: Promise<GpuDevice> | undefined;

/** Runs one kernel once and returns what every binding then holds, as f32. */
export async function runKernel(run: KernelRun) {
  const { kernel, constants, format, cache, bindings, uniforms = [], workgroups } = run;
  device ??= openGpuDevice({ defaultLimits: true });
  const gpu = await device;
  const { storage, uniform, copySource, copyTarget, mapRead } = BUFFER_USAGE;
  return gpu.guard(kernel, async () => {
    const buffers = bindings.map((data, index) => {
      const kind = uniforms.includes(index) ? uniform : storage;
      const size = Math.ceil(data.byteLength / 16) * 16;
      const buffer = gpu.device.createBuffer({ size, usage: kind | copySource | copyTarget });
      gpu.device.queue.writeBuffer(buffer, 0, data.slice().buffer);
      return buffer;
    });
    const step = await new KernelLibrary(gpu).step({
      kernel,
      constants,
      bindings: buffers,
      workgroups: () => workgroups,
      ...(format === undefined ? {} : { format }),
      ...(cache === undefined ? {} : { cache }),
    });
    const encoder = gpu.device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    encodeSteps(pass, [step], 1);
    pass.end();
    const copies = buffers.map((buffer) => {
      const copy = gpu.device.createBuffer({ size: buffer.size, usage: copyTarget | mapRead });
      encoder.copyBufferToBuffer(buffer, 0, copy, 0, buffer.size);
      return copy;
    });
    gpu.device.queue.submit([encoder.finish()]);
    return Promise.all(
      copies.map(async (copy, index) => {
        await copy.mapAsync(MAP_READ);
        return new Float32Array(copy.getMappedRange().slice(0, bindings[index]!.byteLength));
      }),
    );
  });
}
