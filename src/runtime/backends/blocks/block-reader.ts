/** Writes the values of the block that begins at byte `at` to `out` from place `to` on. */
export type BlockReader = (bytes: Uint8Array, at: number, out: Float32Array, to: number) => void;
