import type { GpuEntry } from '../gpu-device.ts';

/** What a test wants to go otherwise than on the real device. */
export interface StagedGpu {
  /** The first so many answers are null. */
  readonly nullAnswers?: number;
  readonly requestFails?: boolean;
  readonly deviceFails?: boolean;
  /** Limits that the device shows instead of its own. */
  readonly limits?: Readonly<Record<string, number>>;
  readonly changeShader?: (code: string) => string;
  /** Told of each buffer that is made. */
  readonly onBuffer?: (bytes: number) => void;
  /** Every out-of-memory scope reports an error, from when it is true on. */
  readonly isFull?: boolean;
}

/** The browser's own WebGPU with something arranged; `device` is the one that was opened. */
export function gpuWith(staged: StagedGpu) {
  const opened: { device?: GPUDevice; answers: number } = { answers: 0 };
  const gpu: GpuEntry = {
    requestAdapter: async (options) => {
      opened.answers += 1;
      if (staged.requestFails === true) throw new DOMException('no GPU process', 'OperationError');
      if (opened.answers <= (staged.nullAnswers ?? 0)) return null;
      const adapter = (await navigator.gpu.requestAdapter(options)) ?? (await navigator.gpu.requestAdapter(options));
      if (adapter === null) throw new Error('this test needs the adapter in software');
      const requestDevice = async (descriptor?: GPUDeviceDescriptor) => {
        if (staged.deviceFails === true) throw new DOMException('refused', 'OperationError');
        const device = await GPUAdapter.prototype.requestDevice.call(adapter, descriptor);
        arrange(device, staged);
        opened.device = device;
        return device;
      };
      return Object.defineProperty(adapter, 'requestDevice', { value: requestDevice });
    },
  };
  return { gpu, opened };
}

function arrange(device: GPUDevice, staged: StagedGpu): void {
  const { limits, changeShader, onBuffer } = staged;
  const { limits: own } = device;
  if (limits !== undefined) {
    const get = (_: unknown, name: string) => limits[name] ?? own[name as keyof GPUSupportedLimits];
    Object.defineProperty(device, 'limits', { value: new Proxy({}, { get }) });
  }
  if (changeShader !== undefined) {
    const create = (descriptor: GPUShaderModuleDescriptor) =>
      GPUDevice.prototype.createShaderModule.call(device, { ...descriptor, code: changeShader(descriptor.code) });
    Object.defineProperty(device, 'createShaderModule', { value: create });
  }
  if (onBuffer !== undefined) {
    const create = (descriptor: GPUBufferDescriptor) => {
      onBuffer(descriptor.size);
      return GPUDevice.prototype.createBuffer.call(device, descriptor);
    };
    Object.defineProperty(device, 'createBuffer', { value: create });
  }
  if (staged.isFull !== undefined) {
    const scopes: string[] = [];
    const push = (filter: GPUErrorFilter) => {
      scopes.push(filter);
      GPUDevice.prototype.pushErrorScope.call(device, filter);
    };
    const pop = async () => {
      const filter = scopes.pop();
      const error = await GPUDevice.prototype.popErrorScope.call(device);
      return filter === 'out-of-memory' && staged.isFull === true ? new GPUOutOfMemoryError('no memory') : error;
    };
    Object.defineProperty(device, 'pushErrorScope', { value: push });
    Object.defineProperty(device, 'popErrorScope', { value: pop });
  }
}
