/**
 * Which instructions this browser and processor have, asked with modules of a few bytes. The binary format is that of the
 * WebAssembly specification.
 */
function moduleOf(resultType: number, body: readonly number[]): Uint8Array<ArrayBuffer> {
  const header = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
  const types = [0x01, 0x05, 0x01, 0x60, 0x00, 0x01, resultType];
  const functions = [0x03, 0x02, 0x01, 0x00];
  const exported = [0x07, 0x05, 0x01, 0x01, 0x66, 0x00, 0x00];
  const code = [0x0a, body.length + 4, 0x01, body.length + 2, 0x00, ...body, 0x0b];
  return new Uint8Array([...header, ...types, ...functions, ...exported, ...code]);
}

const VECTOR = 0x7b;
const INTEGER = 0x7f;
const SPLAT_BYTES = [0xfd, 0x0f];
/** Sixteen signed bytes: `value` takes one byte of LEB128 from -64 to 63, two beyond. */
const bytesOf = (value: number) =>
  value >= -64 && value < 64
    ? [0x41, value & 0x7f, ...SPLAT_BYTES]
    : [0x41, (value & 0x7f) | 0x80, (value >> 7) & 0x7f, ...SPLAT_BYTES];
const ZERO = bytesOf(0);
const RELAXED_DOT = [0xfd, 0x92, 0x02];
const RELAXED_DOT_ADD = [0xfd, 0x93, 0x02];
const FIRST_LANE = [0xfd, 0x1b, 0x00];

/** 128-bit SIMD, without which no kernel runs. `WebAssembly.validate` compiles nothing. */
export function hasSimd(): boolean {
  return WebAssembly.validate(moduleOf(VECTOR, ZERO));
}

/** Relaxed SIMD, asked with i16x8.relaxed_dot_i8x16_i7x16_s, the instruction it is wanted for. */
export function hasRelaxedSimd(): boolean {
  return WebAssembly.validate(moduleOf(VECTOR, [...ZERO, ...ZERO, ...RELAXED_DOT]));
}

/** What i32x4.relaxed_dot_i8x16_i7x16_add_s makes in each lane of four products of a and b. */
function dotAdd(a: number, b: number): number {
  const body = [...bytesOf(a), ...bytesOf(b), ...ZERO, ...RELAXED_DOT_ADD, ...FIRST_LANE];
  const instance = new WebAssembly.Instance(new WebAssembly.Module(moduleOf(INTEGER, body)));
  return (instance.exports as { f(): number }).f();
}

/**
 * Whether i32x4.relaxed_dot_i8x16_i7x16_add_s is one instruction here (VNNI on x86, dot products on ARM), or at least no slower
 * than the shorter dot and an addition. Where x86 has none, three stand for it, the first of which saturates: told by a second
 * operand of more than 7 bits, for which the specification leaves the result open. 255 times 127 is then 32,767 twice, and not
 * four times the product of 127 and 255 or of 127 and -1, of which the build takes either (assembly/kernels/byte-offset.ts).
 * Within 7 bits the result must be the product: one compiler of an older engine gets that wrong.
 */
export function hasFusedDot(): boolean {
  return hasRelaxedSimd() && dotAdd(-100, 127) === -50_800 && [4 * 127 * 255, 4 * 127 * -1].includes(dotAdd(127, -1));
}
