import type { Adapters, CachePages, DecoderBackend, ForwardOptions, Lane } from '../../backends/decoder-backend.ts';
import type { CacheEngine } from '../cache/index.ts';
import type { Priority } from './engine-turns.ts';
import type { Passes } from './passes.ts';

/** A lane of an engine that others use too: whoever has it need not know of them. */
export class SharedLane implements CacheEngine {
  /** Of the call that works on it. */
  priority: Priority = 'interactive';
  readonly #engine: DecoderBackend;
  readonly #lane: Lane;
  readonly #passes: Passes;

  constructor(engine: DecoderBackend, lane: Lane, passes: Passes) {
    this.#engine = engine;
    this.#lane = lane;
    this.#passes = passes;
  }

  get position(): number {
    return this.#lane.position;
  }

  get adapters(): Adapters | undefined {
    return this.#engine.adapters;
  }

  /** While several answers are written, a token of one is computed with those of the others. */
  forward(tokens: ArrayLike<number>, options: ForwardOptions = {}): Promise<Float32Array> {
    const { logits = 'last', signal } = options;
    const isStep = tokens.length === 1 && logits === 'last' && this.#passes.isShared(this.#lane);
    if (isStep) return this.#passes.step(this.#lane, tokens[0]!, signal);
    return this.#passes.run(this.#lane, this.priority, () => this.#lane.forward(tokens, options));
  }

  get forwardRows(): Lane['forwardRows'] {
    const lane = this.#lane;
    return (
      lane.forwardRows &&
      ((tokens, signal) => this.#passes.run(lane, this.priority, async () => lane.forwardRows!(tokens, signal)))
    );
  }

  truncate(position: number): void {
    this.#lane.truncate(position);
  }

  get pages(): CachePages | undefined {
    const { pages } = this.#lane;
    return (
      pages && {
        pageBytes: pages.pageBytes,
        format: pages.format,
        read: (from, to) => this.#passes.run(this.#lane, this.priority, () => pages.read(from, to)),
        write: (from, copies, tokens) =>
          this.#passes.run(this.#lane, this.priority, () => pages.write(from, copies, tokens)),
      }
    );
  }

  get isShared(): boolean {
    return this.#passes.isShared(this.#lane);
  }

  beginWriting(): void {
    this.#passes.beginWriting(this.#lane, this.priority);
  }

  endWriting(): void {
    this.#passes.endWriting(this.#lane);
  }
}
