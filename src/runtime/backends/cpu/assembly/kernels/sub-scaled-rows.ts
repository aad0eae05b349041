import { halfToFloat } from '../math';
import { blockBytes, floatsAt, hasMinima, middle, scalesAt, superBytes } from './sub-scaled-block';
import { pack, wordOf } from './unpack';

/** From the file into groups with sub-scales, and one row back; see sub-scaled-block.ts. Sources: ggml-common.h of llama.cpp. */

/** Address of the scale byte of half `half` of block `b` (0-7) of a row. */
// @ts-expect-error: decorator
@inline
function scaleByte(bits: i32, superBlock: usize, b: i32, half: i32, row: i32): usize {
  return superBlock + <usize>b * blockBytes(bits) + scalesAt(bits) + <usize>half * 8 + <usize>(row & 7);
}

// @ts-expect-error: decorator
@inline
function quantsOf(bits: i32, superBlock: usize, b: i32, row: i32): usize {
  return superBlock + <usize>b * blockBytes(bits) + ((row & 4) != 0 ? <usize>bits * 16 : 0);
}

// @ts-expect-error: decorator
@inline
function floatOf(bits: i32, superBlock: usize, row: i32): usize {
  return superBlock + floatsAt(bits) + <usize>(row & 7) * 4;
}

/** Nibbles in 128 bytes, two more bits in 64, 16 int8 scales, d. */
export function repackQ6_K(from: usize, rows: i32, blocks: i32, to: usize, stride: usize): void {
  for (let row = 0; row < rows; ++row) {
    let source = from + <usize>row * <usize>(blocks >> 3) * 210;
    let target = to + <usize>(row >> 3) * stride;
    for (let s = 0; s < blocks; s += 8) {
      for (let b = 0; b < 8; ++b) {
        const low = source + <usize>(b >> 2) * 64 + <usize>(b & 1) * 32;
        const high = source + 128 + <usize>(b >> 2) * 32;
        for (let word = 0; word < 8; ++word) {
          const nibbles = (load<u32>(low + <usize>word * 4) >> (((b >> 1) & 1) * 4)) & 0x0f0f0f0f;
          const two = (load<u32>(high + <usize>word * 4) >> ((b & 3) * 2)) & 0x03030303;
          pack(6, quantsOf(6, target, b, row), row & 3, word, nibbles | (two << 4));
        }
        store<u8>(scaleByte(6, target, b, 0, row), load<u8>(source + <usize>b * 2, 192));
        store<u8>(scaleByte(6, target, b, 1, row), load<u8>(source + <usize>b * 2, 193));
      }
      store<f32>(floatOf(6, target, row), halfToFloat(load<u16>(source, 208)));
      source += 210;
      target += superBytes(6);
    }
  }
}

/** Two bits of the word `word` of block `b`, as Q2_K, Q3_K and TQ2_0 hold them in 64 bytes. */
// @ts-expect-error: decorator
@inline
function twoBits(quants: usize, b: i32, word: i32): u32 {
  return (load<u32>(quants + <usize>(b >> 2) * 32 + <usize>word * 4) >> ((b & 3) * 2)) & 0x03030303;
}

/** Third bits in 32 bytes, two bits in 64, 16 six-bit scales less 32 in 12 bytes, d. */
export function repackQ3_K(from: usize, rows: i32, blocks: i32, to: usize, stride: usize): void {
  for (let row = 0; row < rows; ++row) {
    let source = from + <usize>row * <usize>(blocks >> 3) * 110;
    let target = to + <usize>(row >> 3) * stride;
    for (let s = 0; s < blocks; s += 8) {
      for (let b = 0; b < 8; ++b) {
        for (let word = 0; word < 8; ++word) {
          const third = (load<u32>(source + <usize>word * 4) >> b) & 0x01010101;
          pack(4, quantsOf(4, target, b, row), row & 3, word, twoBits(source + 32, b, word) | (third << 2));
        }
        store<i8>(scaleByte(4, target, b, 0, row), sixBitScale(source + 96, b * 2));
        store<i8>(scaleByte(4, target, b, 1, row), sixBitScale(source + 96, b * 2 + 1));
      }
      store<f32>(floatOf(4, target, row), halfToFloat(load<u16>(source, 108)));
      source += 110;
      target += superBytes(4);
    }
  }
}

// @ts-expect-error: decorator
@inline
function sixBitScale(packed: usize, s: i32): i8 {
  const low = (<i32>load<u8>(packed + <usize>(s & 7)) >> ((s >> 3) * 4)) & 15;
  const high = (<i32>load<u8>(packed + <usize>(s & 3), 8) >> ((s >> 2) * 2)) & 3;
  return <i8>((low | (high << 4)) - 32);
}

/** 16 scales and minima in nibbles, two bits in 64 bytes, d, dmin. */
export function repackQ2_K(from: usize, rows: i32, blocks: i32, to: usize, stride: usize): void {
  for (let row = 0; row < rows; ++row) {
    let source = from + <usize>row * <usize>(blocks >> 3) * 84;
    let target = to + <usize>(row >> 3) * stride;
    for (let s = 0; s < blocks; s += 8) {
      for (let b = 0; b < 8; ++b) {
        for (let word = 0; word < 8; ++word) {
          pack(2, quantsOf(2, target, b, row), row & 3, word, twoBits(source + 16, b, word));
        }
        for (let half = 0; half < 2; ++half) {
          const nibbles = load<u8>(source + <usize>(b * 2 + half));
          store<u8>(scaleByte(2, target, b, half, row), nibbles & 15);
          store<u8>(scaleByte(2, target, b, half, row), nibbles >> 4, 16);
        }
      }
      store<f32>(floatOf(2, target, row), halfToFloat(load<u16>(source, 80)));
      store<f32>(floatOf(2, target, row), -halfToFloat(load<u16>(source, 82)), 32);
      source += 84;
      target += superBytes(2);
    }
  }
}

/** Ternary values are quants 0, 1, 2 with a scale and a minimum of 1. */
// @ts-expect-error: decorator
@inline
function finishTernary(target: usize, row: i32, d: f32): void {
  for (let b = 0; b < 8; ++b) {
    for (let half = 0; half < 2; ++half) {
      store<u8>(scaleByte(2, target, b, half, row), 1);
      store<u8>(scaleByte(2, target, b, half, row), 1, 16);
    }
  }
  store<f32>(floatOf(2, target, row), d);
  store<f32>(floatOf(2, target, row), -d, 32);
}

/** Two bits in 64 bytes, d. */
export function repackTQ2_0(from: usize, rows: i32, blocks: i32, to: usize, stride: usize): void {
  for (let row = 0; row < rows; ++row) {
    let source = from + <usize>row * <usize>(blocks >> 3) * 66;
    let target = to + <usize>(row >> 3) * stride;
    for (let s = 0; s < blocks; s += 8) {
      for (let b = 0; b < 8; ++b) {
        for (let word = 0; word < 8; ++word) {
          pack(2, quantsOf(2, target, b, row), row & 3, word, twoBits(source, b, word));
        }
      }
      finishTernary(target, row, halfToFloat(load<u16>(source, 64)));
      source += 66;
      target += superBytes(2);
    }
  }
}

/** Five values a byte in 48 bytes, four in 4, as fractions of 243 / 256; d. */
export function repackTQ1_0(from: usize, rows: i32, blocks: i32, to: usize, stride: usize): void {
  for (let row = 0; row < rows; ++row) {
    let source = from + <usize>row * <usize>(blocks >> 3) * 54;
    let target = to + <usize>(row >> 3) * stride;
    for (let s = 0; s < blocks; s += 8) {
      for (let value = 0; value < 256; value += 4) {
        let quants: u32 = 0;
        for (let i = 0; i < 4; ++i) quants |= ternaryAt(source, value + i) << (i * 8);
        pack(2, quantsOf(2, target, value >> 5, row), row & 3, (value >> 2) & 7, quants);
      }
      finishTernary(target, row, halfToFloat(load<u16>(source, 52)));
      source += 54;
      target += superBytes(2);
    }
  }
}

/** Value 0-255 of a TQ1_0 block, 0 to 2: 5 × 32 of the first 32 bytes, 5 × 16 of the next 16, 4 × 4 of the last four. */
function ternaryAt(block: usize, value: i32): u32 {
  let at = value & 31;
  let digit = value >> 5;
  if (value >= 240) {
    at = 48 + (value & 3);
    digit = (value - 240) >> 2;
  } else if (value >= 160) {
    at = 32 + (value & 15);
    digit = (value - 160) >> 4;
  }
  let power: u32 = 1;
  for (let i = 0; i < digit; ++i) power *= 3;
  return (((<u32>load<u8>(block + <usize>at) * power) & 255) * 3) >> 8;
}

/** One row as f32, for the embedding table. */
// @ts-expect-error: decorator
@inline
export function rowSubScaled(bits: i32, data: usize, stride: usize, blocks: i32, row: i32, out: usize): void {
  let superBlock = data + <usize>(row >> 3) * stride;
  for (let s = 0; s < blocks; s += 8) {
    const d = load<f32>(floatOf(bits, superBlock, row));
    const dmin: f32 = hasMinima(bits) ? load<f32>(floatOf(bits, superBlock, row), 32) : 0;
    for (let b = 0; b < 8; ++b) {
      for (let word = 0; word < 8; ++word) {
        const scaleAt = scaleByte(bits, superBlock, b, word >> 2, row);
        const factor = d * <f32>load<i8>(scaleAt);
        const minimum: f32 = hasMinima(bits) ? dmin * <f32>load<u8>(scaleAt, 16) : 0;
        let quants = wordOf(bits, quantsOf(bits, superBlock, b, row), row & 3, word);
        for (let i = 0; i < 4; ++i) {
          store<f32>(out, <f32>(<i32>(quants & 255) - middle(bits)) * factor + minimum);
          quants >>= 8;
          out += 4;
        }
      }
    }
    superBlock += superBytes(bits);
  }
}
