import { Transform } from 'node:stream';

/** Faults in the body of an answer. */
export type BodyFault =
  /** The connection breaks after this share (0–1) of the whole file. */
  | { readonly kind: 'drop'; readonly atShare: number }
  /** One bit of the byte at this offset of the file is changed. */
  | { readonly kind: 'flipped'; readonly offset: number }
  /** Headers arrive, then nothing does. */
  | { readonly kind: 'stall' }
  /** Until another fault is set: what is under way then comes as fast as it can. */
  | { readonly kind: 'slow'; readonly bytesPerSecond: number };

/** Where a body begins in its file, how long the file is, and who counts what passed. */
export interface BodyPlace {
  readonly start: number;
  readonly size: number;
  count(bytes: number): void;
  /** The fault is one no longer. */
  isOver(): boolean;
}

/** A stream that does to a body what the fault says; other kinds pass unchanged. */
export function spoil(fault: BodyFault | { readonly kind: string }, place: BodyPlace): Transform {
  let position = place.start;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const from = position;
      position += chunk.length;
      const pass = (bytes: Buffer): void => {
        place.count(bytes.length);
        done(null, bytes);
      };
      if (isKind(fault, 'drop') && position > fault.atShare * place.size) {
        const kept = Math.max(0, Math.floor(fault.atShare * place.size) - from);
        place.count(kept);
        this.push(chunk.subarray(0, kept));
        // The bytes before the break have to leave first, or the break would come earlier than asked for.
        setTimeout(() => done(new Error('connection dropped on purpose')), 100);
      } else if (isKind(fault, 'flipped') && from <= fault.offset && fault.offset < position) {
        const changed = Buffer.from(chunk);
        const index = fault.offset - from;
        changed[index] = (changed[index] ?? 0) ^ 1;
        pass(changed);
      } else if (isKind(fault, 'slow') && !place.isOver()) {
        setTimeout(() => pass(chunk), (chunk.length / fault.bytesPerSecond) * 1000);
      } else if (!isKind(fault, 'stall')) {
        pass(chunk);
      }
    },
  });
}

function isKind<K extends BodyFault['kind']>(
  fault: { kind: string },
  kind: K,
): fault is Extract<BodyFault, { kind: K }> {
  return fault.kind === kind;
}
