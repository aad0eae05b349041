import type { EncoderSpec } from '../../../architectures/index.ts';
import type { EncodeOptions } from '../../encoder-backend.ts';

/** Texts that go through the encoder together, side by side, without padding. */
export interface TextJob {
  /** Texts [first, end) of the call. */
  readonly first: number;
  readonly end: number;
  readonly tokens: number;
  /** A vec4u a token: its id, its position in its text, and where in the job that text begins and ends. */
  readonly texts: Uint32Array<ArrayBuffer>;
  /** A vec4u a vector: the tokens [begin, end) of the job that it is the mean of. */
  readonly runs: Uint32Array<ArrayBuffer>;
}

export interface PackOptions {
  readonly pooling: EncoderSpec['pooling'];
  readonly spans: EncodeOptions['spans'];
  /** Tokens after which a job is large enough, and which it never exceeds. */
  readonly wanted: number;
  readonly most: number;
  readonly mostVectors: number;
}

/** Packs texts from `first` on. A text with more spans than `mostVectors` has a job of its own. */
export function packJob(texts: readonly ArrayLike<number>[], first: number, options: PackOptions): TextJob {
  const { pooling, spans, wanted, most, mostVectors } = options;
  const vectorsOf = (index: number) => (spans === undefined ? 1 : (spans[index]?.length ?? 0));
  let end = first;
  let tokens = 0;
  let vectors = 0;
  do {
    tokens += texts[end]!.length;
    vectors += vectorsOf(end);
    end += 1;
  } while (
    end < texts.length &&
    tokens < wanted &&
    tokens + texts[end]!.length <= most &&
    vectors + vectorsOf(end) <= mostVectors
  );
  const packed = new Uint32Array(tokens * 4);
  const runs = new Uint32Array(vectors * 4);
  let token = 0;
  let run = 0;
  for (let index = first; index < end; index++) {
    const ids = texts[index]!;
    const begin = token;
    for (let position = 0; position < ids.length; position++, token++) {
      packed.set([ids[position]!, position, begin, begin + ids.length], token * 4);
    }
    for (const [from, to] of spans === undefined ? [pooledRun(pooling, ids.length)] : (spans[index] ?? [])) {
      runs.set([begin + from, begin + Math.max(from, to)], run * 4);
      run += 1;
    }
  }
  return { first, end, tokens, texts: packed, runs };
}

/** The tokens whose mean is the vector of a text. */
function pooledRun(pooling: EncoderSpec['pooling'], length: number): readonly [from: number, to: number] {
  return pooling === 'first' ? [0, 1] : pooling === 'last' ? [length - 1, length] : [0, length];
}
