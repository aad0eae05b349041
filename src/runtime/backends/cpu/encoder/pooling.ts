import type { EncoderSpec } from '../../../architectures/index.ts';

/** The vectors of a text's tokens, one after the other → one vector. */
export function poolTokens(tokens: Float32Array, width: number, pooling: EncoderSpec['pooling']): Float32Array {
  if (pooling === 'first') return tokens.slice(0, width);
  if (pooling === 'last') return tokens.slice(tokens.length - width);
  const mean = new Float32Array(width);
  for (let start = 0; start < tokens.length; start += width) {
    for (let i = 0; i < width; i++) mean[i]! += tokens[start + i]!;
  }
  const count = tokens.length / width;
  for (let i = 0; i < width; i++) mean[i]! /= count;
  return mean;
}

/** The mean of each run of tokens, one after the other. */
export function poolSpans(
  tokens: Float32Array,
  width: number,
  spans: readonly (readonly [start: number, end: number])[],
): Float32Array {
  const means = new Float32Array(spans.length * width);
  for (const [index, [start, end]] of spans.entries()) {
    if (end > start) means.set(poolTokens(tokens.subarray(start * width, end * width), width, 'mean'), index * width);
  }
  return means;
}

/** Dense layers behind the pooling, one after the other: out = W x + bias. */
export function project(
  vector: Float32Array,
  layers: readonly { readonly weights: Float32Array; readonly bias: Float32Array | undefined }[],
): Float32Array {
  return layers.reduce((x, { weights, bias }) => {
    const width = x.length;
    return Float32Array.from({ length: weights.length / width }, (_, row) => {
      let sum = bias?.[row] ?? 0;
      for (let i = 0; i < width; i++) sum += weights[row * width + i]! * x[i]!;
      return sum;
    });
  }, vector);
}
