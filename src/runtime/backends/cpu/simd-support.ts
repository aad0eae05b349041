/**
 * Which instructions this browser accepts, asked with modules of a few bytes: `WebAssembly.validate` compiles nothing.
 * The binary format is that of the WebAssembly specification; each function returns one vector.
 */
function accepts(body: readonly number[]): boolean {
  const header = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
  const types = [0x01, 0x05, 0x01, 0x60, 0x00, 0x01, 0x7b];
  const functions = [0x03, 0x02, 0x01, 0x00];
  const code = [0x0a, body.length + 4, 0x01, body.length + 2, 0x00, ...body, 0x0b];
  return WebAssembly.validate(new Uint8Array([...header, ...types, ...functions, ...code]));
}

/** i32.const 0, i8x16.splat */
const ZERO = [0x41, 0x00, 0xfd, 0x0f];

/** 128-bit SIMD, without which no kernel runs. */
export function hasSimd(): boolean {
  return accepts(ZERO);
}

/** Relaxed SIMD, asked with i16x8.relaxed_dot_i8x16_i7x16_s, the instruction it is wanted for. */
export function hasRelaxedSimd(): boolean {
  return accepts([...ZERO, ...ZERO, 0xfd, 0x92, 0x02]);
}
