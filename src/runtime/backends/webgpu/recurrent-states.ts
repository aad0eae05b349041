import type { MixerBuffers } from './gpu-buffers.ts';
import type { RecurrentShape } from './mixer-shapes.ts';
import { type StateRoom, slotBytes } from './state-room.ts';

/** A copy of all states after `position` tokens, and where it lies. */
interface Copy {
  readonly position: number;
  readonly place: number;
}

/**
 * What recurrent layers remember, told from outside: which positions' states lie in the slots, and copies that are taken
 * before chunks of a prompt. A text can be cut at either. The latest copies are kept.
 */
export class RecurrentStates {
  readonly #device: GPUDevice;
  readonly #mixers: readonly MixerBuffers<RecurrentShape>[];
  readonly #room: StateRoom;
  /** Positions whose states lie in the slots; position 0 needs none. */
  #held = new Set<number>();
  #copies: Copy[] = [];

  constructor(device: GPUDevice, mixers: readonly MixerBuffers<RecurrentShape>[], room: StateRoom) {
    this.#device = device;
    this.#mixers = mixers;
    this.#room = room;
  }

  get isEmpty(): boolean {
    return this.#mixers.length === 0;
  }

  /** To be called before `count` tokens are written behind `position` ones, one pass or one step. */
  willWrite(position: number, count: number): void {
    if (this.isEmpty) return;
    if (count > 1) this.keep(position);
    const end = position + count;
    for (const other of this.#held) if (other % this.#room.slots === end % this.#room.slots) this.#held.delete(other);
    this.#held.add(end);
  }

  /** Copies the states after `position` tokens, which have to lie in their slot. */
  keep(position: number): void {
    if (this.isEmpty || position === 0 || this.#copies.some((copy) => copy.position === position)) return;
    const oldest = this.#copies.length === this.#room.copies ? this.#copies.shift() : undefined;
    const place = oldest?.place ?? this.#freePlace();
    this.#copy((mixer) => {
      const bytes = slotBytes(mixer.shape);
      return [mixer.cache, (position % this.#room.slots) * bytes, mixer.past!, place * bytes, bytes];
    });
    this.#copies.push({ position, place });
  }

  /** Where a text that is to be cut at `position` can be cut: where there is a state, or at its beginning. */
  cut(position: number): number {
    if (this.isEmpty) return position;
    this.#held = new Set([...this.#held].filter((held) => held <= position));
    this.#copies = this.#copies.filter((copy) => copy.position <= position);
    const held = Math.max(0, ...this.#held);
    const latest = this.#copies.at(-1);
    if (latest === undefined || latest.position <= held) return held;
    this.#copy((mixer) => {
      const bytes = slotBytes(mixer.shape);
      return [mixer.past!, latest.place * bytes, mixer.cache, (latest.position % this.#room.slots) * bytes, bytes];
    });
    this.willWrite(latest.position, 0);
    return latest.position;
  }

  /** Nothing lies in the slots any more. */
  lose(): void {
    this.#held.clear();
  }

  #freePlace(): number {
    const taken = new Set(this.#copies.map(({ place }) => place));
    for (let place = 0; ; place++) if (!taken.has(place)) return place;
  }

  #copy(of: (mixer: MixerBuffers<RecurrentShape>) => Parameters<GPUCommandEncoder['copyBufferToBuffer']>): void {
    const encoder = this.#device.createCommandEncoder();
    for (const mixer of this.#mixers) encoder.copyBufferToBuffer(...of(mixer));
    this.#device.queue.submit([encoder.finish()]);
  }
}
