import type { GgmlTypeName, GgufFile } from '../../formats/gguf/types.ts';
import type { ByteSource } from '../../shared/index.ts';
import type { HeldFile } from './codebooks/index.ts';

const CODEBOOK_TYPES: readonly GgmlTypeName[] = ['IQ1_S', 'IQ1_M', 'IQ2_XXS', 'IQ2_XS', 'IQ2_S', 'IQ3_XXS', 'IQ3_S'];

/**
 * The file as engines read it: tensors of types that no kernel knows as ones of a type that holds the same values. Files
 * without such tensors, nearly all, are given back as they are, and the tables are not loaded.
 */
export async function holdCodebooks(gguf: GgufFile, source: ByteSource): Promise<HeldFile> {
  const isNeeded = [...gguf.tensors.values()].some(({ type }) => CODEBOOK_TYPES.includes(type));
  if (!isNeeded) return { gguf, source, requantised: () => [] };
  const { translateFile } = await import('./codebooks/index.ts');
  return translateFile(gguf, source);
}
