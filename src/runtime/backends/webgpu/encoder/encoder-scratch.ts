import type { WeightSpec } from '../../../architectures/index.ts';
import { type ModelShape, wholeBlocks } from '../model-shape.ts';
import { type ScratchLayout, scratchLayout } from '../scratch-layout.ts';

/** Vectors that are pooled, and read back, at a time; whole tiles. */
export const MOST_VECTORS = 1_024;

/** The scratch buffer of a decoder's chunk, and behind it what only an encoder has. */
export interface EncoderScratch extends ScratchLayout {
  /** Bytes at which a vec4u a token lies: its id, its position in its text, and where that text begins and ends. */
  readonly textsOffset: number;
  /** Bytes at which a vec4u a vector lies: the tokens [begin, end) that it is the mean of. */
  readonly runsOffset: number;
  /** In whole vec4u: the pooled vectors, and what each projection behind the pooling makes of them. */
  readonly pooled: readonly { readonly at: number; readonly stride: number }[];
}

/** A scratch buffer for jobs of up to `tokens` tokens. */
export function encoderScratch(
  shape: ModelShape,
  tokens: number,
  projections: readonly Pick<WeightSpec, 'rows'>[],
): EncoderScratch {
  const layout = scratchLayout(shape, tokens, 0);
  let end = layout.byteLength / 16;
  const take = (quads: number) => {
    const at = end;
    end += quads;
    return at;
  };
  const texts = take(tokens);
  const runs = take(MOST_VECTORS);
  const widths = [shape.hiddenSize, ...projections.map(({ rows }) => rows)];
  const pooled = widths.map((width) => {
    const stride = wholeBlocks(width);
    return { at: take((MOST_VECTORS * stride) / 4), stride };
  });
  return {
    ...layout,
    byteLength: end * 16,
    textsOffset: texts * 16,
    runsOffset: runs * 16,
    pooled,
    constants: { ...layout.constants, TEXTS_AT: texts, RUNS_AT: runs, POOLED_AT: pooled[0]!.at },
  };
}
