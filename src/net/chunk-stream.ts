import { isGguf, recogniseOtherFormat } from '../formats/index.ts';
import { type Clock, SottoError } from '../shared/index.ts';
import { chunkLength, type WeightPlan } from '../storage/index.ts';
import { type AllowedFetch, statusError } from './allowed-fetch.ts';
import { type AnswerSpan, notTheFile, readAnswer } from './answer.ts';
import { bodyParts } from './body-parts.ts';
import { StallGuard, type StallLimits } from './stall-guard.ts';

/** A piece of the file as it arrived, unverified. `bytes` belongs to the receiver. */
export interface ArrivedChunk {
  readonly chunk: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Bytes at the start of a file that show what it is. */
const SIGNATURE_BYTES = 64;

/** One model file on one server, and what has been learnt about that server so far. */
export class ChunkStream {
  readonly #fetch: AllowedFetch;
  readonly #clock: Clock;
  readonly #stall: StallLimits;
  readonly #url: URL;
  readonly #plan: WeightPlan;
  #etag: string | undefined;
  #hasUsableRanges = true;
  #partialBytes = 0;

  constructor(
    tools: { readonly fetch: AllowedFetch; readonly clock: Clock; readonly stall: StallLimits },
    url: URL,
    plan: WeightPlan,
  ) {
    this.#fetch = tools.fetch;
    this.#clock = tools.clock;
    this.#stall = tools.stall;
    this.#url = url;
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
    const asked = this.#hasUsableRanges
      ? { start: first * chunkBytes, end: Math.min(behind * chunkBytes, size), fileBytes: size }
      : { start: 0, end: size, fileBytes: size };

    // The request has an end of its own: leaving the loop early, for whatever reason, must close the connection.
    const request = new AbortController();
    const guard = new StallGuard(this.#clock, this.#stall);
    try {
      const linked = AbortSignal.any([signal, request.signal]);
      const response = await guard.wait(
        this.#fetch(this.#url, { headers: this.#headers(asked), signal: linked, isBulk: true }),
        signal,
      );
      const span = this.#accept(response, asked);
      if (span === undefined) return;
      yield* this.#cut(bodyParts(response, guard, signal), span, isWanted, onBytes);
    } finally {
      this.#partialBytes = 0;
      request.abort();
    }
  }

  #headers(asked: {
    readonly start: number;
    readonly end: number;
    readonly fileBytes: number;
  }): Record<string, string> {
    if (asked.start === 0 && asked.end === asked.fileBytes) return {};
    const range = { Range: `bytes=${asked.start}-${asked.end - 1}` };
    return this.#etag === undefined ? range : { ...range, 'If-Range': this.#etag };
  }

  #accept(
    response: Response,
    asked: { readonly start: number; readonly end: number; readonly fileBytes: number },
  ): AnswerSpan | undefined {
    if (response.status === 416) throw notTheFile('The file on the server is shorter than the published one.');
    if (response.status !== 200 && response.status !== 206) throw statusError(response, this.#url);
    const span = readAnswer(response, asked);
    if (span === undefined) this.#hasUsableRanges = false;
    const etag = response.headers.get('ETag');
    // Weak tags promise an equal meaning, not equal bytes: If-Range may not use them.
    this.#etag = etag !== null && !etag.startsWith('W/') ? etag : undefined;
    return span;
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
          checkStart(buffer.subarray(0, nowFilled), this.#url);
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
    if (!hasShownItself && position > 0) checkStart(buffer.subarray(0, position), this.#url);
    throw new SottoError('download-failed', 'The connection ended in the middle of the file.', {
      details: { receivedBytes: position, fileBytes: plan.size },
    });
  }
}

/** Nothing is stored of a file that does not even begin like what its name says. */
function checkStart(start: Uint8Array, { pathname }: URL): void {
  const begins = BEGINNINGS.find(([ending]) => pathname.endsWith(ending))?.[1] ?? isGguf;
  if (begins(start)) return;
  throw notTheFile(`The server answered with ${recogniseOtherFormat(start) ?? 'something that is not a model file'}.`);
}

const BEGINNINGS: readonly (readonly [ending: string, begins: (start: Uint8Array) => boolean])[] = [
  // Field 1 of the message, the version of the format, which is a small number.
  ['.onnx', (start) => start[0] === 0x08 && (start[1] ?? 0) < 64],
  ['.json', (start) => /^\s*[{[]/.test(String.fromCharCode(...start.subarray(0, SIGNATURE_BYTES)))],
];
