import type { GgufFile } from '../../formats/gguf/types.ts';
import { SottoError } from '../../shared/index.ts';
import { bertFamily, gemmaEmbedding, modernBert } from './encoder-families.ts';
import type { EncoderSpec } from './encoder-spec.ts';
import { ModelReader } from './model-reader.ts';

const FAMILIES: ReadonlyMap<string, (reader: ModelReader) => EncoderSpec> = new Map([
  ['bert', bertFamily],
  ['nomic-bert', bertFamily],
  ['modern-bert', modernBert],
  ['gemma-embedding', gemmaEmbedding],
]);

/** Reads what an encoder is from its header. Throws `model-unsupported` or `gguf-invalid`. */
export function encoderSpecFromGguf(gguf: GgufFile): EncoderSpec {
  const architecture = String(gguf.metadata.get('general.architecture') ?? '');
  const read = FAMILIES.get(architecture);
  if (read === undefined) {
    const known = [...FAMILIES.keys()].join(', ');
    const message = `"${architecture}" is not an encoder that can be run; ${known} are.`;
    throw new SottoError('model-unsupported', message, { details: { architecture } });
  }
  const reader = new ModelReader(gguf, architecture);
  const spec = read(reader);
  reader.refuseUnused();
  return spec;
}
