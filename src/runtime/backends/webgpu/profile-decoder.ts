import type { EngineProfile } from '../decoder-backend.ts';
import { BUFFER_USAGE } from './buffer-usage.ts';
import { encodeSteps, type KernelStep } from './kernel-library.ts';
import type { LoadedDecoder } from './loaded-decoder.ts';
import { Readback } from './readback.ts';

/** Tokens whose recording is timed together: one alone is shorter than a page's clock can tell. */
const RECORDED_TOKENS = 32;
/** Browsers round timestamps to 100 µs, so what is timed is repeated until it takes this long. */
const TIMED_MS = 5;
const MOST_REPEATS = 512;
/** Kernels that move the position on. */
const CHOICES: ReadonlySet<string> = new Set(['choose', 'draw']);
const TIMESTAMP_BYTES = 16;

/** Times the commands of one token, with penalties, as they are: nothing is added to them. */
export async function profileDecoder(decoder: LoadedDecoder, position: number): Promise<EngineProfile> {
  const { decode } = decoder;
  const steps = [...decode.embed, ...decode.layers, ...decode.head, ...decode.choosePenalised];
  const clock = DeviceClock.of(decoder, position);
  const encodeMs = recordingTime(decoder, steps);
  const common = { dispatchesPerToken: steps.length, encodeMs };
  if (clock === undefined) return { ...common, deviceMs: undefined, kernels: [] };
  const byKernel = new Map<string, KernelStep[]>();
  for (const step of steps) byKernel.set(step.pipeline.label, [...(byKernel.get(step.pipeline.label) ?? []), step]);
  try {
    await clock.time(steps);
    const deviceMs = await clock.time(steps);
    const kernels: { name: string; dispatches: number; deviceMs: number }[] = [];
    for (const [name, own] of byKernel) {
      kernels.push({ name, dispatches: own.length, deviceMs: await clock.time(own) });
    }
    return { ...common, deviceMs, kernels };
  } finally {
    clock.dispose();
  }
}

function recordingTime({ gpu }: LoadedDecoder, steps: readonly KernelStep[]): number {
  const record = () => {
    for (let token = 0; token < RECORDED_TOKENS; token++) {
      const encoder = gpu.device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      encodeSteps(pass, steps, 1);
      pass.end();
      encoder.finish();
    }
  };
  record();
  const started = performance.now();
  record();
  return (performance.now() - started) / RECORDED_TOKENS;
}

/** Times commands by the device's own clock. */
class DeviceClock {
  readonly #decoder: LoadedDecoder;
  readonly #position: number;
  readonly #set: GPUQuerySet;
  readonly #resolved: GPUBuffer;
  readonly #readback: Readback;

  /** Undefined where the device has none. */
  static of(decoder: LoadedDecoder, position: number): DeviceClock | undefined {
    return decoder.gpu.device.features.has('timestamp-query') ? new DeviceClock(decoder, position) : undefined;
  }

  private constructor(decoder: LoadedDecoder, position: number) {
    const { device } = decoder.gpu;
    const { copySource, queryResolve } = BUFFER_USAGE;
    this.#decoder = decoder;
    this.#position = position;
    this.#set = device.createQuerySet({ type: 'timestamp', count: 2 });
    this.#resolved = device.createBuffer({ label: 'times', size: TIMESTAMP_BYTES, usage: queryResolve | copySource });
    this.#readback = new Readback(decoder.gpu, TIMESTAMP_BYTES);
  }

  /** Milliseconds that the steps take when they follow each other. */
  async time(steps: readonly KernelStep[]): Promise<number> {
    const moves = steps.some(({ pipeline }) => CHOICES.has(pipeline.label));
    const room = this.#decoder.plan.shape.capacity - this.#position - 1;
    const most = moves ? Math.max(1, Math.min(MOST_REPEATS, room)) : MOST_REPEATS;
    for (let repeats = 1; ; ) {
      const elapsed = await this.#run(steps, repeats);
      if (elapsed >= TIMED_MS || repeats >= most) return elapsed / repeats;
      repeats = Math.min(most, repeats * Math.max(2, Math.min(8, Math.ceil(TIMED_MS / Math.max(elapsed, 0.1)))));
    }
  }

  async #run(steps: readonly KernelStep[], repeats: number): Promise<number> {
    const { gpu, buffers } = this.#decoder;
    const { device } = gpu;
    device.queue.writeBuffer(buffers.token.buffer, 0, Uint32Array.of(this.#position, 1, 0, 0));
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass({
      timestampWrites: { querySet: this.#set, beginningOfPassWriteIndex: 0, endOfPassWriteIndex: 1 },
    });
    for (let repeat = 0; repeat < repeats; repeat++) encodeSteps(pass, steps, 1);
    pass.end();
    encoder.resolveQuerySet(this.#set, 0, 2, this.#resolved, 0);
    encoder.copyBufferToBuffer(this.#resolved, 0, this.#readback.buffer, 0, TIMESTAMP_BYTES);
    device.queue.submit([encoder.finish()]);
    const words = new Uint32Array(TIMESTAMP_BYTES / 4);
    await this.#readback.read(words);
    const [from, to] = new BigUint64Array(words.buffer);
    return Number(to! - from!) / 1e6;
  }

  dispose(): void {
    this.#set.destroy();
    this.#resolved.destroy();
    this.#readback.buffer.destroy();
  }
}
