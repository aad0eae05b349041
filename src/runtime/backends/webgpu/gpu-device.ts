import { SottoError, systemClock } from '../../../shared/index.ts';

/** The part of `navigator.gpu` that is used: tests put another in its place. */
export type GpuEntry = Pick<GPU, 'requestAdapter'>;

/**
 * The limits that decide what fits, and how large the tiles of prefill attention are. All else stays at WebGPU's guaranteed minimum: the kernels need no more, and a device
 * that promises less in advance is one more device that can be had.
 */
const RAISED_LIMITS = ['maxBufferSize', 'maxStorageBufferBindingSize', 'maxComputeWorkgroupStorageSize'] as const;

/** How long the news of a loss may take after a promise that the loss rejected. */
const LOSS_NEWS_MS = 500;

/** What takes longer than this gains nothing from being hurried. */
const HURRY_MS = 20;
/** A lost device answers at once, and would be asked for ever. */
const MOST_POLLS = 500;

/** Asking twice: in Chromium the first answer of a thread can be null while the GPU process starts. */
const ADAPTER_TRIES = 2;

export interface OpenGpuOptions {
  /** Absent: `navigator.gpu`. */
  readonly gpu?: GpuEntry | undefined;
  /** Takes the guaranteed minimum instead of what the adapter offers. */
  readonly defaultLimits?: boolean | undefined;
  /** Asks for the device's clock, where there is one: benchmarks read it. */
  readonly wantsTimestamps?: boolean | undefined;
}

/**
 * A WebGPU device of our own, with its faults turned into coded errors. Nothing WebGPU throws or rejects with leaves this
 * folder unchanged: after a loss the platform reports aborts, which callers would take for somebody's wish to stop.
 */
export class GpuDevice {
  readonly device: GPUDevice;
  /** For people: "nvidia hopper", for example. */
  readonly name: string;
  #fault: SottoError | undefined;

  constructor(device: GPUDevice, name: string) {
    this.device = device;
    this.name = name;
    void device.lost.then(({ reason, message }) => {
      // Our own destroy is not a loss, and by then #fault says `disposed`.
      this.#fault ??= new SottoError('device-lost', `The graphics device was lost. ${message}`.trim(), {
        details: { reason },
      });
    });
    device.addEventListener('uncapturederror', (event) => {
      const { error } = event as GPUUncapturedErrorEvent;
      this.#fault ??= faultOf(error, 'A command was refused by the graphics device');
    });
  }

  /** What ended this device, if anything did. */
  get fault(): SottoError | undefined {
    return this.#fault;
  }

  /** Throws what ended this device, if anything did. */
  check(): void {
    if (this.#fault !== undefined) throw this.#fault;
  }

  /**
   * Runs `work` and throws a coded error if the device refused any of it: `gpu-out-of-memory`, `backend-unavailable` for
   * pipelines that do not compile, `device-lost`, or `internal` for a command that was wrong.
   */
  async guard<T>(what: string, work: () => T | Promise<T>): Promise<T> {
    this.check();
    const { device } = this;
    for (const filter of ['validation', 'internal', 'out-of-memory'] as const) device.pushErrorScope(filter);
    let result: T;
    try {
      result = await work();
    } catch (error) {
      // Not waited for: they answer after the driver has compiled all there is, and whoever aborts wants to go on now.
      void this.#popScopes();
      throw this.explain(error, what);
    }
    const error = await this.#popScopes();
    this.check();
    if (error !== undefined) throw faultOf(error, what);
    return result;
  }

  /** Waits until all that was submitted has run. Rejects with the device's fault. */
  async idle(): Promise<void> {
    try {
      await this.device.queue.onSubmittedWorkDone();
    } catch (cause) {
      throw await this.failure('Waiting for the graphics device', cause);
    }
    this.check();
  }

  /**
   * Waits for a result of submitted work that somebody needs now. Left alone, Chromium looks every few milliseconds whether
   * the GPU is done; each error scope that is popped makes it look (245 → 393 results a second on an H100).
   */
  async hurry<T>(result: Promise<T>): Promise<T> {
    let isSettled = false;
    const settle = () => {
      isSettled = true;
    };
    result.then(settle, settle);
    const until = performance.now() + HURRY_MS;
    for (let polls = 0; !isSettled && polls < MOST_POLLS && performance.now() < until; polls++) {
      this.device.pushErrorScope('validation');
      // Popped in the same breath: nobody else's errors fall into it.
      await this.device.popErrorScope().catch(() => null);
    }
    return result;
  }

  /** Why a promise of the platform rejected: the device's fault, which can become known a moment later. */
  async failure(what: string, cause: unknown): Promise<SottoError> {
    if (this.#fault === undefined) await Promise.race([this.device.lost, systemClock.sleep(LOSS_NEWS_MS)]);
    return this.#fault ?? new SottoError('internal', `${what} failed.`, { cause });
  }

  /** Turns what the platform threw into a coded error; coded errors and aborts of the caller pass by unchanged. */
  explain(error: unknown, what: string): unknown {
    if (SottoError.isInstance(error)) return error;
    if (this.#fault !== undefined) return this.#fault;
    if (isPipelineError(error)) {
      return new SottoError('backend-unavailable', `${what}: the graphics driver does not compile it.`, {
        cause: error,
      });
    }
    return error;
  }

  /** Gives the device and all its memory back; the promises that wait on it settle. */
  dispose(): void {
    this.#fault ??= new SottoError('disposed', 'This engine was disposed of.');
    this.device.destroy();
  }

  async #popScopes(): Promise<GPUError | undefined> {
    const errors = await Promise.all([0, 1, 2].map(() => this.device.popErrorScope().catch(() => null)));
    return errors.find((error) => error !== null) ?? undefined;
  }
}

/**
 * Opens a device. Throws `backend-unavailable` where WebGPU is missing, offers no adapter or refuses the device.
 */
export async function openGpuDevice(options: OpenGpuOptions = {}): Promise<GpuDevice> {
  const { gpu, defaultLimits = false, wantsTimestamps = false } = options;
  const entry = gpu ?? (globalThis.navigator as { readonly gpu?: GPU } | undefined)?.gpu;
  if (entry === undefined) throw new SottoError('backend-unavailable', 'This browser has no WebGPU.');
  const adapter = await requestAdapter(entry);
  const requiredLimits: Record<string, number> = {};
  if (!defaultLimits) for (const name of RAISED_LIMITS) requiredLimits[name] = adapter.limits[name];
  try {
    const requiredFeatures: GPUFeatureName[] =
      wantsTimestamps && adapter.features.has('timestamp-query') ? ['timestamp-query'] : [];
    const device = await adapter.requestDevice({ label: 'sotto', requiredLimits, requiredFeatures });
    const { vendor, architecture } = adapter.info;
    return new GpuDevice(device, [vendor, architecture].filter(Boolean).join(' ') || 'unnamed adapter');
  } catch (cause) {
    throw new SottoError('backend-unavailable', 'The graphics adapter refused to open a device.', { cause });
  }
}

async function requestAdapter(entry: GpuEntry): Promise<GPUAdapter> {
  let cause: unknown;
  for (let tries = 0; tries < ADAPTER_TRIES; tries++) {
    try {
      const adapter = await entry.requestAdapter({ powerPreference: 'high-performance' });
      if (adapter !== null) return adapter;
    } catch (error) {
      cause = error;
    }
  }
  throw new SottoError('backend-unavailable', 'WebGPU offers no graphics adapter on this device.', { cause });
}

function isPipelineError(error: unknown): boolean {
  return error instanceof Error && error.name === 'GPUPipelineError';
}

function faultOf(error: GPUError, what: string): SottoError {
  const isMemory = error.constructor.name === 'GPUOutOfMemoryError';
  const code = isMemory ? 'gpu-out-of-memory' : 'internal';
  const reason = isMemory ? 'the graphics device has no memory left' : error.message;
  return new SottoError(code, `${what}: ${reason}.`, { cause: error });
}
