import { SottoError } from '../shared/index.ts';
import type { StallGuard } from './stall-guard.ts';

/**
 * The parts of a body as they arrive, already decoded where the server compressed them.
 * Throws `download-failed` where the connection breaks, `download-stalled`, or AbortError.
 */
export async function* bodyParts(
  response: Response,
  guard: StallGuard,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  if (response.body === null) return;
  const reader = response.body.getReader();
  for (;;) {
    const read = reader.read().catch((error: unknown) => {
      if (signal.aborted) throw error;
      throw new SottoError('download-failed', 'The connection broke.', { cause: error });
    });
    const { done, value } = await guard.wait(read, signal);
    if (done) return;
    guard.count(value.byteLength);
    yield value;
  }
}
