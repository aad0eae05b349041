import { type DecoderSpec, ropeFactorsOf, ropesOf } from '../../architectures/index.ts';
import { sha256OfText } from './model-fingerprint.ts';

/** What tells of an engine which values its cache holds. */
export interface NamedEngine {
  /** Of the pages of its cache. */
  readonly format: string;
  readonly description: string;
}

/**
 * Names all on which it depends, beside the model and the version of the engines, what an engine makes of a text: what another
 * one computed differs in the last bits, and a longer cache may turn keys otherwise.
 */
export function engineName(
  { format, description }: NamedEngine,
  spec: DecoderSpec,
  contextLength: number,
): Promise<string> {
  const isStretched = ropesOf(spec).some((rope) => ropeFactorsOf(rope, contextLength) !== rope.factors);
  return sha256OfText(`${format}, ${description}${isStretched ? ', stretched' : ''}`);
}
