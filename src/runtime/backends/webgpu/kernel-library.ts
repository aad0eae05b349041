import type { GpuDevice } from './gpu-device.ts';
import {
  ADAPTER_BINDING,
  type CacheFormat,
  type KernelName,
  kernelSource,
  type ShaderConstants,
} from './kernel-sources.ts';
import type { WeightFormat, WeightUpload } from './weights/index.ts';

/** One dispatch, ready to be encoded any number of times. */
export interface KernelStep {
  readonly pipeline: GPUComputePipeline;
  readonly bindGroup: GPUBindGroup;
  /** Workgroups for a run of `tokens` tokens. */
  readonly workgroups: (tokens: number) => readonly [x: number, y: number];
}

/** A buffer, or a part of one, as a kernel binds it. */
export type Binding = GPUBuffer | { readonly buffer: GPUBuffer; readonly offset: number; readonly size: number };

/** What a step is made of; `bindings` in the order of the shader. */
export interface StepRequest {
  readonly kernel: KernelName;
  readonly constants: ShaderConstants;
  readonly format?: WeightFormat;
  readonly cache?: CacheFormat;
  /** The matrix that the kernel multiplies with, where it does; adapters are found by it. */
  readonly upload?: WeightUpload;
  /** Adapters that add to the product, and what their A gave. */
  readonly adapters?: readonly [bank: GPUBuffer, low: GPUBuffer];
  readonly bindings: readonly Binding[];
  readonly workgroups: KernelStep['workgroups'];
}

/** Compiles kernels, each text once however many layers share it, and binds their buffers. */
export class KernelLibrary {
  readonly #gpu: GpuDevice;
  readonly #pipelines = new Map<string, Promise<GPUComputePipeline>>();
  readonly #onCompiled: ((done: number, total: number) => void) | undefined;
  #compiled = 0;

  /** `onCompiled` hears how many kernels of those asked for are ready. */
  constructor(gpu: GpuDevice, onCompiled?: (done: number, total: number) => void) {
    this.#gpu = gpu;
    this.#onCompiled = onCompiled;
  }

  /** Compiles a kernel that will be bound later, so that nothing is compiled then. Rejects like `step`. */
  async compile({ kernel, adapters, ...options }: Omit<StepRequest, 'bindings' | 'workgroups'>): Promise<void> {
    await this.#pipeline(kernel, kernelSource(kernel, { ...options, isAdapted: adapters !== undefined }));
  }

  /** Rejects with `backend-unavailable` where the driver does not compile a kernel. */
  async step({ kernel, bindings, workgroups, adapters, ...options }: StepRequest): Promise<KernelStep> {
    const isAdapted = adapters !== undefined;
    const pipeline = await this.#pipeline(kernel, kernelSource(kernel, { ...options, isAdapted }));
    const entry = (of: Binding, binding: number) => ({ binding, resource: 'buffer' in of ? of : { buffer: of } });
    const bindGroup = this.#gpu.device.createBindGroup({
      label: kernel,
      layout: pipeline.getBindGroupLayout(0),
      entries: [...bindings.map(entry), ...(adapters ?? []).map((of, index) => entry(of, ADAPTER_BINDING + index))],
    });
    return { pipeline, bindGroup, workgroups };
  }

  #pipeline(label: KernelName, code: string): Promise<GPUComputePipeline> {
    const key = `${label}\n${code}`;
    const known = this.#pipelines.get(key);
    if (known !== undefined) return known;
    const { device } = this.#gpu;
    // Asynchronous, so that the driver compiles on its own threads while the weights are uploaded.
    const pipeline = device
      .createComputePipelineAsync({
        label,
        layout: 'auto',
        compute: { module: device.createShaderModule({ label, code }), entryPoint: 'main' },
      })
      .then((compiled) => {
        this.#compiled += 1;
        this.#onCompiled?.(this.#compiled, this.#pipelines.size);
        return compiled;
      })
      .catch((error: unknown) => {
        throw this.#gpu.explain(error, `The kernel ${label}`);
      });
    this.#pipelines.set(key, pipeline);
    return pipeline;
  }
}

/** Records steps into a pass. */
export function encodeSteps(pass: GPUComputePassEncoder, steps: readonly KernelStep[], tokens: number): void {
  for (const { pipeline, bindGroup, workgroups } of steps) {
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, bindGroup);
    const [x, y] = workgroups(tokens);
    pass.dispatchWorkgroups(x, y);
  }
}
