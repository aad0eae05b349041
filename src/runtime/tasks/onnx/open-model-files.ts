import type { OnnxModelSource } from '../../../protocol/index.ts';
import { SottoError } from '../../../shared/index.ts';
import { openStoredModel, openWeightStore, storedFiles } from '../../../storage/index.ts';
import type { ModelFile, ModelFiles } from './model-files.ts';

/** The files of a model: verified ones of the store, or what the person opened. */
export async function openModelFiles(source: OnnxModelSource): Promise<ModelFiles> {
  if (source.kind === 'files') {
    return new Map(source.files.map(({ path, blob }) => [path, fromBlob(blob)]));
  }
  const store = await openWeightStore();
  const files = new Map<string, ModelFile>();
  for (const { path, key } of await storedFiles(store, source.modelId)) {
    const bytes = await openStoredModel(store, key);
    // Copied: the store hands out views of buffers that it uses again.
    files.set(path, { size: bytes.size, read: async () => new Uint8Array(await bytes.read(0, bytes.size)) });
  }
  if (files.size === 0) throw new SottoError('model-unknown', `The model "${source.modelId}" is not stored here.`);
  return files;
}

function fromBlob(blob: Blob): ModelFile {
  return { size: blob.size, read: async () => new Uint8Array(await blob.arrayBuffer()) };
}
