import { SottoError, throwIfAborted } from '../../../shared/index.ts';
import { encodeSteps } from './kernel-library.ts';
import type { LoadedDecoder } from './loaded-decoder.ts';
import type { Readback } from './readback.ts';

/**
 * Steps that run ahead of what the host has read. Waiting for each token costs more than the token itself (3.3 ms against
 * 0.7 ms on an H200 in Chromium); with eight in flight the wait is hidden.
 */
export const STEPS_AHEAD = 8;
/** What the arg-max leaves where a logit is not finite. */
const NO_TOKEN = 0xffffffff;

/**
 * Yields the likeliest token after `token`, then the one after that, `count` at most, from `position` on. Steps past the
 * one where the caller stops have run for nothing: what they left in the KV cache lies beyond the caller's position and is
 * overwritten by what comes next. `ring` are the buffers that results are read through, one a step in flight. Rejects with AbortError, `numeric-fault` or the device's fault.
 */
export async function* decodeGreedy(
  { gpu, buffers, decode }: LoadedDecoder,
  ring: readonly Readback[],
  token: number,
  position: number,
  count: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<number, void, undefined> {
  const { device } = gpu;
  const { buffer, layout } = buffers.token;
  const steps = [...decode.embed, ...decode.layers, ...decode.head, ...decode.choose];
  const chosen: Promise<number>[] = [];
  let submitted = 0;

  const submit = () => {
    const readback = ring[submitted % ring.length]!;
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    encodeSteps(pass, steps, 1);
    pass.end();
    encoder.copyBufferToBuffer(buffer, layout.tokensOffset, readback.buffer, 0, 4);
    device.queue.submit([encoder.finish()]);
    submitted += 1;
    const result = new Uint32Array(1);
    const promise = readback.read(result).then(() => result[0]!);
    // Awaited in order, below; one that is never reached must not count as unhandled.
    promise.catch(() => {});
    chosen.push(promise);
  };

  device.queue.writeBuffer(buffer, layout.tokensOffset, Uint32Array.of(token));
  device.queue.writeBuffer(buffer, 0, Uint32Array.of(position, 1, 0, 0));
  try {
    for (let read = 0; read < count; read++) {
      while (submitted < count && chosen.length < ring.length) submit();
      const next = await chosen.shift()!;
      throwIfAborted(signal);
      if (next === NO_TOKEN) {
        throw new SottoError('numeric-fault', 'The logits hold values that are not finite.', {
          details: { position: position + read },
        });
      }
      yield next;
    }
  } finally {
    // The ring is used again: every buffer has to be unmapped by then.
    await Promise.allSettled(chosen);
  }
}
