import { SottoError } from '../shared/index.ts';
import { chunkLength, type WeightPlan } from '../storage/index.ts';
import type { AnswerSpan } from './answer.ts';
import { bodyParts } from './body-parts.ts';
import { checkStart, SIGNATURE_BYTES } from './file-start.ts';
import type { ServerFile } from './server-file.ts';
import { StallGuard } from './stall-guard.ts';

/** A piece of the file as it arrived, unverified. `bytes` belongs to the receiver. */
export interface ArrivedChunk {
  readonly chunk: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** A file as one long stream: the way to take it from a server that knows no ranges. */
export class ChunkStream {
  readonly #file: ServerFile;
  readonly #plan: WeightPlan;
  #partialBytes = 0;

  constructor(file: ServerFile, plan: WeightPlan) {
    this.#file = file;
    this.#plan = plan;
  }

  /** Bytes of the chunk that is arriving now. */
  get partialBytes(): number {
    return this.#partialBytes;
  }

  /**
   * One request, from the first wanted chunk as far as wanted chunks follow one another: a long stream, not a request a chunk.
   * A server without ranges sends everything; what is not wanted is then passed over.
   *
   * @param isWanted Asked again for each chunk: the answer may change while the stream runs.
   * @param onBytes Told whenever bytes of a wanted chunk arrived.
   * @throws `download-failed`, `download-stalled`, `download-not-the-file`, `download-refused`, AbortError.
   */
  async *read(
    isWanted: (chunk: number) => boolean,
    onBytes: () => void,
    signal: AbortSignal,
  ): AsyncGenerator<ArrivedChunk, void, undefined> {
    const { size, chunkBytes, chunks } = this.#plan;
    const first = chunks.findIndex((_, chunk) => isWanted(chunk));
    if (first === -1) return;
    let behind = first;
    while (behind < chunks.length && isWanted(behind)) behind++;
    const asked =
      this.#file.ranges === 'useless'
        ? { start: 0, end: size }
        : { start: first * chunkBytes, end: Math.min(behind * chunkBytes, size) };

    // The request has an end of its own: leaving the loop early, for whatever reason, must close the connection.
    const request = new AbortController();
    const guard = new StallGuard(this.#file.tools.clock, this.#file.tools.stall);
    try {
      const linked = AbortSignal.any([signal, request.signal]);
      const opened = await this.#file.open(asked, guard, linked);
      if (opened === undefined) return;
      yield* this.#cut(bodyParts(opened.response, guard, signal), opened, isWanted, onBytes);
    } finally {
      this.#partialBytes = 0;
      request.abort();
    }
  }

  async *#cut(
    parts: AsyncIterable<Uint8Array>,
    span: AnswerSpan,
    isWanted: (chunk: number) => boolean,
    onBytes: () => void,
  ): AsyncGenerator<ArrivedChunk, void, undefined> {
    const plan = this.#plan;
    let position = span.start;
    let buffer = new Uint8Array(chunkLength(plan, Math.floor(position / plan.chunkBytes)));
    let hasShownItself = position > 0;
    for await (const arrived of parts) {
      for (let at = 0; at < arrived.byteLength && position < span.end; ) {
        const chunk = Math.floor(position / plan.chunkBytes);
        const filled = position - chunk * plan.chunkBytes;
        const length = chunkLength(plan, chunk);
        const part = arrived.subarray(at, at + length - filled);
        if (filled === 0) buffer = new Uint8Array(length);
        buffer.set(part, filled);
        at += part.byteLength;
        position += part.byteLength;
        const nowFilled = filled + part.byteLength;
        if (!hasShownItself && (nowFilled >= SIGNATURE_BYTES || nowFilled === length)) {
          checkStart(buffer.subarray(0, nowFilled), this.#file.url);
          hasShownItself = true;
        }
        // A range that a server began inside a chunk leaves that chunk's head unknown.
        const isWhole = chunk * plan.chunkBytes >= span.start && isWanted(chunk);
        this.#partialBytes = isWhole && nowFilled < length ? nowFilled : 0;
        if (nowFilled === length && isWhole) yield { chunk, bytes: buffer };
        else if (isWhole) onBytes();
      }
      if (position === span.end) return;
    }
    if (!hasShownItself && position > 0) checkStart(buffer.subarray(0, position), this.#file.url);
    throw new SottoError('download-failed', 'The connection ended in the middle of the file.', {
      details: { receivedBytes: position, fileBytes: plan.size },
    });
  }
}
