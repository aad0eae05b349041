import type { GgufFile } from '../../formats/gguf/types.ts';
import { SottoError } from '../../shared/index.ts';
import type { DecoderSpec } from './decoder-spec.ts';
import { llamaSpec } from './llama.ts';

const ARCHITECTURES: ReadonlyMap<string, (gguf: GgufFile) => DecoderSpec> = new Map([['llama', llamaSpec]]);

/**
 * Maps a GGUF header to what the backends run.
 * Throws `model-unsupported` (naming the architecture or the part) or `gguf-invalid` (a missing or misshapen tensor).
 */
export function decoderSpecFromGguf(gguf: GgufFile): DecoderSpec {
  const architecture = gguf.metadata.get('general.architecture');
  if (typeof architecture !== 'string') {
    throw new SottoError('gguf-invalid', 'The file does not say which architecture it holds.');
  }
  const toSpec = ARCHITECTURES.get(architecture);
  if (toSpec === undefined) {
    const known = [...ARCHITECTURES.keys()].join(', ');
    const message = `The architecture "${architecture}" does not run here yet; these do: ${known}.`;
    throw new SottoError('model-unsupported', message, { details: { architecture } });
  }
  return toSpec(gguf);
}
