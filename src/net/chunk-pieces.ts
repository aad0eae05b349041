import { SottoError } from '../shared/index.ts';
import { chunkLength, type WeightPlan } from '../storage/index.ts';
import { bodyParts } from './body-parts.ts';
import { checkStart, SIGNATURE_BYTES } from './file-start.ts';
import type { ServerFile } from './server-file.ts';
import { StallGuard } from './stall-guard.ts';

/** How a chunk is spread over connections. */
export interface ParallelLimits {
  /** Most connections at once. */
  readonly connections: number;
  /** A piece is not cut smaller: a request costs a round trip. */
  readonly leastPieceBytes: number;
}

interface Piece {
  readonly start: number;
  readonly end: number;
  position: number;
}

/**
 * One chunk at a time, each over several connections. What has been asked for and is not yet stored is never more than one
 * chunk: that is all that a crash can make a browser fetch twice, whatever the sockets hold. Pieces that have arrived outlast
 * a broken line.
 */
export class ChunkPieces {
  readonly #file: ServerFile;
  readonly #plan: WeightPlan;
  readonly #limits: ParallelLimits;
  #chunk = -1;
  #buffer = new Uint8Array(0);
  #pieces: readonly Piece[] = [];
  #hasShownItself: boolean;

  constructor(file: ServerFile, plan: WeightPlan, limits: ParallelLimits) {
    this.#file = file;
    this.#plan = plan;
    this.#limits = limits;
    this.#hasShownItself = false;
  }

  /** Bytes of the chunk that is arriving now. */
  get partialBytes(): number {
    return this.#pieces.reduce((sum, { start, position }) => sum + position - start, 0);
  }

  /**
   * The bytes of a chunk, for the caller to keep; undefined where the server knows no ranges. Called again after a failure it
   * goes on from what it has. Rejects as `ServerFile.open` does.
   */
  async fetch(chunk: number, onBytes: () => void, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer> | undefined> {
    if (this.#chunk !== chunk) this.#begin(chunk);
    const request = new AbortController();
    const linked = AbortSignal.any([signal, request.signal]);
    try {
      const open = this.#pieces.filter(({ position, end }) => position < end);
      const outcomes = await Promise.all(open.map((piece) => this.#fill(piece, onBytes, linked)));
      if (outcomes.includes('no-ranges')) return undefined;
    } finally {
      // The first that fails ends the others: their bytes stay where they are.
      request.abort();
    }
    const bytes = this.#buffer;
    this.#chunk = -1;
    this.#pieces = [];
    return bytes;
  }

  #begin(chunk: number): void {
    const start = chunk * this.#plan.chunkBytes;
    const length = chunkLength(this.#plan, chunk);
    const { connections, leastPieceBytes } = this.#limits;
    // Until the server has shown that it knows ranges, it is asked for one.
    const most = this.#file.ranges === 'usable' ? connections : 1;
    const count = Math.max(1, Math.min(most, Math.floor(length / leastPieceBytes)));
    const pieceBytes = Math.ceil(length / count);
    this.#chunk = chunk;
    this.#buffer = new Uint8Array(length);
    this.#pieces = Array.from({ length: count }, (_, index) => {
      const first = start + index * pieceBytes;
      return { start: first, end: Math.min(first + pieceBytes, start + length), position: first };
    });
  }

  async #fill(piece: Piece, onBytes: () => void, signal: AbortSignal): Promise<'filled' | 'no-ranges'> {
    const { clock, stall } = this.#file.tools;
    const guard = new StallGuard(clock, stall);
    const chunkStart = this.#chunk * this.#plan.chunkBytes;
    while (piece.position < piece.end) {
      const before = piece.position;
      const opened = await this.#file.open({ start: piece.position, end: piece.end }, guard, signal);
      const isWholeFile = piece.start === 0 && piece.end === this.#file.fileBytes;
      if (opened === undefined || (opened.response.status === 200 && !isWholeFile)) return 'no-ranges';
      let skip = piece.position - opened.start;
      for await (const arrived of bodyParts(opened.response, guard, signal)) {
        const part = arrived.subarray(Math.min(skip, arrived.byteLength)).subarray(0, piece.end - piece.position);
        skip = Math.max(0, skip - arrived.byteLength);
        this.#buffer.set(part, piece.position - chunkStart);
        piece.position += part.byteLength;
        this.#checkBeginning(piece);
        onBytes();
        if (piece.position === piece.end) break;
      }
      // A server may cut ranges short; one that sends nothing must not be asked for ever.
      if (piece.position === before) {
        throw new SottoError('download-failed', 'The server sent no bytes of the file.');
      }
    }
    return 'filled';
  }

  #checkBeginning({ start, position }: Piece): void {
    if (this.#hasShownItself || start > 0) return;
    if (position < Math.min(SIGNATURE_BYTES, this.#file.fileBytes)) return;
    checkStart(this.#buffer.subarray(0, SIGNATURE_BYTES), this.#file.url);
    this.#hasShownItself = true;
  }
}
